"""How the first agents come in, when nobody is there to vouch for them."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from local.settings import ROOT
from local.stack import Stack
from services.identity.genesis import Founding
from shared.contracts.scopes import Scope
from shared.postgres import Database
from shared.problems import Forbidden, Problem
from shared.settings import DatabaseSettings, OrySettings
from tests.chaos import ory_state
from tests.chaos.fault_proxy import (
    CREATE_CLIENT,
    CREATE_IDENTITY,
    WRITE_SELF_TUPLE,
    Call,
    Fault,
    FaultProxy,
)
from tests.e2e.answers import expect_problem


async def _genesis(stack: Stack, *arguments: str, **variables: str) -> tuple[int, list[Any], str]:
    """Status, the lines of its output, and what it complains of."""
    environment = stack.environment
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.identity.genesis", *arguments),
        env={**os.environ, **environment.complete(environment.service("identity")), **variables},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate()
    return process.returncode or 0, [json.loads(line) for line in output.splitlines()], complaint.decode()


async def test_each_first_agent_is_told_with_a_token_that_works(stack: Stack) -> None:
    status, agents, complaint = await _genesis(stack, "agents", "--names", "ada, kit")
    assert (status, [agent["name"] for agent in agents]) == (0, ["ada", "kit"]), complaint
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        for told in agents:
            agent = Agent(http, token=told["access_token"])
            assert expect(await agent.get("/agents/whoami"), 200)["identityId"] == told["identity_id"]
            expect(await agent.post("/vouch"), 201)


async def test_scopes_may_be_fewer(stack: Stack) -> None:
    status, [told], complaint = await _genesis(stack, "agents", "--scopes", "agent:profile diary:read")
    assert status == 0, complaint
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        agent = Agent(http, token=told["access_token"])
        expect(await agent.get("/agents/whoami"), 200)
        expect_problem(await agent.post("/vouch"), Forbidden)


async def test_a_token_that_cannot_be_had_takes_no_credentials_away(stack: Stack) -> None:
    nowhere = "http://127.0.0.1:9"
    status, [told], complaint = await _genesis(stack, "agents", "--count", "2", ORY_HYDRA_PUBLIC_URL=nowhere)
    assert (status, complaint.count("\n")) == (1, 1)
    assert "token server" in complaint
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        agent = Agent(http, client_id=told["client_id"], client_secret=told["client_secret"])
        expect(await agent.log_in(), 200)


Census = Callable[[], Awaitable[tuple[Any, ...]]]


@pytest.fixture
def census(stack: Stack, superuser: asyncpg.Connection) -> Census:
    """Who there is, as each of the parts that agents are made of says."""

    async def taken() -> tuple[Any, ...]:
        async with httpx.AsyncClient(base_url=stack.environment.ory_url, timeout=30) as ory:
            return (
                await ory_state.identities(ory),
                sorted(await ory_state.client_owners(ory)),
                await ory_state.tuple_objects(ory, "Agent", "self"),
                await superuser.fetchval("SELECT count(*) FROM agent_keys"),
            )

    return taken


async def test_a_server_that_refuses_is_named_and_nothing_is_left(stack: Stack, census: Census) -> None:
    """The gateway stands in for a token server that knows nothing of clients."""
    before = await census()
    status, agents, complaint = await _genesis(stack, "agents", ORY_HYDRA_ADMIN_URL=stack.base_url)
    assert (status, agents, complaint) == (1, [], "The token server refused what was asked (status 404).\n")
    assert await census() == before


@pytest_asyncio.fixture
async def identity_database(stack: Stack) -> AsyncIterator[Database]:
    """The database as the identity service sees it."""
    told = stack.environment.service("identity")
    settings = DatabaseSettings.model_validate(
        {name: told[name] for name in ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL")}
    )
    async with await Database.open(settings) as database:
        yield database


@pytest.mark.parametrize(
    "call", [CREATE_IDENTITY, WRITE_SELF_TUPLE, CREATE_CLIENT], ids=lambda call: call.path
)
async def test_a_write_whose_answer_is_lost_is_undone(
    stack: Stack, identity_database: Database, census: Census, call: Call
) -> None:
    before = await census()
    async with (
        FaultProxy(urlsplit(stack.environment.ory_url).port or 0) as proxy,
        httpx.AsyncClient() as http,
    ):
        ory = OrySettings.model_validate({"ORY_PROJECT_URL": proxy.url})
        with proxy.failing(call, Fault.LOST_ANSWER), pytest.raises(Problem):
            await Founding(identity_database, ory, http).create("ada", tuple(Scope))
    assert await census() == before


async def test_an_unknown_scope_creates_nothing(stack: Stack) -> None:
    status, agents, complaint = await _genesis(stack, "agents", "--scopes", "everything")
    assert (status, agents) == (2, [])
    assert "crypto:sign" in complaint
