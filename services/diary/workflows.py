"""Durable work of the diary service, as stories. The steps are in `services.diary.steps`.

Commands that answer when Keto has it are workflows themselves, under the command's id; what need not be waited
for is put on the queue in the transaction of the change (`services.diary.follow_ups`).
"""

from typing import Any
from uuid import UUID

from dbos import DBOS

from services.diary import steps
from services.diary.follow_ups import share_changed
from services.diary.names import EMBED_ENTRY, ENTRY_CREATED, ENTRY_DELETED
from shared.contracts.base import Success
from shared.contracts.diary import DiaryCreated, DiaryShare, EntryCreated, EntryDeleted
from shared.durable.announcing import announce
from shared.durable.engine import continued_trace
from shared.messaging.outcomes import PROBLEM, RESULT
from shared.problems import Problem

Stamp = dict[str, Any]


@DBOS.workflow(name="create_diary")
async def create_diary(
    stamp: Stamp, diary_id: str, owner_id: str, name: str, visibility: str, traceparent: str
) -> tuple[str, str]:
    """Row, owner tuple, outcome, event. Returns the outcome: the diary, or why not."""
    with continued_trace(traceparent):
        try:
            diary = await steps.put_diary(stamp["id"], diary_id, owner_id, name, visibility)
        except Problem as problem:
            return PROBLEM, problem.details().model_dump_json()
        await steps.grant_diary_owner(diary_id, owner_id)
        await steps.keep_result(stamp, diary)
        await announce(DiaryCreated(diary_id=UUID(diary_id), owner_id=UUID(owner_id)), diary_id)
        return RESULT, diary


@DBOS.workflow(name="discard_diary")
async def discard_diary(stamp: Stamp, diary_id: str, opening: str, traceparent: str) -> tuple[str, str]:
    """As if the diary had never been opened, and so that it will not be. Returns the outcome."""
    with continued_trace(traceparent):
        await steps.withdraw_diary(diary_id, opening)
        await steps.remove_diary_relations(diary_id)
        result = Success().model_dump_json()
        await steps.keep_result(stamp, result)
        return RESULT, result


@DBOS.workflow(name="delete_diary")
async def delete_diary(stamp: Stamp, diary_id: str, traceparent: str) -> tuple[str, str]:
    """The row with all that hangs on it and its event, then every tuple of the diary and of its entries.

    Returns the outcome: success, or why not.
    """
    with continued_trace(traceparent):
        try:
            await steps.delete_diary_row(diary_id, stamp["caller"], stamp["id"])
        except Problem as problem:
            return PROBLEM, problem.details().model_dump_json()
        await steps.remove_diary_relations(diary_id)
        result = Success().model_dump_json()
        await steps.keep_result(stamp, result)
        return RESULT, result


@DBOS.workflow(name="accept_invitation")
async def accept_invitation(
    stamp: Stamp, share_id: str, identity_id: str, traceparent: str
) -> tuple[str, str]:
    """Returns the outcome: the share, or why not."""
    with continued_trace(traceparent):
        try:
            share = await steps.accept_share(share_id, identity_id, stamp["id"])
        except Problem as problem:
            return PROBLEM, problem.details().model_dump_json()
        await steps.sync_share(share["diary_id"], share["shared_with"])
        return await _conclude_share(stamp, share, steps.as_json(share))


@DBOS.workflow(name="revoke_share")
async def revoke_share(stamp: Stamp, diary_id: str, identity_id: str, traceparent: str) -> tuple[str, str]:
    """Returns the outcome: success, or why not."""
    with continued_trace(traceparent):
        try:
            share = await steps.revoke_share_row(diary_id, identity_id)
        except Problem as problem:
            return PROBLEM, problem.details().model_dump_json()
        await steps.sync_share(diary_id, identity_id)
        return await _conclude_share(stamp, share, Success().model_dump_json())


async def _conclude_share(stamp: Stamp, share: dict[str, Any], result: str) -> tuple[str, str]:
    await steps.keep_result(stamp, result)
    await announce(share_changed(DiaryShare.model_validate(share)), stamp["id"])
    return RESULT, result


@DBOS.workflow(name=ENTRY_CREATED)
async def entry_created(entry_id: str, diary_id: str, traceparent: str) -> None:
    with continued_trace(traceparent):
        await steps.grant_entry_parent(entry_id, diary_id)
        await announce(EntryCreated(entry_id=UUID(entry_id), diary_id=UUID(diary_id)), entry_id)


@DBOS.workflow(name=ENTRY_DELETED)
async def entry_deleted(entry_id: str, diary_id: str, traceparent: str) -> None:
    with continued_trace(traceparent):
        await steps.remove_entry_relations(entry_id)
        event = EntryDeleted(entry_id=UUID(entry_id), diary_id=UUID(diary_id))
        await announce(event, f"{entry_id}-deleted")


@DBOS.workflow(name=EMBED_ENTRY)
async def embed_entry(entry_id: str, traceparent: str) -> None:
    """For an entry that could not be embedded in time."""
    with continued_trace(traceparent):
        await steps.embed_late(entry_id)
