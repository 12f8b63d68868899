"""Hybrid search: what is alike in meaning and what shares words, fused by rank.

The two channels rank at most `2 * (limit + offset)` candidates each; ranks are fused (reciprocal rank fusion,
k = 60) and normalised so that first in both is 1. The vector channel has a gate that is the model's, so that
nonsense finds nothing. The text channel counts only hits with at least two thirds of the query's lexemes:
with fewer, a shared common word would push what is meant behind what is merely worded alike.
"""

from collections.abc import Sequence
from importlib import resources

from services.diary.embedding import Embedding, QueryVector
from services.diary.permitted import ReadableDiaryId
from services.diary.query_text import QueryText
from services.diary.store import EntryStore, as_entry
from shared.contracts.diary import DiaryEntry, SearchCriteria, SearchResult, SearchType
from shared.postgres import Database

HYBRID = resources.files("services.diary").joinpath("hybrid_search.sql").read_text()


class Search:
    def __init__(self, database: Database, entries: EntryStore, embedding: Embedding) -> None:
        self._database = database
        self._entries = entries
        self._embedding = embedding

    async def find(self, diaries: Sequence[ReadableDiaryId], wanted: SearchCriteria) -> SearchResult:
        """Best first. Without a query: newest first. No diaries, no results."""
        if not diaries:
            kind = SearchType.HYBRID if wanted.query else SearchType.LIST
            return SearchResult(results=[], total=0, search_type=kind)
        if wanted.query is None:
            return await self._newest(diaries, wanted)
        text = QueryText.parse(wanted.query)
        vector = await self._embedding.query(text.words) if text.words else None
        entries = await self._ranked(diaries, wanted, text, vector)
        kind = SearchType.HYBRID if vector else SearchType.FULLTEXT
        return SearchResult(results=entries, total=len(entries), search_type=kind)

    async def _newest(self, diaries: Sequence[ReadableDiaryId], wanted: SearchCriteria) -> SearchResult:
        entries, _ = await self._entries.newest(
            diaries,
            wanted.tags,
            wanted.entry_types,
            wanted.exclude_superseded,
            wanted.limit,
            wanted.offset,
        )
        return SearchResult(results=entries, total=len(entries), search_type=SearchType.LIST)

    async def _ranked(
        self,
        diaries: Sequence[ReadableDiaryId],
        wanted: SearchCriteria,
        text: QueryText,
        query: QueryVector | None,
    ) -> list[DiaryEntry]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                HYBRID,
                diaries,
                wanted.tags,
                wanted.entry_types,
                wanted.exclude_superseded,
                query.vector.values if query else None,
                query.vector.model if query else None,
                1 - query.min_similarity if query else 0.0,
                text.wanted,
                text.excluded,
                wanted.w_relevance,
                wanted.w_recency,
                wanted.w_importance,
                wanted.limit,
                wanted.offset,
            )
        return [as_entry(row) for row in rows]
