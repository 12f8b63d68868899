"""Diaries for the tests of search, written straight into a database with vectors of the real model."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bench.judged import JudgedEntry
from bench.search_database import SearchDatabase
from bench.search_engine import ModelEmbedding
from bench.search_seeding import fill
from services.diary.permitted import ReadableDiaryId
from services.diary.search import Search
from shared.contracts.diary import SearchCriteria, SearchResult


@dataclass
class Library:
    """Diaries to search in. Entries go by the key they were written under."""

    place: SearchDatabase
    embedding: ModelEmbedding
    diaries: list[ReadableDiaryId] = field(default_factory=list)
    keys: dict[UUID, str] = field(default_factory=dict)

    async def write(self, key: str, content: str, **traits: Any) -> UUID:
        plain = {"agent": "a", "title": key, "tags": [], "type": "semantic", "importance": 5, "age_days": 1.0}
        entry = JudgedEntry.model_validate({**plain, "key": key, "content": content, **traits})
        diaries, keys = await fill(self.place, self.embedding, [entry])
        self.diaries += diaries
        self.keys |= keys
        return next(iter(keys))

    async def search(self, query: str | None, **criteria: Any) -> SearchResult:
        wanted = SearchCriteria(query=query, **criteria)
        return await Search(self.place.database, self.embedding).find(self.diaries, wanted)

    async def found(self, query: str | None, **criteria: Any) -> list[str]:
        return self.names(entry.id for entry in (await self.search(query, **criteria)).results)

    def names(self, ids: Iterable[UUID]) -> list[str]:
        return [self.keys[one] for one in ids]
