"""A client's secret is replaced at once, and nothing else of the client is."""

import jwt
import pytest

from local.agent import Agent, expect
from shared.problems import Unauthorized
from tests.e2e.answers import expect_problem


async def test_after_a_rotation_only_the_new_secret_is_good(agent: Agent) -> None:
    former = agent.client_secret
    told = expect(await agent.post("/auth/rotate-secret"), 200)
    assert list(told) == ["clientId", "clientSecret"]
    assert told["clientId"] == agent.client_id
    assert told["clientSecret"] != former
    assert (await agent.log_in()).status_code == 401
    agent.client_secret = told["clientSecret"]
    expect(await agent.log_in(), 200)


async def test_a_rotation_keeps_who_the_client_is_and_what_it_may(agent: Agent) -> None:
    before = jwt.decode(agent.token, options={"verify_signature": False})
    agent.client_secret = expect(await agent.post("/auth/rotate-secret"), 200)["clientSecret"]
    expect(await agent.log_in(), 200)
    after = jwt.decode(agent.token, options={"verify_signature": False})
    changing = {"iat", "exp", "nbf", "jti"}
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in before.items() if k not in changing
    }


async def test_a_rotation_asked_for_twice_under_one_key_happens_once(agent: Agent) -> None:
    first = expect(await agent.post("/auth/rotate-secret", **{"idempotency-key": "once"}), 200)
    again = expect(await agent.post("/auth/rotate-secret", **{"idempotency-key": "once"}), 200)
    assert again == first


async def test_each_rotation_gives_another_secret(agent: Agent) -> None:
    secrets = {expect(await agent.post("/auth/rotate-secret"), 200)["clientSecret"] for _ in range(3)}
    assert len(secrets) == 3


@pytest.mark.parametrize("scheme", ["", "Basic x", "Bearer x"])
async def test_nobody_rotates_without_a_token(resident: Agent, scheme: str) -> None:
    headers = {"authorization": scheme} if scheme else {}
    expect_problem(await resident.http.post("/auth/rotate-secret", headers=headers), Unauthorized)


async def test_credentials_are_not_cached(agent: Agent) -> None:
    headers = (await agent.post("/auth/rotate-secret")).headers
    assert "no-store" in headers["cache-control"]
