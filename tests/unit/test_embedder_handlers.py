"""The embedder works for those who wait."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.embedder.handlers import embed_passage
from shared.contracts.embedder import EmbedPassage
from shared.messaging.headers import CommandContext
from shared.problems import ServiceUnavailable


@dataclass
class Endless:
    """An engine whose texts never end."""

    given_up: list[str] = field(default_factory=list)

    async def embed_passages(self, passages: list[Any]) -> list[Any]:
        try:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]
        except asyncio.CancelledError:
            self.given_up += [passage.text for passage in passages]
            raise


async def test_a_passage_that_nobody_waits_for_any_more_is_given_up() -> None:
    engine = Endless()
    late = CommandContext(uuid4(), EmbedPassage.subject, None, "", "", datetime.now(UTC), False, 1)
    with pytest.raises(ServiceUnavailable):
        await embed_passage(EmbedPassage(text="a long one"), late, engine)  # type: ignore[arg-type]
    assert engine.given_up == ["a long one"]
