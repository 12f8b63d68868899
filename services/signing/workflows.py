"""One workflow per signing request: tell what to sign, wait for the signature, verify, record, tell the result."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dbos import DBOS

from services.signing.agents import current_key
from services.signing.store import SigningStore
from shared.contracts.signing import SigningRequestCompleted
from shared.crypto.signatures import matching_form
from shared.durable.announcing import announce
from shared.durable.engine import continued_trace, step_until_done
from shared.messaging.bus import Bus

SERVICE = "signing"
TOPIC = "signature"
RESULT = "result"
WAITING = "waiting_for_signature"
"""A queue without a limit: whoever waits for a signature must not hold up anyone else's."""


Verdict = dict[str, Any]
"""`status` and `valid` of a request that is over."""


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
async def request_signature(request_id: str, agent_id: str, expires_at: str, traceparent: str) -> None:
    """Lives as long as the request. The first signature counts, right or wrong; without one it expires."""
    with continued_trace(traceparent):
        await DBOS.set_event_async("envelope", {"request_id": request_id})
        submitted: dict[str, Any] | None = await DBOS.recv_async(
            TOPIC, timeout_seconds=_seconds_until(expires_at)
        )
        if submitted is None:
            result = await expire(request_id)
        else:
            result = await verify_and_record(request_id, agent_id, submitted["signature"])
        await DBOS.set_event_async(RESULT, {"request_id": request_id, **result})
        event = SigningRequestCompleted(
            request_id=UUID(request_id),
            agent_id=UUID(agent_id),
            status=result["status"],
            valid=result["valid"],
        )
        await announce(event, request_id)


def _seconds_until(moment: str) -> float:
    """When the workflow is run again, the wait goes on as it began."""
    return max(0.0, (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds())


@step_until_done("expire")
async def expire(request_id: str) -> Verdict:
    await _parts.store.expire(UUID(request_id))
    return await _recorded(request_id)


@step_until_done("verify_and_record")
async def verify_and_record(request_id: str, agent_id: str, signature: str) -> Verdict:
    """Verify with the agent's current key. An agent without a key, or any garbage, is simply not valid."""
    waiting = await _parts.store.to_verify(UUID(request_id))
    if waiting is not None:
        message, nonce = waiting
        public_key = await current_key(_parts.bus, UUID(agent_id))
        form = matching_form(message, nonce, signature, public_key) if public_key else None
        await _parts.store.complete(UUID(request_id), signature, form)
    return await _recorded(request_id)


async def _recorded(request_id: str) -> Verdict:
    """What the row says: a step that runs again finds what it wrote before."""
    status, valid = await _parts.store.verdict(UUID(request_id))
    return {"status": status.value, "valid": valid}
