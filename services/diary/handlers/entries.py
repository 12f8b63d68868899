"""Entries: write, read, list, change, delete."""

from uuid import UUID

from faststream.nats import NatsRouter
from uuid6 import uuid7

from services.diary import follow_ups
from services.diary.content import EntryText
from services.diary.desk import Desk, DeskPart
from services.diary.permitted import WritableDiaryId
from services.diary.search.chunks import put_chunks
from services.diary.store import EmbeddedVector
from services.diary.supersession import check_successor
from shared.contracts.base import Success
from shared.contracts.diary import (
    CreateEntry,
    DeleteEntry,
    DiaryEntry,
    DiaryList,
    EntryChanges,
    EntryUpdated,
    GetEntry,
    ListEntries,
    UpdateEntry,
)
from shared.durable.announcing import tell_later
from shared.messaging.commands import Operation, on_command
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection

router = NatsRouter()


@on_command(router, CreateEntry)
async def create_entry(message: CreateEntry, operation: Operation, desk: DeskPart) -> DiaryEntry:
    """The row, its parent grant and, without a vector, its late embedding commit together."""
    diary_id = await desk.access.write(message.diary_id, known(operation.caller))
    text = EntryText.of(message)
    vector = await desk.embedding.passage(text)
    flagged = await desk.suspicion.of(text, vector)
    entry_id = uuid7()

    async def effect(connection: Connection) -> DiaryEntry:
        entry = await desk.entries.insert(connection, diary_id, entry_id, message, vector, flagged=flagged)
        await follow_ups.entry_created(connection, entry_id, diary_id)
        if vector is None:
            await follow_ups.embed_later(connection, entry_id, operation.id)
        else:
            await put_chunks(connection, entry_id, vector)
        return entry

    return await desk.operations.commit(operation, effect)


@on_command(router, UpdateEntry)
async def update_entry(message: UpdateEntry, operation: Operation, desk: DeskPart) -> DiaryEntry:
    diary_id = await desk.access.write(message.diary_id, known(operation.caller))
    text = await _new_text(desk, diary_id, message.entry_id, message)
    vector = await desk.embedding.passage(text) if text else None
    flagged = await desk.suspicion.of(text, vector) if text else None

    async def effect(connection: Connection) -> DiaryEntry:
        if message.superseded_by is not None:
            await check_successor(desk.entries, connection, diary_id, message.entry_id, message.superseded_by)
        entry = await desk.entries.update(connection, diary_id, message.entry_id, message, flagged)
        await _keep_vector(desk, connection, entry, text, vector, operation.id)
        event = EntryUpdated(entry_id=entry.id, diary_id=diary_id)
        await tell_later(connection, operation.id, event)
        return entry

    return await desk.operations.commit(operation, effect)


async def _new_text(
    desk: Desk, diary_id: WritableDiaryId, entry_id: UUID, changes: EntryChanges
) -> EntryText | None:
    """What is to be embedded anew, or None when the text stays."""
    now = EntryText.of(await desk.entries.entry(diary_id, entry_id))
    title = now.title if changes.title is None else changes.title or None
    tags = now.tags if changes.tags is None else changes.tags
    text = EntryText(title, changes.content or now.content, tags)
    return None if text == now else text


async def _keep_vector(
    desk: Desk,
    connection: Connection,
    entry: DiaryEntry,
    text: EntryText | None,
    vector: EmbeddedVector | None,
    operation: UUID,
) -> None:
    """The vector of the text that is there now; if it is not at hand, the old one serves until it is."""
    if vector is not None and EntryText.of(entry) == text:
        await desk.entries.put_vector(connection, entry.id, vector)
        await put_chunks(connection, entry.id, vector)
    elif text is not None:
        await follow_ups.embed_later(connection, entry.id, operation)


@on_command(router, DeleteEntry)
async def delete_entry(message: DeleteEntry, operation: Operation, desk: DeskPart) -> Success:
    diary_id = await desk.access.write(message.diary_id, known(operation.caller))

    async def effect(connection: Connection) -> Success:
        await desk.entries.delete(connection, diary_id, message.entry_id)
        await follow_ups.entry_deleted(connection, message.entry_id, diary_id)
        return Success()

    return await desk.operations.commit(operation, effect)


@on_query(router, GetEntry)
async def get_entry(message: GetEntry, caller: Caller, desk: DeskPart) -> DiaryEntry:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    entry = await desk.entries.entry(diary_id, message.entry_id)
    desk.accesses.count([entry])
    return entry


@on_query(router, ListEntries)
async def list_entries(message: ListEntries, caller: Caller, desk: DeskPart) -> DiaryList:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    entries, total = await desk.entries.page([diary_id], message)
    return DiaryList(items=entries, total=total, limit=message.limit, offset=message.offset)
