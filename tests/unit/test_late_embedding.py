"""Who writes while the embedder is away waits for it once, not each time."""

import base64
from typing import Any

import numpy as np

from services.diary.content import EntryText
from services.diary.embedding import DIMENSIONS, Embedding
from shared.contracts.embedder import EmbeddedText
from shared.messaging.outcomes import Outcome

TEXT = EntryText(None, "The lighthouse keeper counts the ships at dusk.", None)

VECTOR = base64.b64encode(np.ones(DIMENSIONS, dtype="<f4").tobytes()).decode()
EMBEDDED = EmbeddedText(model="m", vector=VECTOR, tokens=9, truncated=False, min_similarity=0.3)


class Line:
    """Answers as an embedder does that is there or not."""

    def __init__(self) -> None:
        self.there = False
        self.asked = 0

    async def execute(self, *_command: Any, **_limits: Any) -> Outcome | None:
        self.asked += 1
        return Outcome.of_result(EMBEDDED) if self.there else None


async def test_after_one_wait_in_vain_nobody_waits() -> None:
    line = Line()
    embedding = Embedding(line)  # type: ignore[arg-type]
    assert [await embedding.passage(TEXT) for _ in range(5)] == [None] * 5
    assert line.asked == 1


async def test_a_late_vector_shows_that_the_embedder_is_back() -> None:
    line = Line()
    embedding = Embedding(line)  # type: ignore[arg-type]
    await embedding.passage(TEXT)
    line.there = True
    assert await embedding.late_passage(TEXT) is not None
    assert await embedding.passage(TEXT) is not None
