"""The stacks under attack."""

from collections.abc import AsyncIterator

import pytest

from .world import Kind, World, Worlds


@pytest.fixture(scope="session")
async def worlds() -> AsyncIterator[Worlds]:
    """Hands out stacks, one at a time."""
    handed_out = Worlds()
    yield handed_out
    await handed_out.close()


@pytest.fixture(scope="module")
async def world(worlds: Worlds) -> World:
    """A stack with one replica of each service."""
    return await worlds.of(Kind())
