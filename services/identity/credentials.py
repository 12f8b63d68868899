"""Durable work on an agent's credentials: rotation, and the way back in after a recovery."""

from typing import Any
from uuid import UUID

import structlog
from dbos import DBOS, error

from services.identity import steps
from shared.contracts.identity import ClientRecovered, ClientSecretRotated, RecoveryVerified
from shared.durable.announcing import announce
from shared.durable.engine import continued_trace, is_transient
from shared.messaging.outcomes import PROBLEM
from shared.ory.refusal import OryRefused
from shared.problems import Problem, UpstreamError

log = structlog.get_logger(__name__)

FAILURES = (Problem, OryRefused, error.DBOSMaxStepRetriesExceeded)
"""How a step ends that did not work."""

Stamp = dict[str, Any]
Concluded = dict[str, str]


@DBOS.workflow(name="rotate_secret")
async def rotate_secret(stamp: Stamp, identity_id: str, client_id: str, traceparent: str) -> Concluded:
    """Returns the outcome: the client with its new secret, or why not."""
    with continued_trace(traceparent):
        sealed_secret = await steps.draw_secret()
        try:
            await steps.set_secret(client_id, sealed_secret)
        except FAILURES as failure:
            return await _failed(
                stamp, failure, "The secret could not be rotated. Rotate it again to be sure."
            )
        outcome = await steps.conclude_credentials(stamp, client_id, sealed_secret)
        event = ClientSecretRotated(identity_id=UUID(identity_id), client_id=client_id)
        await announce(event, stamp["id"])
        return outcome


@DBOS.workflow(name="recover_client")
async def recover_client(stamp: Stamp, agent: dict[str, str], traceparent: str) -> Concluded:
    """One working client for the agent, and no other. Returns the outcome."""
    with continued_trace(traceparent):
        sealed_secret = await steps.draw_secret()
        try:
            client_id = await steps.renew_clients(stamp["id"], agent, sealed_secret)
        except FAILURES as failure:
            return await _failed(stamp, failure, "No client could be made. Try again.")
        outcome = await steps.conclude_credentials(stamp, client_id, sealed_secret)
        event = ClientRecovered(identity_id=UUID(agent["identity_id"]), client_id=client_id)
        await announce(event, stamp["id"])
        return outcome


@DBOS.workflow(name="verify_recovery")
async def verify_recovery(
    stamp: Stamp, agent: dict[str, str], nonce: str, remembered_until: str, traceparent: str
) -> Concluded:
    """Spend the nonce, then get a code. Returns the outcome."""
    with continued_trace(traceparent):
        try:
            await steps.spend_nonce(nonce, remembered_until, stamp["id"])
            sealed = await steps.create_recovery_code(agent["identity_id"])
        except FAILURES as failure:
            return await _failed(stamp, failure, "No recovery code could be had. Ask for a new challenge.")
        outcome = await steps.conclude_sealed(stamp, sealed)
        event = RecoveryVerified(identity_id=UUID(agent["identity_id"]), fingerprint=agent["fingerprint"])
        await announce(event, stamp["id"])
        return outcome


async def _failed(stamp: Stamp, failure: Exception, text: str) -> Concluded:
    """A server that failed midway, or refused, is told as such; a refusal of ours as it is."""
    if isinstance(failure, Problem) and not is_transient(failure):
        problem = failure
    else:
        log.warning("credentials_not_renewed", command=stamp["command"], error=type(failure).__name__)
        problem = UpstreamError(text)
    return await steps.conclude(stamp, PROBLEM, problem.details().model_dump_json())
