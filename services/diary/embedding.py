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
from shared.problems import Problem, ServiceUnavailable, ValidationFailed, unavailable

log = structlog.get_logger(__name__)

DIMENSIONS = 384
PASSAGE_SECONDS = 3.0
LATE_PASSAGE_SECONDS = (30.0, 60.0, 120.0)
"""Tries with an embedder that is there; what needs longer than the last gets no vector."""
QUERY_SECONDS = 2.0
AWAY_SECONDS = 10.0
"""How long the embedder is then taken to be away, and nobody waits for it."""
WAITS_IN_VAIN = 3
"""So many in a row mean that the embedder is away. One alone may be a long text, or have waited behind some."""
PROBE = "ready?"


@dataclass(frozen=True)
class PassageVector:
    """An entry's vector, unless it comes `late`, or never: then there is nothing to embed in the text."""

    vector: EmbeddedVector | None
    late: bool = False


LATE = PassageVector(None, late=True)


@dataclass(frozen=True)
class QueryVector:
    """A query's vector; `min_similarity` is the cosine below which this model's hits mean nothing."""

    vector: EmbeddedVector
    min_similarity: float


class Embedding:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._in_vain = 0
        self._away_until = 0.0

    async def passage(self, text: EntryText) -> PassageVector:
        """The entry's vector; late when the embedder does not give one in time or lately did not."""
        if time.monotonic() < self._away_until:
            return LATE
        try:
            found = await self._embedded(text, PASSAGE_SECONDS)
        except Problem as problem:
            log.warning("entry_not_embedded", code=problem.kind.code)
            self._in_vain += WAITS_IN_VAIN if isinstance(problem, ServiceUnavailable) else 0
            found = LATE
        else:
            self._in_vain += found.late
        if self._in_vain >= WAITS_IN_VAIN:
            self._away_until = time.monotonic() + AWAY_SECONDS
        return found

    async def late_passage(self, text: EntryText) -> PassageVector:
        """As `passage`, with more patience; late still if the text is too much for an embedder that is there.

        Raises the problem of one that is not, for its step to be repeated.
        """
        for seconds in LATE_PASSAGE_SECONDS:
            found = await self._embedded(text, seconds)
            if not found.late:
                return found
            if await self.query(PROBE) is None:
                raise unavailable("embedder service")
        return LATE

    async def _embedded(self, text: EntryText, seconds: float) -> PassageVector:
        outcome = await self._bus.execute(passage_of(text), seconds=seconds)
        if outcome is None:
            return LATE
        try:
            found = PassageVector(_vector(outcome.unwrap(EmbeddedText)))
        except ValidationFailed:
            found = PassageVector(None)
        self._in_vain, self._away_until = 0, 0.0
        return found

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
