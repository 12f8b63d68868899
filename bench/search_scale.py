"""How search scales: `python -m bench.search_scale [10000 100000] [--million]`.

For each size: latency of search and of creating an entry's row, recall of the index against comparing all,
sizes on disk, and where the index begins to pay. Vectors and texts are generated: vectors lie around a thousand
centres, words are as unevenly frequent as in a language. Neither the bus nor the model takes part.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from time import perf_counter

from bench.search_corpus import Corpus, generate
from bench.search_database import SearchDatabase, search_database
from services.diary.permitted import ReadableDiaryId
from services.diary.query_text import QueryText
from services.diary.search import Search
from services.diary.search.candidates import find_by_index, find_exactly
from services.diary.search.question import analyse
from services.diary.search.searched import SearchedSet
from shared.contracts.diary import SearchCriteria

SIZES = (10_000, 100_000)
MILLION = 1_000_000
MANY = 200_000
SEARCHES, CREATIONS, COMPARED, COMPARED_AMONG_MANY = 60, 60, 20, 8
PLACES = 10


def percentiles(seconds: Sequence[float]) -> str:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    p50, p95 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 for share in (0.5, 0.95))
    return f"{p50:9.1f}{p95:9.1f}"


async def measure_size(place: SearchDatabase, size: int) -> None:
    print(f"\n{size:,} entries")
    corpus = await generate(place, size)
    print(f"  {'generated and indexed in':44}{corpus.seconds:9.0f} s")
    print(f"  {'':44}{'p50 ms':>9}{'p95 ms':>9}")
    for count, diary in corpus.diaries.items():
        await _measure_search(place, corpus, f"search in one diary of {count:,}", [diary])
    await _measure_search(place, corpus, f"search in all {size:,}", list(corpus.diaries.values()))
    print(
        f"  {'create (row, words, vector)':44}{percentiles([await _create(place, corpus) for _ in range(CREATIONS)])}"
    )
    await _compare(place, corpus)
    for name, megabytes in await corpus.sizes_on_disk():
        print(f"  {name:44}{megabytes:9.1f} MB")


async def _measure_search(
    place: SearchDatabase, corpus: Corpus, title: str, diaries: list[ReadableDiaryId]
) -> None:
    search = Search(place.database, corpus)
    seconds = []
    for number in range(SEARCHES + 5):
        wanted = SearchCriteria(query=corpus.question())
        started = perf_counter()
        await search.find(diaries, wanted)
        if number >= 5:
            seconds.append(perf_counter() - started)
    print(f"  {title:44}{percentiles(seconds)}")


async def _create(place: SearchDatabase, corpus: Corpus) -> float:
    text, vector = corpus.text(), corpus.vector()
    diary = next(iter(corpus.diaries.values()))
    started = perf_counter()
    async with place.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO diary_entries (diary_id, content, embedding, embedding_model) VALUES ($1, $2, $3, $4)",
            diary,
            text,
            vector.values,
            vector.model,
        )
    return perf_counter() - started


async def _compare(place: SearchDatabase, corpus: Corpus) -> None:
    """The same searches with all entries compared and by the index."""
    print(f"  {'candidates for one search':44}{'exact ms':>9}{'index ms':>9}{'recall':>9}")
    for count, diaries in corpus.sets():
        exact, indexed, recalls = [], [], []
        for _ in range(COMPARED if count <= MANY else COMPARED_AMONG_MANY):
            first, second, recall = await _both_ways(place, corpus, diaries, count)
            exact.append(first)
            indexed.append(second)
            recalls.append(recall)
        medians = "".join(f"{sorted(seconds)[len(seconds) // 2] * 1000:9.1f}" for seconds in (exact, indexed))
        print(f"  {f'among {count:,}':44}{medians}{sum(recalls) / len(recalls):9.3f}")


async def _both_ways(
    place: SearchDatabase, corpus: Corpus, diaries: list[ReadableDiaryId], size: int
) -> tuple[float, float, float]:
    text = QueryText.parse(corpus.question())
    async with place.patient.connection() as connection, connection.transaction(readonly=True):
        question = await analyse(connection, text, await corpus.query(text.words))
        searched = SearchedSet(diaries, SearchCriteria(query=text.wanted))
        started = perf_counter()
        exact = await find_exactly(connection, searched, question, size, 120)
        between = perf_counter()
        indexed = await find_by_index(connection, searched, question, 120)
        ended = perf_counter()
    best = set(exact.near[:PLACES])
    return between - started, ended - between, len(best & set(indexed.near[:PLACES])) / max(len(best), 1)


async def run(sizes: Sequence[int]) -> None:
    for size in sizes:
        async with search_database() as place:
            await measure_size(place, size)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.search_scale", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--million", action="store_true", help="a million entries as well, which takes long")
    arguments = parser.parse_args()
    asyncio.run(run([*arguments.sizes, *([MILLION] if arguments.million else [])]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
