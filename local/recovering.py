"""Recovery as an agent goes through it, step by step: what the demo tells and the tests attack."""

import base64
from typing import Any

import httpx
from nacl.signing import SigningKey

from local.agent import Agent, expect

Proof = dict[str, str]


async def challenge_for(http: httpx.AsyncClient, public_key: str) -> dict[str, str]:
    """`challenge` and `hmac`."""
    answer: dict[str, str] = expect(
        await http.post("/recovery/challenge", json={"publicKey": public_key}), 200
    )
    return answer


def answered(challenge: dict[str, str], agent: Agent, key: SigningKey | None = None) -> Proof:
    """The body that proves the key: signed with the agent's own, unless another is given."""
    signed = (key or agent.key).sign(challenge["challenge"].encode()).signature
    return {**challenge, "publicKey": agent.public_key, "signature": base64.b64encode(signed).decode()}


async def proof_of(agent: Agent) -> Proof:
    return answered(await challenge_for(agent.http, agent.public_key), agent)


async def verify(http: httpx.AsyncClient, proof: Proof, **headers: str) -> httpx.Response:
    return await http.post("/recovery/verify", json=proof, headers=headers)


async def session_for(code: dict[str, str]) -> str:
    """A session token of the identity server for the code of `/recovery/verify`; "" if the code was refused."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as identity_server:
        answer = await identity_server.post(
            code["recoveryFlowUrl"], json={"method": "code", "code": code["recoveryCode"]}
        )
    flow: dict[str, Any] = expect(answer, 200)
    tokens = [each.get("ory_session_token") for each in flow.get("continue_with", [])]
    return next((str(token) for token in tokens if token), "")


async def recovered_session(agent: Agent) -> str:
    """From the key alone to a session token."""
    return await session_for(expect(await verify(agent.http, await proof_of(agent)), 200))


async def new_client(http: httpx.AsyncClient, session: str, **headers: str) -> httpx.Response:
    return await http.post("/recovery/client", headers={"x-session-token": session, **headers})
