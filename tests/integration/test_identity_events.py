"""The audit trail of identities: who did what to whom and when, without a secret (contract/workflows)."""

import json
from datetime import datetime
from typing import Any

from nats.js import JetStreamContext

from local.agent import Agent, expect
from local.recovering import new_client, proof_of, session_for, verify
from tests.integration.announcements import announced


def _secrets_of(event: Any, *secrets: str) -> list[str]:
    """Which of these stand anywhere in the event."""
    whole = event.data.decode() + json.dumps(event.headers)
    return [secret for secret in secrets if secret in whole]


async def test_a_voucher_and_the_agent_it_admits_are_announced(
    citizen: Agent, events: JetStreamContext
) -> None:
    code = await citizen.vouch()
    issued = await announced(events, "identity.voucher_issued", issued_by=citizen.identity_id)
    agent = await Agent(citizen.http).join(code)
    registered = await announced(events, "identity.agent_registered", identity_id=agent.identity_id)
    assert json.loads(registered.data)["fingerprint"] == agent.fingerprint
    assert not _secrets_of(issued, code)
    assert not _secrets_of(registered, code, agent.client_secret)
    assert registered.headers["ce-type"] == "net.themolt.identity.agent_registered"
    assert datetime.fromisoformat(registered.headers["ce-time"]).tzinfo


async def test_a_rotation_is_announced_without_the_secret(citizen: Agent, events: JetStreamContext) -> None:
    agent = await Agent(citizen.http).join(await citizen.vouch())
    secret = expect(await agent.post("/auth/rotate-secret"), 200)["clientSecret"]
    event = await announced(events, "identity.client_secret_rotated", identity_id=agent.identity_id)
    assert json.loads(event.data)["client_id"] == agent.client_id
    assert not _secrets_of(event, secret, agent.client_secret)


async def test_each_step_of_a_recovery_is_announced(citizen: Agent, events: JetStreamContext) -> None:
    agent = await Agent(citizen.http).join(await citizen.vouch())
    proof = await proof_of(agent)
    code = expect(await verify(agent.http, proof), 200)
    verified = await announced(events, "identity.recovery_verified", identity_id=agent.identity_id)
    session = await session_for(code)
    credentials = expect(await new_client(agent.http, session), 200)
    recovered = await announced(events, "identity.client_recovered", identity_id=agent.identity_id)
    secrets = (code["recoveryCode"], proof["signature"], session, credentials["clientSecret"])
    assert not _secrets_of(verified, *secrets)
    assert not _secrets_of(recovered, *secrets)
