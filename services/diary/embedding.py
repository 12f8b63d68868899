"""Asks the embedder. An entry is never refused because it is away: the vector comes later."""

import base64
import time
from dataclasses import dataclass

import numpy as np
import structlog

from services.diary.content import EntryText
from services.diary.store import EmbeddedVector, Vector
from shared.contracts.embedder import EmbeddedText, EmbedPassage, EmbedQuery
from shared.messaging.bus import Bus
from shared.problems import Problem

log = structlog.get_logger(__name__)

DIMENSIONS = 384
PASSAGE_SECONDS = 3.0
LATE_PASSAGE_SECONDS = 30.0
QUERY_SECONDS = 2.0
AWAY_SECONDS = 10.0
"""How long an embedder that gave no vector in time is taken to be away, and nobody waits for it."""


@dataclass(frozen=True)
class QueryVector:
    """A query's vector; `min_similarity` is the cosine below which this model's hits mean nothing."""

    vector: EmbeddedVector
    min_similarity: float


class Embedding:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._away_until = 0.0

    async def passage(self, text: EntryText) -> EmbeddedVector | None:
        """The entry's vector, or None when the embedder does not give one in time or lately did not."""
        if time.monotonic() < self._away_until:
            return None
        try:
            vector = await self._embedded(text, PASSAGE_SECONDS)
        except Problem as problem:
            log.warning("entry_not_embedded", code=problem.kind.code)
            vector = None
        if vector is None:
            self._away_until = time.monotonic() + AWAY_SECONDS
        return vector

    async def late_passage(self, text: EntryText) -> EmbeddedVector | None:
        """As `passage`, with more patience. Raises the problem, for its step to be repeated."""
        vector = await self._embedded(text, LATE_PASSAGE_SECONDS)
        if vector is not None:
            self._away_until = 0.0
        return vector

    async def _embedded(self, text: EntryText, seconds: float) -> EmbeddedVector | None:
        outcome = await self._bus.execute(passage_of(text), seconds=seconds)
        return None if outcome is None else _vector(outcome.unwrap(EmbeddedText))

    async def query(self, text: str) -> QueryVector | None:
        try:
            answer = await self._bus.ask(EmbedQuery(text=text), seconds=QUERY_SECONDS)
        except Problem as problem:
            log.warning("query_not_embedded", code=problem.kind.code)
            return None
        return QueryVector(_vector(answer), answer.min_similarity)


def passage_of(text: EntryText) -> EmbedPassage:
    """Title, content, then a `tag:` line per tag. Title and tags go in front of each piece of a long text."""
    tags = [f"tag:{tag}" for tag in text.tags or ()]
    title = [text.title] if text.title else []
    return EmbedPassage(text="\n".join([*title, text.content, *tags]), context="\n".join([*title, *tags]))


def _vector(answer: EmbeddedText) -> EmbeddedVector:
    [values] = _rows(answer.vector)
    return EmbeddedVector(answer.model, values, _rows(answer.chunks))


def _rows(encoded: str) -> Vector:
    """Vectors that were sent one after the other."""
    numbers = np.frombuffer(base64.b64decode(encoded), dtype="<f4")
    if numbers.size % DIMENSIONS:
        raise ValueError(f"the embedder sent {numbers.size} numbers, which are no vectors of {DIMENSIONS}")
    return numbers.reshape(-1, DIMENSIONS)
