"""Diaries: create, list, get, change, delete."""

from uuid import UUID

from faststream.nats import NatsRouter
from uuid6 import uuid7

from services.diary import workflows
from services.diary.desk import DeskPart
from shared.contracts.base import Success
from shared.contracts.diary import (
    CreateDiary,
    DeleteDiary,
    Diary,
    DiaryItems,
    DiaryUpdated,
    DiscardPrivateDiary,
    FilterDiaries,
    GetDiary,
    ListDiaries,
    NewDiary,
    OpenDiaries,
    OpenPrivateDiary,
    UpdateDiary,
)
from shared.durable.announcing import tell_later
from shared.durable.engine import current_trace, is_started, run_workflow
from shared.messaging.commands import Operation, on_command
from shared.messaging.headers import CommandContext
from shared.messaging.outcomes import Outcome
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection

router = NatsRouter()

PRIVATE = "Private"
"""The name of the diary that every agent starts with."""


@on_command(router, CreateDiary)
async def create_diary(message: CreateDiary, operation: Operation) -> Diary:
    return await _create(uuid7(), known(operation.caller).identity_id, message, operation)


@on_command(router, OpenPrivateDiary)
async def open_private_diary(message: OpenPrivateDiary, operation: Operation) -> Diary:
    return await _create(message.diary_id, message.owner_id, NewDiary(name=PRIVATE), operation)


async def _create(diary_id: UUID, owner_id: UUID, new: NewDiary, operation: CommandContext) -> Diary:
    kind, body = await run_workflow(
        workflows.create_diary,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(diary_id),
        str(owner_id),
        new.name,
        new.visibility,
        current_trace(),
    )
    return Outcome(kind, body.encode()).unwrap(Diary)


@on_command(router, DiscardPrivateDiary)
async def discard_private_diary(message: DiscardPrivateDiary, operation: Operation) -> Success:
    """Whether the diary is there, is being opened, or its opening is still on the way."""
    kind, body = await run_workflow(
        workflows.discard_diary,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(message.diary_id),
        str(message.opening),
        current_trace(),
    )
    return Outcome(kind, body.encode()).unwrap(Success)


@on_command(router, UpdateDiary)
async def update_diary(message: UpdateDiary, operation: Operation, desk: DeskPart) -> Diary:
    """A new visibility holds from the answer on, for every entry: it is read with each request."""
    diary_id = await desk.access.manage(message.diary_id, known(operation.caller))

    async def effect(connection: Connection) -> Diary:
        diary = await desk.diaries.update(connection, diary_id, message)
        await tell_later(connection, operation.id, DiaryUpdated(diary_id=diary_id))
        return diary

    return await desk.operations.commit(operation, effect)


@on_command(router, DeleteDiary)
async def delete_diary(message: DeleteDiary, operation: Operation, desk: DeskPart) -> Success:
    """Once begun it goes through: a repeated command joins it, though the diary may be gone."""
    if not await is_started(operation.id):
        await desk.access.manage(message.diary_id, known(operation.caller))
    return await _delete(message.diary_id, operation)


async def _delete(diary_id: UUID, operation: CommandContext) -> Success:
    kind, body = await run_workflow(
        workflows.delete_diary,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(diary_id),
        current_trace(),
    )
    return Outcome(kind, body.encode()).unwrap(Success)


@on_query(router, GetDiary)
async def get_diary(message: GetDiary, caller: Caller, desk: DeskPart) -> Diary:
    _, diary = await desk.access.read(message.diary_id, caller)
    return diary


@on_query(router, ListDiaries)
async def list_diaries(message: ListDiaries, caller: Caller, desk: DeskPart) -> DiaryItems:
    return DiaryItems(items=await desk.diaries.owned(known(caller).identity_id))


@on_query(router, FilterDiaries)
async def filter_diaries(message: FilterDiaries, caller: Caller, desk: DeskPart) -> OpenDiaries:
    return await desk.access.open_among(message.diary_ids, known(caller))
