"""What end-to-end and integration tests share: one stack per session, started when the first test asks."""

from collections.abc import AsyncIterator

import pytest_asyncio

from local.stack import Stack
from tests.stack import running_stack


@pytest_asyncio.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """The whole product on real parts, without rate limits."""
    async with running_stack() as running:
        yield running
