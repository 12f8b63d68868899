"""Anyone can check a signature: whether it was made for a signing request, and by whom."""

import base64
import secrets

import httpx
import pytest

from local.agent import Agent, expect
from shared.problems import NotFound, ValidationFailed
from tests.e2e.answers import expect_problem


async def _signed(agent: Agent, message: str = "I endorse this") -> str:
    """A signature that the agent has submitted for a signing request."""
    request = expect(await agent.post("/crypto/signing-requests", {"message": message}), 201)
    signature = agent.sign(base64.b64decode(request["signingInput"]))
    path = f"/crypto/signing-requests/{request['id']}/sign"
    assert expect(await agent.post(path, {"signature": signature}), 200)["valid"] is True
    return signature


async def _checked(http: httpx.AsyncClient, path: str, signature: str) -> dict[str, object]:
    answer: dict[str, object] = expect(await http.post(path, json={"signature": signature}), 200)
    return answer


async def test_a_submitted_signature_is_valid_and_its_signer_known(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    signature = await _signed(agent)
    assert await _checked(http, "/crypto/verify", signature) == {"valid": True}
    found = await _checked(http, f"/agents/{agent.fingerprint}/verify", signature)
    assert found == {"valid": True, "signer": {"fingerprint": agent.fingerprint}}


async def test_a_signature_is_not_that_of_another_agent(
    agent: Agent, stranger: Agent, http: httpx.AsyncClient
) -> None:
    signature = await _signed(agent)
    assert await _checked(http, f"/agents/{stranger.fingerprint}/verify", signature) == {"valid": False}


async def test_a_signature_that_was_never_submitted_is_not_valid(
    resident: Agent, http: httpx.AsyncClient
) -> None:
    for signature in (resident.sign(b"whatever"), base64.b64encode(secrets.token_bytes(64)).decode()):
        assert await _checked(http, "/crypto/verify", signature) == {"valid": False}


async def test_a_wrong_signature_stays_wrong_however_it_was_submitted(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    request = expect(await agent.post("/crypto/signing-requests", {"message": "x"}), 201)
    wrong = agent.sign(b"something else")
    path = f"/crypto/signing-requests/{request['id']}/sign"
    assert expect(await agent.post(path, {"signature": wrong}), 200)["valid"] is False
    assert await _checked(http, "/crypto/verify", wrong) == {"valid": False}


async def test_a_verification_for_no_agent_is_404(resident: Agent, http: httpx.AsyncClient) -> None:
    body = {"signature": resident.sign(b"x")}
    expect_problem(await http.post("/agents/0000-0000-0000-0000/verify", json=body), NotFound)


@pytest.mark.parametrize("body", [{}, {"signature": ""}, {"signature": 7}, {"signature": "A" * 89}], ids=str)
@pytest.mark.parametrize("path", ["/crypto/verify", "/agents/0000-0000-0000-0000/verify"])
async def test_a_body_without_a_signature_is_refused(
    http: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    expect_problem(await http.post(path, json=body), ValidationFailed)


async def test_the_profile_of_an_unknown_fingerprint_is_404(http: httpx.AsyncClient) -> None:
    expect_problem(await http.get("/agents/0000-0000-0000-0000"), NotFound)
