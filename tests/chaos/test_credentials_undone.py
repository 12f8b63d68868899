"""A server behind fails while credentials are renewed: told so, and good afterwards."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from local.agent import Agent, expect
from local.recovering import new_client, proof_of, recovered_session, verify
from shared.problems import UpstreamError
from tests.e2e.answers import expect_problem

from .fault_proxy import CREATE_CODE, SET_SECRET, Call, Fault
from .world import World

Renewal = Callable[[Agent], Awaitable[httpx.Response]]


async def _rotation(agent: Agent) -> httpx.Response:
    return await agent.post("/auth/rotate-secret")


async def _recovered_client(agent: Agent) -> httpx.Response:
    return await new_client(agent.http, await recovered_session(agent))


async def _verification(agent: Agent) -> httpx.Response:
    return await verify(agent.http, await proof_of(agent))


RENEWALS: dict[str, tuple[Renewal, Call]] = {
    "rotation": (_rotation, SET_SECRET),
    "new client": (_recovered_client, SET_SECRET),
    "recovery code": (_verification, CREATE_CODE),
}


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.REFUSAL])
@pytest.mark.parametrize("renewal", RENEWALS)
async def test_a_failure_behind_is_told_and_the_next_try_works(
    world: World, renewal: str, fault: Fault
) -> None:
    renew, call = RENEWALS[renewal]
    agent = await world.agent()
    with world.proxy.failing(call, fault):
        expect_problem(await renew(agent), UpstreamError)
    expect(await renew(agent), 200)


async def test_a_lost_answer_of_the_token_server_leaves_the_secret_that_was_told(world: World) -> None:
    agent = await world.agent()
    with world.proxy.failing(SET_SECRET, Fault.LOST_ANSWER, times=1):
        agent.client_secret = expect(await _rotation(agent), 200)["clientSecret"]
    expect(await agent.log_in(), 200)
