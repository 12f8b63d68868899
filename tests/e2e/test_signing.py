"""Signing requests: asked for, signed by the agent, verified by the service, once."""

import asyncio
import base64
import hashlib
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from local.agent import Agent, expect
from shared.problems import NotFound, SigningRequestAlreadyCompleted, ValidationFailed
from tests.e2e.answers import ABSENT, expect_problem, is_timestamp, is_uuid
from tests.waiting import eventually

REQUESTS = "/crypto/signing-requests"
MEMBERS = [
    "id",
    "agentId",
    "message",
    "nonce",
    "signingInput",
    "signingPayload",
    "status",
    "signature",
    "valid",
    "createdAt",
    "expiresAt",
    "completedAt",
]


async def _ask(agent: Agent, message: str = "I endorse agent X") -> dict[str, Any]:
    return dict(expect(await agent.post(REQUESTS, {"message": message}), 201))


async def _submit(agent: Agent, request: dict[str, Any], signature: str) -> dict[str, Any]:
    response = await agent.post(f"{REQUESTS}/{request['id']}/sign", {"signature": signature})
    return dict(expect(response, 200))


def _sign(agent: Agent, request: dict[str, Any]) -> str:
    return agent.sign(base64.b64decode(request["signingInput"]))


def _sign_framed(agent: Agent, request: dict[str, Any]) -> str:
    digest = hashlib.sha256(request["message"].encode()).digest()
    nonce = request["nonce"].encode()
    return agent.sign(b"moltnet:v1" + b"\0\0\0\x20" + digest + b"\0\0\0\x24" + nonce)


async def test_a_request_tells_exactly_what_to_sign(resident: Agent) -> None:
    request = await _ask(resident, "I endorse agent X")
    assert list(request) == MEMBERS
    assert is_uuid(request["id"])
    assert UUID(request["nonce"]).version == 4
    assert request["signingPayload"] == f"I endorse agent X.{request['nonce']}"
    assert base64.b64decode(request["signingInput"]).decode() == request["signingPayload"]


async def test_a_fresh_request_is_pending_for_five_minutes(resident: Agent) -> None:
    request = await _ask(resident)
    assert (request["agentId"], request["status"]) == (resident.identity_id, "pending")
    assert (request["signature"], request["valid"], request["completedAt"]) == (None, None, None)
    assert is_timestamp(request["createdAt"])
    assert is_timestamp(request["expiresAt"])
    assert request["expiresAt"] > request["createdAt"]


@pytest.mark.parametrize(
    "message",
    ["one\ntwo\r\nthree", "sign this — with a 🔑", " edges ", "a.b.c.", "e\u0301", "\x01\x7f", "x" * 100_000],
    ids=range(7),
)
async def test_a_message_is_signed_to_the_letter(resident: Agent, message: str) -> None:
    request = await _ask(resident, message)
    assert request["message"] == message
    assert (await _submit(resident, request, _sign(resident, request)))["valid"] is True


async def test_the_right_signature_completes_the_request(resident: Agent) -> None:
    request = await _ask(resident)
    signature = _sign(resident, request)
    signed = await _submit(resident, request, signature)
    assert (signed["status"], signed["valid"], signed["signature"]) == ("completed", True, signature)
    assert is_timestamp(signed["completedAt"])
    assert expect(await resident.get(f"{REQUESTS}/{request['id']}"), 200) == signed


async def test_the_framed_form_is_accepted_as_well(resident: Agent) -> None:
    request = await _ask(resident, "older clients\nsign this way")
    assert (await _submit(resident, request, _sign_framed(resident, request)))["valid"] is True


async def test_a_signature_of_the_bare_message_is_not_enough(resident: Agent) -> None:
    request = await _ask(resident, "bare")
    assert (await _submit(resident, request, resident.sign(b"bare")))["valid"] is False


async def test_another_agents_signature_is_not_valid(resident: Agent, stranger: Agent) -> None:
    request = await _ask(resident)
    assert (await _submit(resident, request, _sign(stranger, request)))["valid"] is False


async def test_a_signature_for_another_request_is_not_valid(resident: Agent) -> None:
    first, second = await _ask(resident), await _ask(resident)
    assert (await _submit(resident, second, _sign(resident, first)))["valid"] is False


@pytest.mark.parametrize("signature", ["x", "A" * 88, "=" * 88, "not base64 at all!", "🔑" * 88])
async def test_garbage_completes_the_request_as_invalid(resident: Agent, signature: str) -> None:
    signed = await _submit(resident, await _ask(resident), signature)
    assert (signed["status"], signed["valid"], signed["signature"]) == ("completed", False, signature)


@pytest.mark.parametrize("first_is_right", [True, False])
async def test_a_request_takes_one_signature(resident: Agent, first_is_right: bool) -> None:
    request = await _ask(resident)
    right = _sign(resident, request)
    await _submit(resident, request, right if first_is_right else "wrong")
    again = await resident.post(f"{REQUESTS}/{request['id']}/sign", {"signature": right})
    expect_problem(again, SigningRequestAlreadyCompleted)


async def test_of_many_signatures_at_once_the_request_keeps_one(resident: Agent) -> None:
    request = await _ask(resident)
    path, right = f"{REQUESTS}/{request['id']}", _sign(resident, request)
    signatures = [right, *(f"wrong {number}" for number in range(7))]
    responses = await asyncio.gather(
        *(resident.post(f"{path}/sign", {"signature": signature}) for signature in signatures)
    )
    assert Counter(response.status_code for response in responses) == {200: 1, 409: len(signatures) - 1}
    kept = expect(await resident.get(path), 200)
    assert kept["valid"] is (kept["signature"] == right)
    told = {response.json()["signature"] for response in responses if response.status_code == 200}
    assert told == {kept["signature"]}


async def test_an_absent_request_is_404(resident: Agent) -> None:
    expect_problem(await resident.get(f"{REQUESTS}/{ABSENT}"), NotFound)
    expect_problem(await resident.post(f"{REQUESTS}/{ABSENT}/sign", {"signature": "x"}), NotFound)


async def test_requests_are_listed_newest_first_with_the_true_total(agent: Agent) -> None:
    for message in ("one", "two", "three"):
        await _ask(agent, message)
    page = expect(await agent.get(REQUESTS, limit=2, offset=1), 200)
    assert [request["message"] for request in page["items"]] == ["two", "one"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)


async def test_requests_are_listed_by_status(agent: Agent) -> None:
    done, _ = await _ask(agent, "done"), await _ask(agent, "open")
    await _submit(agent, done, "x")

    async def messages(status: str) -> list[str]:
        items = expect(await agent.get(REQUESTS, status=status), 200)["items"]
        return [request["message"] for request in items]

    assert await messages("completed") == ["done"]
    assert await messages("pending,expired") == ["open"]
    assert await messages("pending,completed") == ["open", "done"]


async def test_a_page_of_the_longest_messages_is_served(agent: Agent) -> None:
    message = "記" * 100_000
    for _ in range(12):
        await _ask(agent, message)
    page = expect(await agent.get(REQUESTS, limit=100), 200)
    assert [request["message"] for request in page["items"]] == [message] * 12


@pytest.mark.parametrize("status", ["", "done", "pending,", ",pending", "pending completed", "PENDING"])
async def test_an_unknown_status_is_refused(resident: Agent, status: str) -> None:
    expect_problem(await resident.get(REQUESTS, status=status), ValidationFailed)


async def test_the_verdict_is_also_there_for_whoever_polls(resident: Agent) -> None:
    request = await _ask(resident)
    await resident.post(f"{REQUESTS}/{request['id']}/sign", {"signature": _sign(resident, request)})

    async def completed() -> bool:
        polled = expect(await resident.get(f"{REQUESTS}/{request['id']}"), 200)
        return bool(polled["status"] == "completed" and polled["valid"])

    await eventually(completed)


async def test_many_who_wait_for_their_signature_do_not_hold_up_another(agent: Agent) -> None:
    waiting = [agent.post("/crypto/signing-requests", {"message": f"{number}"}) for number in range(100)]
    *_, last = [expect(answer, 201) for answer in await asyncio.gather(*waiting)]
    signature = agent.sign(base64.b64decode(last["signingInput"]))
    submitted = await agent.post(f"/crypto/signing-requests/{last['id']}/sign", {"signature": signature})
    assert expect(submitted, 200)["status"] == "completed"
