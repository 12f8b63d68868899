"""Who writes while the embedder is away soon waits no more; one text alone does not make it away for others."""

import base64
from typing import Any

import numpy as np
import pytest

from services.diary.content import EntryText
from services.diary.embedding import (
    DIMENSIONS,
    LATE,
    LATE_PASSAGE_SECONDS,
    WAITS_IN_VAIN,
    Embedding,
    PassageVector,
)
from shared.contracts.embedder import EmbeddedText
from shared.messaging.outcomes import Outcome
from shared.problems import ServiceUnavailable, ValidationFailed, unavailable

TEXT = EntryText(None, "The lighthouse keeper counts the ships at dusk.", None)

VECTOR = base64.b64encode(np.ones(DIMENSIONS, dtype="<f4").tobytes()).decode()
EMBEDDED = EmbeddedText(model="m", vector=VECTOR, tokens=9, truncated=False, min_similarity=0.3)
THERE = Outcome.of_result(EMBEDDED)
EMPTY = Outcome.of_problem(ValidationFailed("body/text holds nothing to embed"))
BUSY = Outcome.of_problem(unavailable("embedder service"))


class Line:
    """Answers passages with `outcome`, where None is silence, and queries or not."""

    def __init__(self, outcome: Outcome | None = None, *, answers_queries: bool = False) -> None:
        self.outcome = outcome
        self.answers_queries = answers_queries
        self.asked = 0

    async def execute(self, *_command: Any, **_limits: Any) -> Outcome | None:
        self.asked += 1
        return self.outcome

    async def ask(self, *_query: Any, **_limits: Any) -> EmbeddedText:
        if not self.answers_queries:
            raise unavailable("embedder service")
        return EMBEDDED


def _embedding(line: Line) -> Embedding:
    return Embedding(line)  # type: ignore[arg-type]


async def test_after_some_waits_in_vain_nobody_waits() -> None:
    line = Line()
    embedding = _embedding(line)
    assert [await embedding.passage(TEXT) for _ in range(9)] == [LATE] * 9
    assert line.asked == WAITS_IN_VAIN


async def test_an_embedder_that_says_it_is_busy_is_left_alone_at_once() -> None:
    line = Line(BUSY)
    embedding = _embedding(line)
    assert [await embedding.passage(TEXT) for _ in range(5)] == [LATE] * 5
    assert line.asked == 1


async def test_one_text_that_takes_too_long_leaves_the_next_its_vector() -> None:
    line = Line()
    embedding = _embedding(line)
    assert await embedding.passage(TEXT) == LATE
    line.outcome = THERE
    assert (await embedding.passage(TEXT)).vector is not None


async def test_a_text_without_anything_to_embed_has_no_vector_and_waits_for_none() -> None:
    line = Line(EMPTY)
    embedding = _embedding(line)
    assert [await embedding.passage(TEXT) for _ in range(9)] == [PassageVector(None)] * 9
    line.outcome = THERE
    assert (await embedding.passage(TEXT)).vector is not None


async def test_a_late_vector_shows_that_the_embedder_is_back() -> None:
    line = Line(BUSY)
    embedding = _embedding(line)
    await embedding.passage(TEXT)
    line.outcome = THERE
    assert (await embedding.late_passage(TEXT)).vector is not None
    assert (await embedding.passage(TEXT)).vector is not None


async def test_late_work_goes_on_while_the_embedder_is_away() -> None:
    line = Line()
    with pytest.raises(ServiceUnavailable):
        await _embedding(line).late_passage(TEXT)
    assert line.asked == 1


async def test_late_work_ends_for_a_text_that_an_embedder_in_its_place_cannot_do() -> None:
    line = Line(answers_queries=True)
    assert await _embedding(line).late_passage(TEXT) == LATE
    assert line.asked == len(LATE_PASSAGE_SECONDS)
