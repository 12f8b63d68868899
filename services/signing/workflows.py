"""One workflow per signing request: tell what to sign, wait for the signature, verify, record, tell the result."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dbos import DBOS

from services.signing.agents import current_key
from services.signing.store import SigningStore
from shared.contracts.signing import SigningRequestCompleted, SigningStatus
from shared.crypto.signatures import matching_form
from shared.durable.announcing import announce
from shared.durable.engine import continued_trace, step_until_done
from shared.messaging.bus import Bus

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
        event = SigningRequestCompleted(
            request_id=UUID(request_id),
            agent_id=UUID(agent_id),
            status=result["status"],
            valid=result["valid"],
        )
        await announce(event, request_id)


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
    public_key = await current_key(_parts.bus, UUID(agent_id))
    form = matching_form(message, nonce, signature, public_key) if public_key else None
    await _parts.store.complete(UUID(request_id), signature, form)
    return form is not None
