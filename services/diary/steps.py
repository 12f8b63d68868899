"""The steps of the diary service's workflows. Each can be repeated, and is until it is done.

Whether a tuple is to be is decided by the committed row, held while Keto is told. So grants and removals end
right in whatever order they run, and a row cannot go between the look and the write.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from services.diary.embedding import Embedding
from services.diary.permitted import OwnedDiaryId
from services.diary.search.chunks import put_chunks
from services.diary.store import DiaryStore, EntryStore, ShareStore
from services.diary.suspicion import Suspicion
from shared.contracts.diary import (
    DiaryDeleted,
    DiaryShare,
    OpenPrivateDiary,
    ShareRole,
    ShareStatus,
    Visibility,
)
from shared.durable.announcing import tell_later
from shared.durable.engine import step_until_done
from shared.durable.operations import Operations
from shared.messaging.headers import OperationStamp
from shared.messaging.outcomes import RESULT, Outcome
from shared.permissions import Permissions
from shared.postgres import Database
from shared.problems import Conflict

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Parts:
    """What steps work with. Their pool is their own: one that waits for Keto takes none from requests."""

    database: Database
    diaries: DiaryStore
    entries: EntryStore
    shares: ShareStore
    operations: Operations
    permissions: Permissions
    embedding: Embedding
    suspicion: Suspicion


_parts: Parts


def wire(parts: Parts) -> None:
    """Give the steps their parts. Workflows are module functions, since the queue finds them by name."""
    global _parts
    _parts = parts


@step_until_done("put_diary")
async def put_diary(command_id: str, diary_id: str, owner_id: str, name: str, visibility: str) -> str:
    """The diary as JSON. Conflict when the command was withdrawn."""
    async with _parts.database.transaction() as connection:
        await _parts.diaries.lock(connection, UUID(diary_id))
        if await _parts.operations.is_concluded(connection, UUID(command_id)):
            raise Conflict("The diary was discarded before it was opened.")
        diary = await _parts.diaries.put(
            connection, UUID(diary_id), UUID(owner_id), name, Visibility(visibility)
        )
    return diary.model_dump_json()


@step_until_done("grant_diary_owner")
async def grant_diary_owner(diary_id: str, owner_id: str) -> None:
    async with _parts.database.transaction() as connection:
        if await _parts.diaries.hold(connection, UUID(diary_id)):
            await _parts.permissions.grant_diary_owner(UUID(diary_id), UUID(owner_id))


@step_until_done("withdraw_diary")
async def withdraw_diary(diary_id: str, opening: str) -> None:
    """Conclude the command that opens the diary, so that it has no effect from now on, and undo what it had."""
    async with _parts.database.transaction() as connection:
        await _parts.diaries.lock(connection, UUID(diary_id))
        await _parts.operations.withdraw(connection, UUID(opening), OpenPrivateDiary.subject)
        await _parts.diaries.delete(connection, UUID(diary_id))


@step_until_done("delete_diary_row")
async def delete_diary_row(diary_id: str, owner_id: str, operation: str) -> None:
    """The event commits with it: run again, the step finds nobody any more whom the diary was shared with."""
    async with _parts.database.transaction() as connection:
        sharers = await _parts.shares.accepted(connection, UUID(diary_id))
        await _parts.diaries.delete(connection, UUID(diary_id))
        event = DiaryDeleted(diary_id=UUID(diary_id), owner_id=UUID(owner_id), shared_with=sharers)
        await tell_later(connection, UUID(operation), event)


@step_until_done("remove_diary_relations")
async def remove_diary_relations(diary_id: str) -> None:
    """The diary's own tuples, and the parent tuples of all its entries."""
    await _parts.permissions.remove_diary(UUID(diary_id))


@step_until_done("accept_share")
async def accept_share(share_id: str, identity_id: str, operation: str) -> dict[str, Any]:
    async with _parts.database.transaction() as connection:
        share = await _parts.shares.answer(
            connection, UUID(share_id), UUID(identity_id), ShareStatus.ACCEPTED, UUID(operation)
        )
    return share.model_dump(mode="json")


@step_until_done("revoke_share_row")
async def revoke_share_row(diary_id: str, identity_id: str) -> dict[str, Any]:
    async with _parts.database.transaction() as connection:
        share = await _parts.shares.revoke(connection, OwnedDiaryId(UUID(diary_id)), UUID(identity_id))
    return share.model_dump(mode="json")


@step_until_done("sync_share")
async def sync_share(diary_id: str, identity_id: str) -> None:
    """Keto as the share's row says: the accepted role and not the other, or neither."""
    diary, agent = UUID(diary_id), UUID(identity_id)
    async with _parts.database.transaction() as connection:
        share = await _parts.shares.hold(connection, diary, agent)
        accepted = share is not None and share.status is ShareStatus.ACCEPTED
        if not accepted or share is None:
            await _parts.permissions.remove_share(diary, agent)
        elif share.role is ShareRole.WRITER:
            await _parts.permissions.grant_diary_writer(diary, agent)
        else:
            await _parts.permissions.grant_diary_reader(diary, agent)


@step_until_done("grant_entry_parent")
async def grant_entry_parent(entry_id: str, diary_id: str) -> None:
    async with _parts.database.transaction() as connection:
        if await _parts.entries.hold(connection, UUID(entry_id)):
            await _parts.permissions.grant_entry_parent(UUID(entry_id), UUID(diary_id))


@step_until_done("remove_entry_relations")
async def remove_entry_relations(entry_id: str) -> None:
    await _parts.permissions.remove_entry(UUID(entry_id))


@step_until_done("keep_result")
async def keep_result(stamp: dict[str, Any], result: str) -> None:
    outcome = Outcome(RESULT, result.encode())
    async with _parts.database.transaction() as connection:
        await _parts.operations.keep_once(connection, OperationStamp.model_validate(stamp), outcome)


@step_until_done("embed_late")
async def embed_late(entry_id: str) -> None:
    """The vector of the text that is there now, or none when it can have none."""
    text = await _parts.entries.text(UUID(entry_id))
    if text is None:
        return
    found = await _parts.embedding.late_passage(text)
    if found.late:
        log.warning("entry_left_without_vector", entry_id=entry_id)
    flagged = await _parts.suspicion.of(text, found.vector)
    async with _parts.database.transaction() as connection:
        stored = await _parts.entries.set_vector(
            connection, UUID(entry_id), text, found.vector, flagged=flagged
        )
        if stored and found.vector is not None:
            await put_chunks(connection, UUID(entry_id), found.vector)


def as_json(share: dict[str, Any]) -> str:
    return DiaryShare.model_validate(share).model_dump_json()
