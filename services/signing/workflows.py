"""One workflow per signing request: announce it, wait for its signature, end it when none comes, announce how it
ended."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dbos import DBOS

from services.signing.store import SigningStore
from shared.contracts.signing import SigningRequestCompleted, SigningRequestCreated
from shared.durable.announcing import announce
from shared.durable.engine import continued_trace, step_until_done

SERVICE = "signing"
TOPIC = "signature"
WAITING = "waiting_for_signature"
"""A queue without a limit: whoever waits for a signature must not hold up anyone else's."""


@dataclass(frozen=True)
class Parts:
    """What steps work with."""

    store: SigningStore


_parts: Parts


def wire(parts: Parts) -> None:
    """Give the steps their parts. Workflows are module functions, since the queue finds them by name."""
    global _parts
    _parts = parts


@DBOS.workflow(name="request_signature")
async def request_signature(request_id: str, agent_id: str, expires_at: str, traceparent: str) -> None:
    """Lives as long as the request. Whoever submits a signature records the verdict and wakes it."""
    request: dict[str, Any] = {"request_id": UUID(request_id), "agent_id": UUID(agent_id)}
    with continued_trace(traceparent):
        begun = SigningRequestCreated(**request, expires_at=datetime.fromisoformat(expires_at))
        await announce(begun, f"created-{request_id}")
        await DBOS.recv_async(TOPIC, timeout_seconds=_seconds_until(expires_at))
        ended = await conclude_request(request_id)
        await announce(SigningRequestCompleted(**request, **ended), request_id)


def _seconds_until(moment: str) -> float:
    """When the workflow is run again, the wait goes on as it began."""
    return max(0.0, (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds())


@step_until_done("conclude_request")
async def conclude_request(request_id: str) -> dict[str, Any]:
    """`status` and `valid` of the request, which is expired if it has no signature."""
    await _parts.store.expire(UUID(request_id))
    status, valid = await _parts.store.verdict(UUID(request_id))
    return {"status": status.value, "valid": valid}
