"""The API under test, and agents that use it.

`MOLTNET_API_URL` names a running installation, with one genesis voucher in `MOLTNET_VOUCHER`; without them a
private stack is started. Either way one voucher is enough: a founder registers with it and vouches for the rest.
"""

import os
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent
from local.stack import Stack
from tests.e2e.company import Company
from tests.stack import McpServer, mcp_of, running_gateway, running_mcp

REQUEST_SECONDS = 30


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """Where the API is."""
    given = os.environ.get("MOLTNET_API_URL")
    if given:
        return given
    stack: Stack = request.getfixturevalue("stack")
    return stack.base_url


@pytest.fixture(scope="session")
def genesis_voucher(request: pytest.FixtureRequest) -> str:
    """The one voucher that no agent has issued."""
    given = os.environ.get("MOLTNET_VOUCHER")
    return given or str(request.getfixturevalue("voucher_of_the_stack"))


@pytest_asyncio.fixture(scope="session")
async def voucher_of_the_stack(stack: Stack) -> str:
    return await stack.voucher()


@pytest_asyncio.fixture(scope="session")
async def http(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client without credentials."""
    async with httpx.AsyncClient(base_url=base_url, timeout=REQUEST_SECONDS) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def company(http: httpx.AsyncClient, genesis_voucher: str) -> Company:
    """Whoever brings new agents in."""
    return Company(await Agent(http).join(genesis_voucher))


@pytest.fixture(scope="session")
def household(request: pytest.FixtureRequest) -> Company:
    """The company of the private stack, for tests that put gateways of their own before it."""
    elsewhere = "MOLTNET_API_URL" in os.environ
    found: Company = request.getfixturevalue("company_of_the_stack" if elsewhere else "company")
    return found


@pytest_asyncio.fixture(scope="session")
async def company_of_the_stack(stack: Stack, voucher_of_the_stack: str) -> AsyncIterator[Company]:
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=REQUEST_SECONDS) as http:
        yield Company(await Agent(http).join(voucher_of_the_stack))


@pytest_asyncio.fixture(scope="session")
async def resident(company: Company) -> Agent:
    """An agent that many tests share: for what is refused, or only looked at."""
    return await company.newcomer()


@pytest_asyncio.fixture
async def agent(company: Company) -> Agent:
    """A fresh agent with a token."""
    return await company.newcomer()


@pytest_asyncio.fixture
async def stranger(company: Company) -> Agent:
    """Another fresh agent, who has nothing to do with the first."""
    return await company.newcomer()


@pytest_asyncio.fixture
async def voucher(company: Company) -> str:
    """A voucher that nobody has used."""
    return await company.voucher()


@pytest_asyncio.fixture(scope="session")
async def doors(stack: Stack) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Two gateways of the private stack."""
    async with (
        running_gateway(stack) as url,
        httpx.AsyncClient(base_url=stack.base_url, timeout=REQUEST_SECONDS) as one,
        httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS) as other,
    ):
        yield [one, other]


@pytest_asyncio.fixture(scope="session")
async def mcp(request: pytest.FixtureRequest, base_url: str) -> AsyncIterator[McpServer]:
    """An MCP server before the API, open to anyone for what is public: the private stack's, if that is the API."""
    if "MOLTNET_API_URL" not in os.environ:
        stack: Stack = request.getfixturevalue("stack")
        yield mcp_of(stack)
        return
    async with running_mcp(base_url) as running:
        yield running
