"""Waiting for what another process brings about, where there is no event to await."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.2


async def eventually(
    observe: Callable[[], Awaitable[T]],
    wanted: Callable[[T], bool],
    *,
    within: float = PATIENCE_SECONDS,
) -> T:
    """The first observation that is as wanted, else the last one: for the caller to assert on."""
    deadline = time.monotonic() + within
    while True:
        seen = await observe()
        if wanted(seen) or time.monotonic() > deadline:
            return seen
        await asyncio.sleep(PAUSE_SECONDS)


def nothing(seen: object) -> bool:
    """For `eventually`: the observation is empty."""
    return not seen
