"""A founder, and what a reader of a document has beforehand."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from enum import StrEnum
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent
from local.stack import Stack
from tests.docs.running import Place

Settle = Callable[["Reader"], Awaitable[Place]]


class Reader(StrEnum):
    """Everyone has API and VOUCHER; a member also TOKEN and DIARY, an operator what `make env` prints."""

    NEWCOMER = "newcomer"
    MEMBER = "member"
    OPERATOR = "operator"


@pytest_asyncio.fixture(scope="session")
async def founder(stack: Stack) -> AsyncIterator[Agent]:
    """Whoever gives the readers their vouchers."""
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        yield await Agent(http).join(await stack.voucher())


@pytest.fixture
def settle(stack: Stack, founder: Agent, tmp_path: Path) -> Settle:
    """Where a reader of this kind begins: in an empty directory, with what this kind has beforehand."""

    async def settled(reader: Reader) -> Place:
        given = {"VOUCHER": await founder.vouch()}
        if reader is Reader.MEMBER:
            given |= await _membership(founder)
        if reader is Reader.OPERATOR:
            given |= stack.exports
        return Place(tmp_path, stack.base_url, stack.environment.mcp_url, given)

    return settled


async def _membership(founder: Agent) -> Mapping[str, str]:
    agent = await Agent(founder.http).join(await founder.vouch())
    return {"TOKEN": agent.token, "DIARY": await agent.diary()}
