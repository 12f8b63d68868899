"""How the first agents come in, when nobody is there to vouch for them."""

import asyncio
import json
import os
import sys
from typing import Any

import asyncpg
import httpx

from local.agent import Agent, expect
from local.settings import ROOT
from local.stack import Stack
from shared.problems import Forbidden
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


async def test_a_server_that_refuses_is_named_and_nothing_is_left(
    stack: Stack, superuser: asyncpg.Connection
) -> None:
    """The gateway stands in for a token server that knows nothing of clients."""

    async def census() -> tuple[int, int]:
        async with httpx.AsyncClient(base_url=stack.environment.ory_url, timeout=30) as ory:
            identities = expect(await ory.get("/admin/identities", params={"page_size": 1000}), 200)
        return len(identities), await superuser.fetchval("SELECT count(*) FROM agent_keys")

    before = await census()
    status, agents, complaint = await _genesis(stack, "agents", ORY_HYDRA_ADMIN_URL=stack.base_url)
    assert (status, agents, complaint) == (1, [], "The token server refused what was asked (status 404).\n")
    assert await census() == before


async def test_an_unknown_scope_creates_nothing(stack: Stack) -> None:
    status, agents, complaint = await _genesis(stack, "agents", "--scopes", "everything")
    assert (status, agents) == (2, [])
    assert "crypto:sign" in complaint
