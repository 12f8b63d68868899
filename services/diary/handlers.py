"""Messages in: every command and query of the diary service."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from faststream import Context
from faststream.nats import NatsRouter
from uuid6 import uuid7

from services.diary import workflows
from services.diary.access import DiaryAccess
from services.diary.embedding import Embedding
from services.diary.search import Search
from services.diary.store import DiaryStore
from shared.contracts.base import Nothing
from shared.contracts.diary import (
    CreateDiary,
    CreateEntry,
    Diary,
    DiaryEntry,
    DiaryItems,
    DiaryList,
    DiscardPrivateDiary,
    GetDiary,
    GetEntry,
    ListDiaries,
    ListEntries,
    OpenPrivateDiary,
    SearchEntries,
    SearchResult,
    Visibility,
)
from shared.durable.engine import current_trace, run_workflow
from shared.durable.enqueue import enqueue
from shared.durable.operations import Operations
from shared.messaging.commands import Operation, on_command
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection
from shared.problems import Problem

log = structlog.get_logger(__name__)

router = NatsRouter()


class AccessCounter:
    """Counts reads behind the reader's back: a failure is logged and forgotten."""

    def __init__(self, store: DiaryStore) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    def count(self, entries: list[DiaryEntry]) -> None:
        if entries:
            task = asyncio.create_task(self._count([entry.id for entry in entries]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _count(self, entry_ids: list[UUID]) -> None:
        try:
            await self._store.count_access(entry_ids)
        except (Problem, OSError) as failure:
            log.info("access_not_counted", error=type(failure).__name__)


@dataclass(frozen=True)
class Desk:
    """What the handlers work with."""

    store: DiaryStore
    access: DiaryAccess
    search: Search
    embedding: Embedding
    operations: Operations
    accesses: AccessCounter


DeskPart = Annotated[Desk, Context("desk", cast=False)]


@on_command(router, CreateDiary)
async def create_diary(message: CreateDiary, operation: Operation) -> Diary:
    owner = known(operation.caller)
    diary = await run_workflow(
        workflows.create_diary,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(uuid7()),
        str(owner.identity_id),
        message.name,
        message.visibility,
        current_trace(),
    )
    return Diary.model_validate_json(diary)


@on_command(router, OpenPrivateDiary)
async def open_private_diary(message: OpenPrivateDiary, operation: Operation) -> Diary:
    diary = await run_workflow(
        workflows.create_diary,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(message.diary_id),
        str(message.owner_id),
        "Private",
        Visibility.PRIVATE,
        current_trace(),
    )
    return Diary.model_validate_json(diary)


@on_command(router, DiscardPrivateDiary)
async def discard_private_diary(message: DiscardPrivateDiary, operation: Operation) -> Nothing:
    await run_workflow(
        workflows.discard_diary,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(message.diary_id),
        str(message.owner_id),
        current_trace(),
    )
    return Nothing()


@on_query(router, GetDiary)
async def get_diary(message: GetDiary, caller: Caller, desk: DeskPart) -> Diary:
    _, diary = await desk.access.read(message.diary_id, caller)
    return diary


@on_query(router, ListDiaries)
async def list_diaries(message: ListDiaries, caller: Caller, desk: DeskPart) -> DiaryItems:
    return DiaryItems(items=await desk.store.owned_diaries(known(caller).identity_id))


@on_command(router, CreateEntry)
async def create_entry(message: CreateEntry, operation: Operation, desk: DeskPart) -> DiaryEntry:
    """The row, its parent grant and, without a vector, its late embedding commit together."""
    diary_id = await desk.access.write(message.diary_id, operation.caller)
    vector = await desk.embedding.passage(message)
    entry_id = uuid7()

    async def effect(connection: Connection) -> DiaryEntry:
        entry = await desk.store.insert_entry(connection, diary_id, entry_id, message, vector)
        await enqueue(
            connection,
            workflows.SERVICE,
            "grant_entry_parent",
            f"grant-entry-parent-{entry_id}",
            str(entry_id),
            str(diary_id),
        )
        if vector is None:
            await enqueue(
                connection,
                workflows.SERVICE,
                "embed_entry",
                f"embed-entry-{entry_id}",
                str(entry_id),
                queue=workflows.LATE_EMBEDDING,
            )
        return entry

    return await desk.operations.commit(operation, effect)


@on_query(router, GetEntry)
async def get_entry(message: GetEntry, caller: Caller, desk: DeskPart) -> DiaryEntry:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    entry = await desk.store.entry(diary_id, message.entry_id)
    desk.accesses.count([entry])
    return entry


@on_query(router, ListEntries)
async def list_entries(message: ListEntries, caller: Caller, desk: DeskPart) -> DiaryList:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    entries, total = await desk.store.entries([diary_id], message)
    return DiaryList(items=entries, total=total, limit=message.limit, offset=message.offset)


@on_query(router, SearchEntries)
async def search_entries(message: SearchEntries, caller: Caller, desk: DeskPart) -> SearchResult:
    if message.diary_id is not None:
        diaries = [(await desk.access.read(message.diary_id, caller))[0]]
    else:
        diaries = await desk.access.readable(known(caller))
    found = await desk.search.find(diaries, message)
    desk.accesses.count(found.results)
    return found
