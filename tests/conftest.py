"""What tests of the whole product share: one stack per session, started when the first test asks.

Tests run in two processes (`pytest -n 2 --dist loadgroup`). Those that share something expensive stay together in one.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from local.stack import Stack
from tests.collector import Collector, collecting
from tests.stack import running_stack

EXPENSIVE = {"stack": "stack", "base_url": "stack", "worlds": "chaos", "postgres": "ory"}
"""Fixtures of a session, and the group of tests that use them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell pytest-xdist which tests belong together: by what they share, else by their module."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        groups = (group for fixture, group in EXPENSIVE.items() if fixture in used)
        item.add_marker(pytest.mark.xdist_group(next(groups, item.path.stem)))


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
