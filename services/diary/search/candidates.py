"""Which entries may be answers: the nearest in meaning, and those that hold what is asked for.

Small searched sets are compared entry by entry, large ones through indexes. `bench.search_scale` shows where
that begins to pay.
"""

from dataclasses import dataclass
from uuid import UUID

from services.diary.search.binding import bound, statement
from services.diary.search.question import Question
from services.diary.search.relevance import COVERAGE_LOWERS
from services.diary.search.searched import SearchedSet
from services.diary.search.wording import Frequencies
from shared.contracts.diary import SearchCriteria
from shared.postgres import Connection

EXACT_AT_MOST = 10_000
"""Entries of a searched set that are compared one by one: some 2.5 ms a thousand, and nothing is missed. The index
takes 10 to 20 ms whatever the size, and misses one in a hundred of the ten best."""

STEPS = (200, 1_000, 10_000)
"""Candidates of each kind. Deeper pages need more of them: those of a step are placed after all of the steps before,
so that every page is cut from the same order."""

TELLING_AT_MOST = 5_000
"""A word that more entries hold does not lead to candidates in a large set, unless they hold all words."""

EF_SEARCH = 200

_SIZE = statement("size")
_NEAR_EXACT, _NEAR_INDEXED = statement("near_exact"), statement("near_indexed")
_WORDED_EXACT, _WORDED_INDEXED = statement("worded_exact"), statement("worded_indexed")
_FREQUENCIES, _HOLDERS = statement("frequencies"), statement("holders")
_SETTINGS = (
    "SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'relaxed_order', true)"
)


@dataclass(frozen=True)
class Candidates:
    """Entries near in meaning and entries that share words, either best first, and what the words are worth."""

    near: list[UUID]
    worded: list[UUID]
    frequencies: Frequencies

    @property
    def ids(self) -> list[UUID]:
        """All of them, each once."""
        return list(dict.fromkeys([*self.near, *self.worded]))

    @property
    def steps(self) -> list[set[UUID]]:
        """Those that each step adds."""
        seen: set[UUID] = set()
        added = []
        for step in STEPS:
            upto = {*self.near[:step], *self.worded[:step]}
            added.append(upto - seen)
            seen |= upto
        return added


async def find_candidates(connection: Connection, searched: SearchedSet, question: Question) -> Candidates:
    most = how_many(searched.criteria)
    query, arguments = searched.statement(_SIZE, most=EXACT_AT_MOST + 1)
    size = await connection.fetchval(query, *arguments)
    if size <= EXACT_AT_MOST:
        return await find_exactly(connection, searched, question, size, most)
    async with connection.transaction(readonly=True):
        return await find_by_index(connection, searched, question, most)


def how_many(wanted: SearchCriteria) -> int:
    """Twice as many as the pages so far hold, since not every candidate is an answer."""
    needed = 2 * (wanted.offset + wanted.limit)
    return next((step for step in STEPS if needed <= step), STEPS[-1])


async def find_exactly(
    connection: Connection, searched: SearchedSet, question: Question, size: int, most: int
) -> Candidates:
    near = await _near(connection, _NEAR_EXACT, searched, question, most)
    if not question.words:
        return Candidates(near, [], Frequencies(size, {}))
    query, arguments = searched.statement(
        _WORDED_EXACT, words=question.words, any_word=question.any_word, size=size, most=most
    )
    row = await connection.fetchrow(query, *arguments)
    if row is None:
        raise RuntimeError("a SELECT without FROM returned nothing")
    holders = dict.fromkeys(question.words, 0) | dict(zip(row["words"], row["holders"], strict=True))
    return Candidates(near, row["ids"], Frequencies(size, holders))


async def find_by_index(
    connection: Connection, searched: SearchedSet, question: Question, most: int
) -> Candidates:
    """To be called in a transaction, for its settings."""
    await connection.execute(_SETTINGS, str(EF_SEARCH))
    near = await _near(connection, _NEAR_INDEXED, searched, question, most)
    if not question.words:
        return Candidates(near, [], Frequencies(EXACT_AT_MOST, {}))
    frequencies = await _frequencies(connection, searched, question)
    query, arguments = searched.statement(
        _WORDED_INDEXED,
        words=question.words,
        weights=[frequencies.weights[word] for word in question.words],
        telling=_telling(question, frequencies),
        matching=TELLING_AT_MOST,
        most=most,
    )
    rows = await connection.fetch(query, *arguments)
    return Candidates(near, [row["id"] for row in rows], frequencies)


async def _near(
    connection: Connection, text: str, searched: SearchedSet, question: Question, most: int
) -> list[UUID]:
    vector = question.vector
    if vector is None:
        return []
    gate = vector.min_similarity
    query, arguments = searched.statement(
        text,
        vector=vector.vector.values,
        model=vector.vector.model,
        farthest=1 - gate + COVERAGE_LOWERS * (1 - gate),
        most=most,
    )
    return [row["id"] for row in await connection.fetch(query, *arguments)]


async def _frequencies(connection: Connection, searched: SearchedSet, question: Question) -> Frequencies:
    """Of common words in all entries: counting them in the searched set would mean to read it. Of others in the
    searched set, so that nobody learns which words stand in entries that are not theirs to read."""
    query, arguments = bound(_FREQUENCIES, {"words": question.words, "most": TELLING_AT_MOST + 1})
    rows = await connection.fetch(query, *arguments)
    holders = {row["word"]: row["holders"] for row in rows}
    rare = [word for word, count in holders.items() if count <= TELLING_AT_MOST]
    query, arguments = searched.statement(_HOLDERS, words=rare, most=TELLING_AT_MOST)
    counted = {row["word"]: row["holders"] for row in await connection.fetch(query, *arguments)}
    return Frequencies(rows[0]["entries"], holders | counted)


def _telling(question: Question, frequencies: Frequencies) -> str:
    """A text-search query for entries with any of the words that few hold, or with all of the words."""
    rare = [word for word, holders in frequencies.holders.items() if 0 < holders <= TELLING_AT_MOST]
    return " | ".join([f"({question.every_word})", *(f"'{word}'" for word in rare)])
