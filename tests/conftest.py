"""What tests of the whole product share: one stack per session, started when the first test asks."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from local.stack import Stack
from tests.collector import Collector, collecting
from tests.scheduling import SharedPartsScheduling
from tests.stack import running_stack


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedPartsScheduling:
    """Asked for when the run is shared by several processes."""
    return SharedPartsScheduling(config, log)


@pytest_asyncio.fixture(scope="session")
async def collector() -> AsyncIterator[Collector]:
    """Where the stack reports what it measures, and the traces of requests with a sampled `traceparent`."""
    async with collecting() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def stack(collector: Collector) -> AsyncIterator[Stack]:
    """The whole product on real parts, without rate limits."""
    async with running_stack(**collector.variables) as running:
        yield running
