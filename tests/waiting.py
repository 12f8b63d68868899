"""Waiting for what comes by itself, where nothing tells that it has come."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.05


async def eventually(look: Callable[[], Awaitable[T | None]], *, seconds: float = 10.0) -> T:
    """What `look` finds, as soon as it finds something. Fails when it still finds nothing after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{look.__qualname__} found nothing within {seconds:.0f} s")
        await asyncio.sleep(PAUSE_SECONDS)
