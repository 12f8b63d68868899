"""One workflow per signing request: tell what to sign, wait for the signature, verify, record, tell the result."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dbos import DBOS

from services.signing.store import SigningStore
from shared.contracts.identity import GetAgent
from shared.contracts.signing import SigningRequestCompleted, SigningStatus
from shared.crypto.signatures import matching_form
from shared.durable.engine import continued_trace, step_until_done
from shared.messaging.bus import Bus
from shared.problems import NotFound

SERVICE = "signing"
TOPIC = "signature"
RESULT = "result"


@dataclass(frozen=True)
class Parts:
    """What steps work with."""

    store: SigningStore
    bus: Bus


_parts: Parts


def wire(parts: Parts) -> None:
    """Give the steps their parts. Workflows are module functions, since the queue finds them by name."""
    global _parts
    _parts = parts


@DBOS.workflow(name="request_signature")
async def request_signature(request_id: str, agent_id: str, seconds: float, traceparent: str) -> None:
    """Lives as long as the request. The first signature counts, right or wrong; without one it expires."""
    with continued_trace(traceparent):
        await DBOS.set_event_async("envelope", {"request_id": request_id})
        submitted: dict[str, Any] | None = await DBOS.recv_async(TOPIC, timeout_seconds=seconds)
        if submitted is None:
            await expire(request_id)
            result: dict[str, Any] = {"status": SigningStatus.EXPIRED.value, "valid": None}
        else:
            valid = await verify_and_record(request_id, agent_id, submitted["signature"])
            result = {"status": SigningStatus.COMPLETED.value, "valid": valid}
        await DBOS.set_event_async(RESULT, {"request_id": request_id, **result})
        await announce(request_id, agent_id, result["status"], result["valid"])


@step_until_done("expire")
async def expire(request_id: str) -> None:
    await _parts.store.expire(UUID(request_id))


@step_until_done("verify_and_record")
async def verify_and_record(request_id: str, agent_id: str, signature: str) -> bool:
    """Verify with the agent's current key. An agent without a key, or any garbage, is simply not valid."""
    waiting = await _parts.store.to_verify(UUID(request_id))
    if waiting is None:
        return False
    message, nonce = waiting
    public_key = await _public_key(UUID(agent_id))
    form = matching_form(message, nonce, signature, public_key) if public_key else None
    await _parts.store.complete(UUID(request_id), signature, form)
    return form is not None


async def _public_key(agent_id: UUID) -> str | None:
    try:
        agent = await _parts.bus.ask(GetAgent(identity_id=agent_id))
    except NotFound:
        return None
    return agent.public_key


@step_until_done("announce")
async def announce(request_id: str, agent_id: str, status: str, valid: bool | None) -> None:
    event = SigningRequestCompleted(
        request_id=UUID(request_id), agent_id=UUID(agent_id), status=SigningStatus(status), valid=valid
    )
    await _parts.bus.announce(event, key=request_id)
