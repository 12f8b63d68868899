"""Durable work of the diary service: rows and their Keto tuples become and stay one.

Each step can be repeated. Whether a tuple is to be is decided by the committed row, under a lock per object, so
grants and removals end right in whatever order they run.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dbos import DBOS

from services.diary.embedding import Embedding
from services.diary.store import DiaryStore
from shared.contracts.base import Nothing
from shared.contracts.diary import DiaryCreated, EntryCreated, Visibility
from shared.durable.engine import continued_trace, step_until_done
from shared.durable.operations import Operations
from shared.messaging.bus import Bus
from shared.messaging.headers import OperationStamp
from shared.messaging.outcomes import RESULT, Outcome
from shared.permissions import Permissions
from shared.postgres import Connection, Database
from shared.problems import unavailable

SERVICE = "diary"
LATE_EMBEDDING = "late_embedding"
"""A queue of its own: entries that wait for the embedder must not hold up permissions."""


@dataclass(frozen=True)
class Parts:
    """What steps work with."""

    database: Database
    store: DiaryStore
    operations: Operations
    permissions: Permissions
    embedding: Embedding
    bus: Bus


_parts: Parts


def wire(parts: Parts) -> None:
    """Give the steps their parts. Workflows are module functions, since the queue finds them by name."""
    global _parts
    _parts = parts


@DBOS.workflow(name="create_diary")
async def create_diary(
    stamp: dict[str, Any], diary_id: str, owner_id: str, name: str, visibility: str, traceparent: str
) -> str:
    """The command itself: row, owner tuple, kept outcome, event. Returns the diary as JSON."""
    with continued_trace(traceparent):
        diary = await put_diary(diary_id, owner_id, name, visibility)
        await grant_diary_owner(diary_id, owner_id)
        await keep_outcome(stamp, diary)
        await announce_diary(diary_id, owner_id)
        return diary


@DBOS.workflow(name="discard_diary")
async def discard_diary(stamp: dict[str, Any], diary_id: str, owner_id: str, traceparent: str) -> None:
    with continued_trace(traceparent):
        await delete_diary(diary_id, owner_id)
        await remove_diary_relations(diary_id)
        await keep_outcome(stamp, Nothing().model_dump_json())


@DBOS.workflow(name="grant_entry_parent")
async def grant_entry_parent(entry_id: str, diary_id: str, traceparent: str) -> None:
    """Follows the entry's row: its parent tuple, then its event."""
    with continued_trace(traceparent):
        await put_entry_parent(entry_id, diary_id)
        await announce_entry(entry_id, diary_id)


@DBOS.workflow(name="embed_entry")
async def embed_entry(entry_id: str, traceparent: str) -> None:
    """Follows the row of an entry that could not be embedded in time."""
    with continued_trace(traceparent):
        await embed_late(entry_id)


@step_until_done("put_diary")
async def put_diary(diary_id: str, owner_id: str, name: str, visibility: str) -> str:
    async with _parts.database.transaction() as connection:
        diary = await _parts.store.put_diary(
            connection, UUID(diary_id), UUID(owner_id), name, Visibility(visibility)
        )
    return diary.model_dump_json()


@step_until_done("delete_diary")
async def delete_diary(diary_id: str, owner_id: str) -> None:
    async with _parts.database.transaction() as connection:
        await _parts.store.delete_diary(connection, UUID(diary_id), UUID(owner_id))


@step_until_done("grant_diary_owner")
async def grant_diary_owner(diary_id: str, owner_id: str) -> None:
    async with _parts.database.transaction() as connection:
        await _lock(connection, diary_id)
        exists = await connection.fetchval("SELECT true FROM diaries WHERE id = $1", UUID(diary_id))
        if exists:
            await _parts.permissions.grant_diary_owner(UUID(diary_id), UUID(owner_id))


@step_until_done("remove_diary_relations")
async def remove_diary_relations(diary_id: str) -> None:
    async with _parts.database.transaction() as connection:
        await _lock(connection, diary_id)
        await _parts.permissions.remove_diary(UUID(diary_id))


@step_until_done("put_entry_parent")
async def put_entry_parent(entry_id: str, diary_id: str) -> None:
    async with _parts.database.transaction() as connection:
        await _lock(connection, entry_id)
        if await _parts.store.has_entry(connection, UUID(entry_id)):
            await _parts.permissions.grant_entry_parent(UUID(entry_id), UUID(diary_id))


@step_until_done("keep_outcome")
async def keep_outcome(stamp: dict[str, Any], result: str) -> None:
    outcome = Outcome(RESULT, result.encode())
    async with _parts.database.transaction() as connection:
        await _parts.operations.keep_once(connection, OperationStamp.model_validate(stamp), outcome)


@step_until_done("embed_late")
async def embed_late(entry_id: str) -> None:
    text = await _parts.store.entry_text(UUID(entry_id))
    if text is None:
        return
    vector = await _parts.embedding.late_passage(text)
    if vector is None:
        raise unavailable("embedder service")
    await _parts.store.set_vector(UUID(entry_id), text, vector)


@step_until_done("announce_diary")
async def announce_diary(diary_id: str, owner_id: str) -> None:
    event = DiaryCreated(diary_id=UUID(diary_id), owner_id=UUID(owner_id))
    await _parts.bus.announce(event, key=diary_id)


@step_until_done("announce_entry")
async def announce_entry(entry_id: str, diary_id: str) -> None:
    event = EntryCreated(entry_id=UUID(entry_id), diary_id=UUID(diary_id))
    await _parts.bus.announce(event, key=entry_id)


async def _lock(connection: Connection, identifier: str) -> None:
    """One writer of an object's tuples at a time, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", identifier)
