"""A signing request outlives the process that waits for its signature."""

import base64
from typing import Any

import httpx
import pytest

from local.agent import Agent, expect

from .polling import eventually
from .world import PAIR, World, Worlds


async def _ask(agent: Agent) -> dict[str, Any]:
    asked: dict[str, Any] = expect(
        await agent.post("/crypto/signing-requests", {"message": "I was here."}), 201
    )
    return asked


async def _submit(agent: Agent, request: dict[str, Any]) -> dict[str, Any]:
    """Submit under a key, again and again, until the verdict is told."""
    path = f"/crypto/signing-requests/{request['id']}/sign"
    signature = agent.sign(base64.b64decode(request["signingInput"]))

    async def once() -> httpx.Response:
        return await agent.post(path, {"signature": signature}, **{"idempotency-key": request["id"]})

    verdict: dict[str, Any] = expect(await eventually(once, lambda told: told.status_code == 200), 200)
    return verdict


async def test_a_signature_finds_its_request_after_the_service_was_killed(world: World) -> None:
    agent = await world.agent()
    request = await _ask(agent)
    await world.killed("signing")
    verdict = await _submit(agent, request)
    assert (verdict["status"], verdict["valid"]) == ("completed", True)


async def test_a_signature_submitted_while_the_service_is_down_is_not_lost(world: World) -> None:
    agent = await world.agent()
    request = await _ask(agent)
    await world.stack.kill("signing")
    verdict = await _submit(agent, request)
    assert (verdict["status"], verdict["valid"]) == ("completed", True)


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed"])
async def test_a_request_without_signature_expires(worlds: Worlds, killed: bool) -> None:
    world = await worlds.of(PAIR)
    agent = await world.agent()
    request = await _ask(agent)
    if killed:
        await world.killed("signing")

    async def recorded() -> str:
        rows = await world.rows("SELECT status FROM signing_requests WHERE id = $1", request["id"])
        return str(rows[0]["status"])

    assert await eventually(recorded, lambda status: status == "expired") == "expired"
