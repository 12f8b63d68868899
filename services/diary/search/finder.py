"""A search from the question to the page of entries."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.diary.permitted import ReadableDiaryId
from services.diary.query_text import QueryText
from services.diary.search.binding import bound, statement
from services.diary.search.candidates import Candidates, find_candidates
from services.diary.search.question import QueryEmbedding, Question, analyse
from services.diary.search.ranking import Judged, how_many_fit, page, rank_in_steps
from services.diary.search.relevance import Evidence, judge_relevance, nearness
from services.diary.search.searched import SearchedSet
from services.diary.search.wording import Frequencies, judge_wording
from services.diary.store import ENTRY_COLUMNS, as_entry
from shared.contracts.diary import DiaryEntry, SearchCriteria, SearchResult, SearchType
from shared.postgres import Connection, Database

_TRAITS, _NEWEST = statement("traits"), statement("newest")
_ENTRIES = statement("entries").replace(":columns", ENTRY_COLUMNS)


class Search:
    def __init__(self, database: Database, embedding: QueryEmbedding) -> None:
        self._database = database
        self._embedding = embedding

    async def find(self, diaries: Sequence[ReadableDiaryId], wanted: SearchCriteria) -> SearchResult:
        """Best first; without a query newest first. No diaries, no results."""
        if not diaries:
            return _result([], SearchType.HYBRID if wanted.query else SearchType.LIST)
        return await self._find(diaries, wanted)

    async def find_public(self, wanted: SearchCriteria) -> SearchResult:
        """The same over every public diary, whoever asks."""
        return await self._find(None, wanted)

    async def _find(self, diaries: Sequence[ReadableDiaryId] | None, wanted: SearchCriteria) -> SearchResult:
        if wanted.query is None:
            async with self._database.connection() as connection:
                entries = await _newest(connection, SearchedSet(diaries, wanted))
            return _result(entries, SearchType.LIST)
        text = QueryText.parse(wanted.query)
        vector = await self._embedding.query(text.words) if _says_something(text.words) else None
        async with self._database.connection() as connection:
            question = await analyse(connection, text, vector)
            searched = SearchedSet(diaries, wanted, question.required, question.excluded)
            entries = await find_answers(connection, searched, question)
        return _result(entries, SearchType.HYBRID if vector else SearchType.FULLTEXT)


def _says_something(text: str) -> bool:
    """Signs alone have no meaning that a model could compare."""
    return any(map(str.isalnum, text))


def _result(entries: list[DiaryEntry], kind: SearchType) -> SearchResult:
    return SearchResult(results=entries, total=len(entries), search_type=kind)


async def find_answers(connection: Connection, searched: SearchedSet, question: Question) -> list[DiaryEntry]:
    """Best first. A query that only excludes wants the newest of what is left."""
    if not question.text.words:
        return await _newest(connection, searched) if question.text.exclusions else []
    candidates = await find_candidates(connection, searched, question)
    judged = await _judged(connection, question, candidates)
    ranked = rank_in_steps(judged, candidates.steps, searched.criteria)
    return await _entries(connection, page(ranked, searched.criteria))


async def _judged(connection: Connection, question: Question, candidates: Candidates) -> list[Judged]:
    vector = question.vector
    values = {
        "ids": candidates.ids,
        "words": question.words,
        "phrases": question.text.phrases,
        "vector": vector.vector.values if vector else None,
        "model": vector.vector.model if vector else None,
    }
    query, arguments = bound(_TRAITS, values)
    rows = await connection.fetch(query, *arguments)
    judged = (_judge(row, question, candidates.frequencies) for row in rows)
    return [one for one in judged if one is not None]


def _judge(row: asyncpg.Record, question: Question, frequencies: Frequencies) -> Judged | None:
    places = dict(zip(row["words"] or (), row["places"] or (), strict=True))
    near = None
    if question.vector and row["similarity"] is not None:
        near = nearness(row["similarity"], question.vector.min_similarity)
    wording = judge_wording(places, row["length"], frequencies, question.alternatives)
    evidence = Evidence(wording, near, frequencies.strangeness, row["literal"])
    relevance = judge_relevance(evidence)
    if relevance is None:
        return None
    return Judged(row["id"], relevance, row["hours"], row["importance"], row["created_at"], row["tokens"])


async def _newest(connection: Connection, searched: SearchedSet) -> list[DiaryEntry]:
    wanted = searched.criteria
    query, arguments = searched.statement(_NEWEST, limit=wanted.limit, offset=wanted.offset)
    rows = await connection.fetch(query, *arguments)
    fitting = how_many_fit([row["tokens"] for row in rows], wanted.max_tokens)
    return await _entries(connection, [row["id"] for row in rows[:fitting]])


async def _entries(connection: Connection, ids: Sequence[UUID]) -> list[DiaryEntry]:
    """In the order of the ids. What has gone meanwhile is left out."""
    if not ids:
        return []
    query, arguments = bound(_ENTRIES, {"ids": ids})
    rows = await connection.fetch(query, *arguments)
    found = {row["id"]: as_entry(row) for row in rows}
    return [found[one] for one in ids if one in found]
