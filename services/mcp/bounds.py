"""How much one answer may hold. A model reads all of it, and clients cut off what is longer than they take."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from services.mcp.api import given

R = TypeVar("R", bound=BaseModel)

MAX_CHARACTERS = 48_000
"""Of JSON, without escapes: more than the largest entry takes, and about 12,000 tokens of English."""


def fitting(items: Sequence[R]) -> list[R]:
    """The first items, as many as fit; one at least, if there is one."""
    kept: list[R] = []
    room = MAX_CHARACTERS
    for item in items:
        room -= len(item.model_dump_json(by_alias=True))
        if room < 0 and kept:
            break
        kept.append(item)
    return kept


def shortened(items: Sequence[BaseModel], kept: Sequence[BaseModel], hint: str) -> dict[str, int | str]:
    """The members of a `Page` that tell of items left off, if any were."""
    left_off = len(items) - len(kept)
    return given(left_off=left_off or None, hint=hint if left_off else None)
