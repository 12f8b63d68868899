"""What the handlers work with."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog

from services.diary.access import DiaryAccess
from services.diary.authors import Authors
from services.diary.embedding import Embedding
from services.diary.search import Search
from services.diary.store import ChainStore, DiaryStore, EntryStore, FeedStore, ShareStore
from services.diary.suspicion import Suspicion
from shared.contracts.diary import DiaryEntry
from shared.durable.operations import Operations
from shared.messaging.bus import Bus
from shared.messaging.parts import Part
from shared.postgres import PASSING, Database
from shared.problems import Problem

log = structlog.get_logger(__name__)

GATHERING_SECONDS = 0.1


class AccessCounter:
    """Counts reads behind the reader's back, those of one moment together: a failure is logged and forgotten."""

    def __init__(self, entries: EntryStore) -> None:
        self._entries = entries
        self._waiting: Counter[UUID] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def count(self, entries: list[DiaryEntry]) -> None:
        self._waiting.update(entry.id for entry in entries)
        if self._waiting and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHERING_SECONDS)
            read, self._waiting = self._waiting, Counter()
            try:
                await self._entries.count_access(read)
            except (Problem, *PASSING) as failure:
                log.info("access_not_counted", error=type(failure).__name__)


@dataclass(frozen=True)
class Desk:
    database: Database
    diaries: DiaryStore
    entries: EntryStore
    shares: ShareStore
    chain: ChainStore
    feed: FeedStore
    authors: Authors
    access: DiaryAccess
    search: Search
    embedding: Embedding
    suspicion: Suspicion
    operations: Operations
    accesses: AccessCounter
    bus: Bus


DeskPart = Annotated[Desk, Part("desk")]
