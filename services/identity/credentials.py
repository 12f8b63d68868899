"""Durable work on an agent's credentials: rotation, and the way back in after a recovery."""

from typing import Any
from uuid import UUID

from dbos import DBOS

from services.identity import steps
from shared.contracts.identity import ClientRecovered, ClientSecretRotated, RecoveryVerified
from shared.durable.announcing import announce
from shared.durable.engine import continued_trace
from shared.messaging.outcomes import PROBLEM
from shared.problems import Problem, ServiceUnavailable, UpstreamError

Stamp = dict[str, Any]
Concluded = dict[str, str]


@DBOS.workflow(name="rotate_secret")
async def rotate_secret(stamp: Stamp, identity_id: str, client_id: str, traceparent: str) -> Concluded:
    """Returns the outcome: the client with its new secret, or why not."""
    with continued_trace(traceparent):
        try:
            sealed = await steps.set_new_secret(client_id)
        except Problem as problem:
            return await _failed(
                stamp, problem, "The secret could not be rotated. Rotate it again to be sure."
            )
        outcome = await steps.conclude_sealed(stamp, sealed)
        event = ClientSecretRotated(identity_id=UUID(identity_id), client_id=client_id)
        await announce(event, stamp["id"])
        return outcome


@DBOS.workflow(name="recover_client")
async def recover_client(stamp: Stamp, agent: dict[str, str], traceparent: str) -> Concluded:
    """One working client for the agent, and no other. Returns the outcome."""
    with continued_trace(traceparent):
        try:
            client_id, sealed = await steps.renew_clients(stamp["id"], agent)
        except Problem as problem:
            return await _failed(stamp, problem, "No client could be made. Try again.")
        outcome = await steps.conclude_sealed(stamp, sealed)
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
        except Problem as problem:
            return await _failed(stamp, problem, "No recovery code could be had. Ask for a new challenge.")
        outcome = await steps.conclude_sealed(stamp, sealed)
        event = RecoveryVerified(identity_id=UUID(agent["identity_id"]), fingerprint=agent["fingerprint"])
        await announce(event, stamp["id"])
        return outcome


async def _failed(stamp: Stamp, problem: Problem, text: str) -> Concluded:
    """A server that failed midway is told as such; a refusal of ours as it is."""
    if isinstance(problem, (UpstreamError, ServiceUnavailable)):
        problem = UpstreamError(text)
    return await steps.conclude(stamp, PROBLEM, problem.details().model_dump_json())
