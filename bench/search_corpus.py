"""Generated entries, in any number: texts with uneven words, and vectors around centres."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

import numpy as np

from bench.search_database import SearchDatabase
from services.diary.embedding import QueryVector
from services.diary.permitted import ReadableDiaryId
from services.diary.store import EmbeddedVector

MODEL = "generated"
GATE = 0.28
DIMENSIONS = 384
CENTRES = 1000
SPREAD = 0.04
"""Standard deviation of each number around its centre: about a right angle's half between two neighbours."""
VOCABULARY = 60_000
WORDS = 60
STEPS = (1_000, 5_000, 10_000, 20_000, 50_000)
"""Sizes of the diaries made, as far as the entries suffice; one more takes the rest."""

_INDEXES = {
    "entry_chunks_embedding_idx": "CREATE INDEX entry_chunks_embedding_idx ON diary.entry_chunks"
    " USING hnsw (embedding halfvec_cosine_ops) WITH (m = 16, ef_construction = 64)",
    "entry_words_idx": "CREATE INDEX entry_words_idx ON diary.entry_words USING gin (words)",
}
_CENTRES = """
    CREATE TABLE bench_centres AS
    SELECT number, l2_normalize((
        SELECT array_agg(random_normal() + 0 * (number + part)) FROM generate_series(1, 384) AS part
    )::vector) AS centre
    FROM generate_series(0, 999) AS number
"""
_ENTRIES = """
    INSERT INTO diary_entries (diary_id, content, created_at)
    SELECT $1, (
        SELECT string_agg('word' || floor($3 * random() ^ 2 + 0 * (number + part))::int, ' ')
        FROM generate_series(1, $4::int) AS part
    ), now() - random() * interval '300 days'
    FROM generate_series(1, $2::int) AS number
"""
_VECTORS = """
    INSERT INTO diary.entry_chunks (entry_id, position, embedding, embedding_model)
    SELECT entry.id, 0, l2_normalize(centre + (
        SELECT array_agg(0.04 * random_normal() + 0 * (entry.place + part)) FROM generate_series(1, 384) AS part
    )::vector)::halfvec, $1
    FROM (SELECT id, row_number() OVER () AS place FROM diary_entries) AS entry
    JOIN bench_centres ON number = place % 1000
"""
_LEXEMES = """
    INSERT INTO diary.entry_words (entry_id, words, length)
    SELECT id, words, diary.count_words(words)
    FROM (SELECT id, diary.entry_words_of(title, content, tags) AS words FROM diary_entries) AS entry
"""


@dataclass
class Corpus:
    """`diaries` by the number of their entries. Gives a new query vector for each question."""

    place: SearchDatabase
    diaries: dict[int, ReadableDiaryId]
    centres: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    seconds: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - no secret

    def question(self) -> str:
        """Four words: two common ones, two rarer ones."""
        return " ".join(self._word(power) for power in (4, 3, 2, 1))

    def text(self) -> str:
        return " ".join(self._word(2) for _ in range(WORDS))

    def vector(self) -> EmbeddedVector:
        number = self.chance.randrange(len(self.centres))
        noise = np.random.default_rng(self.chance.randrange(2**32)).normal(0, SPREAD, DIMENSIONS)
        vector = (self.centres[number] + noise).astype(np.float32)
        return EmbeddedVector(MODEL, vector / np.linalg.norm(vector))

    async def query(self, _text: str) -> QueryVector | None:
        return QueryVector(self.vector(), GATE)

    def sets(self) -> Iterator[tuple[int, list[ReadableDiaryId]]]:
        """Searched sets of growing size: each diary, then all of them."""
        for count, diary in self.diaries.items():
            yield count, [diary]
        yield sum(self.diaries), list(self.diaries.values())

    async def sizes_on_disk(self) -> list[tuple[str, float]]:
        names = (
            "diary_entries",
            "diary.entry_words",
            "diary.entry_chunks",
            *(f"diary.{name}" for name in _INDEXES),
        )
        return [
            (name, await self.place.operator.fetchval("SELECT pg_relation_size($1::regclass) / 1e6", name))
            for name in names
        ]

    def _word(self, power: int) -> str:
        return f"word{int(VOCABULARY * self.chance.random() ** power)}"


async def generate(place: SearchDatabase, size: int) -> Corpus:
    """Bulk loads: triggers and indexes come after the rows."""
    started = perf_counter()
    operator = place.operator
    await operator.execute("SET maintenance_work_mem = '2GB'; SET synchronous_commit = off")
    await operator.execute("ALTER TABLE diary_entries DISABLE TRIGGER USER")
    for name in _INDEXES:
        await operator.execute(f"DROP INDEX diary.{name}")
    await operator.execute(_CENTRES)
    diaries = {count: await _diary(place, count) for count in _portions(size)}
    await operator.execute(_VECTORS.replace("$1", f"'{MODEL}'"))
    await operator.execute(_LEXEMES)
    for definition in _INDEXES.values():
        await operator.execute(definition)
    await operator.execute("ALTER TABLE diary_entries ENABLE TRIGGER USER")
    await operator.execute("VACUUM ANALYZE")
    rows = await operator.fetch("SELECT centre FROM bench_centres ORDER BY number")
    centres = np.stack([row["centre"].to_numpy() for row in rows])
    return Corpus(place, diaries, centres, perf_counter() - started)


def _portions(size: int) -> list[int]:
    left, portions = size, []
    for step in STEPS:
        if left > 2 * step:
            portions.append(step)
            left -= step
    return [*portions, left]


async def _diary(place: SearchDatabase, count: int) -> ReadableDiaryId:
    diary_id = await place.operator.fetchval(
        "INSERT INTO diaries (owner_id, name) VALUES ($1, $2) RETURNING id", uuid4(), f"{count} entries"
    )
    await place.operator.execute(_ENTRIES, diary_id, count, VOCABULARY, WORDS)
    return ReadableDiaryId(diary_id)
