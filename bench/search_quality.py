"""How good search is on the judged set: `python -m bench.search_quality [--misses]`.

Each query is asked in three ways: by words alone, by vectors alone, and by both as the product does. The run
fails when both together are worse than the better of the two on any kind of query.
"""

import argparse
import asyncio
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bench import judged
from bench.judged import JudgedQuery
from bench.search_database import search_database
from bench.search_engine import ModelEmbedding, model_embedding
from bench.search_seeding import fill
from services.diary.permitted import ReadableDiaryId
from services.diary.query_text import QueryText
from services.diary.search.finder import find_answers
from services.diary.search.question import Question, analyse
from services.diary.search.searched import SearchedSet
from shared.postgres import Database

PLACES = 10
WORDS, VECTORS, BOTH = CHANNELS = ("words", "vectors", "both")
SLACK = 1e-9

Ranking = list[str]
"""The keys found, best first."""


@dataclass(frozen=True)
class Quality:
    """Means over the queries of a kind; for queries without an answer only how many got one all the same."""

    ndcg: float = math.nan
    recall: float = math.nan
    false_answers: float = math.nan

    @property
    def figure(self) -> float:
        """What must not get worse, the more the better."""
        return 1 - self.false_answers if math.isnan(self.ndcg) else self.ndcg

    def __str__(self) -> str:
        if math.isnan(self.ndcg):
            return f"{self.false_answers:.0%} false"
        return f"{self.ndcg:.3f} / {self.recall:.2f}"


def ndcg(found: Ranking, relevant: Mapping[str, int]) -> float:
    gained = _discounted([relevant.get(key, 0) for key in found[:PLACES]])
    return gained / _discounted(sorted(relevant.values(), reverse=True)[:PLACES])


def recall(found: Ranking, relevant: Mapping[str, int]) -> float:
    return len(set(found[:PLACES]) & set(relevant)) / min(PLACES, len(relevant))


def assess(queries: Sequence[JudgedQuery], rankings: Mapping[str, Ranking]) -> Quality:
    """Of queries that all have answers, or all have none."""
    if not queries[0].relevant:
        return Quality(false_answers=_mean([bool(rankings[query.id]) for query in queries]))
    return Quality(
        ndcg=_mean([ndcg(rankings[query.id], query.relevant) for query in queries]),
        recall=_mean([recall(rankings[query.id], query.relevant) for query in queries]),
    )


class Searcher:
    """Asks one query in each of the ways."""

    def __init__(self, database: Database, embedding: ModelEmbedding, diaries: list[ReadableDiaryId]) -> None:
        self._database = database
        self._embedding = embedding
        self._diaries = diaries

    async def ids(self, query: JudgedQuery, channel: str) -> list[UUID]:
        wanted = query.search(PLACES)
        text = QueryText.parse(query.query)
        vector = await self._embedding.query(text.words) if channel != WORDS else None
        async with self._database.connection() as connection:
            question = await analyse(connection, text, vector)
            if channel == VECTORS:
                question = _without_words(question)
            searched = SearchedSet(self._diaries, wanted, question.required, question.excluded)
            return [entry.id for entry in await find_answers(connection, searched, question)]


def _without_words(question: Question) -> Question:
    return replace(question, words=[], alternatives=[], any_word=None, every_word=None)


def _discounted(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(grades))


def _mean(figures: Sequence[float]) -> float:
    return sum(figures) / len(figures)


async def measure(queries: Sequence[JudgedQuery]) -> dict[str, dict[str, Ranking]]:
    """For each channel the ranking of each query."""
    async with search_database() as place, model_embedding() as embedding:
        diaries, keys = await fill(place, embedding, judged.entries())
        searcher = Searcher(place.database, embedding, diaries)
        return {
            channel: {
                query.id: [keys[one] for one in await searcher.ids(query, channel)] for query in queries
            }
            for channel in CHANNELS
        }


def tabulate(queries: Sequence[JudgedQuery], rankings: Mapping[str, Mapping[str, Ranking]]) -> list[str]:
    """Prints a row for each kind; returns the kinds in which both are worse than one."""
    print(
        f"\nnDCG@{PLACES} / recall@{PLACES}, or false answers" + "".join(f"{name:>16}" for name in CHANNELS)
    )
    worse = []
    for kind in dict.fromkeys(query.kind for query in queries):
        of_kind = [query for query in queries if query.kind == kind]
        row = {channel: assess(of_kind, rankings[channel]) for channel in CHANNELS}
        _print_row(f"{kind} ({len(of_kind)})", row)
        if row[BOTH].figure < max(row[WORDS].figure, row[VECTORS].figure) - SLACK:
            worse.append(kind)
    answerable = [query for query in queries if query.relevant]
    _print_row(
        f"all with answers ({len(answerable)})",
        {name: assess(answerable, rankings[name]) for name in CHANNELS},
    )
    return worse


def _print_row(title: str, row: Mapping[str, Quality]) -> None:
    print(f"{title:40}" + "".join(f"{row[channel]!s:>16}" for channel in CHANNELS))


def _print_misses(queries: Sequence[JudgedQuery], rankings: Mapping[str, Ranking]) -> None:
    print("\nWhat both together did not put first, and what nothing should have answered:")
    for query in queries:
        found = rankings[query.id]
        if found if not query.relevant else ndcg(found, query.relevant) < 1 - SLACK:
            print(f"  {query.id:16}{query.query}  wanted {dict(query.relevant)}, found {found[:5]}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.search_quality", description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list the queries that went wrong")
    misses = parser.parse_args().misses
    queries = judged.queries()
    rankings = asyncio.run(measure(queries))
    worse = tabulate(queries, rankings)
    if misses:
        _print_misses(queries, rankings[BOTH])
    for kind in worse:
        print(f"Both together are worse than one alone on: {kind}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
