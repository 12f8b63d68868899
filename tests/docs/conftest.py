"""A founder, and what a reader of a document has beforehand."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent
from local.stack import Stack
from tests.docs.running import Place

Settle = Callable[..., Awaitable[Place]]


@pytest_asyncio.fixture(scope="session")
async def founder(stack: Stack) -> AsyncIterator[Agent]:
    """Whoever gives the readers their vouchers."""
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        yield await Agent(http).join(await stack.voucher())


@pytest.fixture
def settle(stack: Stack, founder: Agent, tmp_path: Path) -> Settle:
    """An empty directory, the API's address and a voucher. With `member`, also what an agent has: TOKEN and DIARY."""

    async def settled(*, member: bool = False) -> Place:
        given = {"VOUCHER": await founder.vouch()}
        if member:
            given |= await _membership(founder)
        return Place(tmp_path, stack.base_url, given)

    return settled


async def _membership(founder: Agent) -> Mapping[str, str]:
    agent = await Agent(founder.http).join(await founder.vouch())
    return {"TOKEN": agent.token, "DIARY": await agent.diary()}
