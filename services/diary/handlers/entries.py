"""Entries: write, read, list, change, delete."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from faststream.nats import NatsRouter
from uuid6 import uuid7

from services.diary import follow_ups
from services.diary.content import EntryText
from services.diary.desk import Desk, DeskPart
from services.diary.embedding import LATE, PassageVector
from services.diary.injection import injection_risk
from services.diary.permitted import WritableDiaryId
from services.diary.search.chunks import put_chunks
from services.diary.supersession import check_readable, check_successor
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
from shared.messaging.headers import CommandContext
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection

router = NatsRouter()


@dataclass(frozen=True)
class _Reading:
    """A text, what there is of its vector, and whether it is like an attack."""

    text: EntryText
    embedded: PassageVector
    flagged: bool


@on_command(router, CreateEntry)
async def create_entry(message: CreateEntry, operation: Operation, desk: DeskPart) -> DiaryEntry:
    """The row, its parent grant and, without a vector, its late embedding commit together."""
    diary_id = await desk.access.write(message.diary_id, known(operation.caller))
    reading = await _read(desk, EntryText.of(message))
    await _still_writes(desk, diary_id, operation)
    entry_id = uuid7()

    async def effect(connection: Connection) -> DiaryEntry:
        entry = await desk.entries.insert(
            connection, diary_id, entry_id, message, reading.embedded.vector, flagged=reading.flagged
        )
        await follow_ups.entry_created(connection, entry_id, diary_id)
        if reading.embedded.late:
            await follow_ups.embed_later(connection, entry_id, operation.id)
        elif reading.embedded.vector is not None:
            await put_chunks(connection, entry_id, reading.embedded.vector)
        return entry

    return await desk.operations.commit(operation, effect)


@on_command(router, UpdateEntry)
async def update_entry(message: UpdateEntry, operation: Operation, desk: DeskPart) -> DiaryEntry:
    """Whoever changes the entry at the same time waits."""
    diary_id = await desk.access.write(message.diary_id, known(operation.caller))
    if message.superseded_by is not None:
        await check_readable(desk, message.superseded_by, known(operation.caller))
    before = await desk.entries.entry(diary_id, message.entry_id)
    expected = EntryText.of(_changed(before, message))
    reading = None
    if expected != EntryText.of(before):
        reading = await _read(desk, expected)
        await _still_writes(desk, diary_id, operation)

    async def effect(connection: Connection) -> DiaryEntry:
        if message.superseded_by is not None:
            await check_successor(desk.entries, connection, diary_id, message.entry_id, message.superseded_by)
        now = await desk.entries.locked(connection, diary_id, message.entry_id)
        entry = _changed(now, message)
        text = EntryText.of(entry)
        if text == EntryText.of(now):
            entry = await desk.entries.update(connection, entry)
        else:
            entry = await _write_text(desk, connection, entry, _fitting(reading, text), operation.id)
        event = EntryUpdated(entry_id=entry.id, diary_id=diary_id)
        await tell_later(connection, operation.id, event)
        return entry

    return await desk.operations.commit(operation, effect)


def _changed(entry: DiaryEntry, changes: EntryChanges) -> DiaryEntry:
    given = {name: getattr(changes, name) for name in EntryChanges.model_fields}
    return entry.model_copy(update={name: value for name, value in given.items() if value is not None})


async def _read(desk: Desk, text: EntryText) -> _Reading:
    embedded = await desk.embedding.passage(text)
    return _Reading(text, embedded, await desk.suspicion.of(text, embedded.vector))


async def _still_writes(desk: Desk, diary_id: WritableDiaryId, operation: CommandContext) -> None:
    """Reading a text can take seconds, in which the permission may have been taken away."""
    await desk.access.write(diary_id, known(operation.caller))


def _fitting(reading: _Reading | None, text: EntryText) -> _Reading:
    """The reading, unless another change came between and the text is not the expected one: then by its words."""
    if reading is not None and reading.text == text:
        return reading
    return _Reading(text, LATE, injection_risk(text.title, text.content))


async def _write_text(
    desk: Desk, connection: Connection, entry: DiaryEntry, reading: _Reading, operation: UUID
) -> DiaryEntry:
    """With its vector; if that is late, the old one serves until it is there."""
    flagged = entry.model_copy(update={"injection_risk": reading.flagged})
    written = await desk.entries.update(connection, flagged)
    vector = reading.embedded.vector
    if reading.embedded.late:
        await follow_ups.embed_later(connection, entry.id, operation)
    else:
        await desk.entries.put_vector(connection, entry.id, vector)
    if vector is not None:
        await put_chunks(connection, entry.id, vector)
    return written


@on_command(router, DeleteEntry)
async def delete_entry(message: DeleteEntry, operation: Operation, desk: DeskPart) -> Success:
    diary_id = await desk.access.write(message.diary_id, known(operation.caller))

    async def effect(connection: Connection) -> Success:
        for bereft in await desk.entries.delete(connection, diary_id, message.entry_id):
            event = EntryUpdated(entry_id=bereft, diary_id=diary_id)
            await tell_later(connection, uuid5(operation.id, str(bereft)), event)
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
