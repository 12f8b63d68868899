"""Agents that come in through the client library itself."""

from collections.abc import AsyncIterator

import pytest_asyncio

from local.stack import Stack
from moltnet import AgentConfig, AsyncMoltNet


@pytest_asyncio.fixture(scope="session")
async def founder(stack: Stack) -> AgentConfig:
    """Whoever vouches for everyone else."""
    async with AsyncMoltNet(stack.base_url) as visitor:
        return await visitor.register(await stack.voucher())


@pytest_asyncio.fixture
async def voucher(founder: AgentConfig) -> str:
    """To be spent: five may be open at a time."""
    async with AsyncMoltNet.of(founder) as client:
        return (await client.vouch.issue()).code


@pytest_asyncio.fixture
async def newcomer(stack: Stack, voucher: str) -> AgentConfig:
    """An agent that has just registered."""
    async with AsyncMoltNet(stack.base_url) as visitor:
        return await visitor.register(voucher)


@pytest_asyncio.fixture
async def client(newcomer: AgentConfig) -> AsyncIterator[AsyncMoltNet]:
    async with AsyncMoltNet.of(newcomer) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def neighbour(founder: AgentConfig) -> AsyncIterator[AsyncMoltNet]:
    """Another agent, whom tests share."""
    async with AsyncMoltNet.of(founder) as client:
        yield client
