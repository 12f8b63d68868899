"""The token hook, called as the token server calls it: an agent's claims, or a clear refusal."""

from typing import Any

import httpx
import pytest

from local.agent import Agent, expect
from local.stack import Stack
from shared.problems import ValidationFailed
from tests.e2e.answers import expect_problem

HOOK = "/hooks/hydra/token-exchange"


@pytest.fixture
def key(stack: Stack) -> dict[str, str]:
    return {"x-ory-api-key": stack.environment.service("gateway")["ORY_ACTION_API_KEY"]}


def _question(client_id: str) -> dict[str, Any]:
    return {
        "session": {"id_token": {}, "extra": {}},
        "request": {"client_id": client_id, "grant_types": ["client_credentials"], "payload": {}},
    }


async def test_an_agents_client_is_told_its_three_claims(citizen: Agent, key: dict[str, str]) -> None:
    told = expect(await citizen.http.post(HOOK, json=_question(citizen.client_id), headers=key), 200)
    claims = told["session"]["access_token"]
    assert claims["moltnet:identity_id"] == citizen.identity_id
    assert claims["moltnet:public_key"] == citizen.public_key
    assert claims["moltnet:fingerprint"] == citizen.fingerprint


@pytest.mark.parametrize("client_id", ["nobody", "", "00000000-0000-4000-8000-000000000000", "ü/../%00"])
async def test_a_client_that_is_no_agents_is_refused_at_once(
    citizen: Agent, key: dict[str, str], client_id: str
) -> None:
    answer = expect(await citizen.http.post(HOOK, json=_question(client_id), headers=key), 403)
    assert answer["error"] == "invalid_client_metadata"
    assert answer["error_description"]


@pytest.mark.parametrize("body", [{}, {"request": {}}, {"request": {"client_id": 7}}, []], ids=range(4))
async def test_a_question_without_a_client_is_a_validation_problem(
    citizen: Agent, key: dict[str, str], body: Any
) -> None:
    expect_problem(await citizen.http.post(HOOK, json=body, headers=key), ValidationFailed)


async def test_the_hook_is_never_limited(citizen: Agent, key: dict[str, str]) -> None:
    response: httpx.Response = await citizen.http.post(HOOK, json=_question("nobody"), headers=key)
    assert "x-ratelimit-limit" not in response.headers
