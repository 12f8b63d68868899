"""Registration as one durable workflow. It ends with an agent that can log in, or with nothing.

    check the key and the voucher
    create the Kratos identity
    store the key and redeem the voucher   -+
    write the Agent#self tuple              |  when one of these fails for good, it and all before it
    open the diary named Private            |  are undone, newest first; the voucher is whole again
    create the Hydra client                -+

A step that failed may still have had its effect (an answer can be lost). Its undoing may have to wait for the
very server that failed, so that one runs on by itself, on the queue, while the caller gets the answer. Until
it has run, what it might leave is out of anyone's reach: a client whose secret nobody was told.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import structlog
from dbos import DBOS

from services.identity import steps
from services.identity.steps import Applicant
from shared.contracts.identity import Agent, AgentRegistered
from shared.durable.announcing import announce
from shared.durable.engine import QUEUE, continued_trace, current_trace
from shared.messaging.outcomes import PROBLEM, RESULT
from shared.problems import Conflict, Problem, RegistrationFailed, UpstreamError

log = structlog.get_logger(__name__)

T = TypeVar("T")


Undo = list[tuple[str, Callable[[], Awaitable[None]]]]
"""What may have had an effect, oldest first: a step's name, and what undoes it."""


@DBOS.workflow(name="register_agent")
async def register_agent(
    stamp: dict[str, Any], public_key: str, fingerprint: str, voucher_code: str, traceparent: str
) -> dict[str, str]:
    """Returns the outcome as `{kind, sealed}`: it may hold the client secret, so it rests encrypted."""
    applicant = Applicant(stamp["id"], public_key, fingerprint, voucher_code)
    with continued_trace(traceparent):
        try:
            await steps.check_voucher(voucher_code, public_key)
            identity_id, sealed_secret = await _register(applicant)
        except Problem as problem:
            return await steps.conclude(stamp, PROBLEM, problem.details().model_dump_json())
        await steps.settle_voucher(voucher_code)
        outcome = await steps.conclude_registration(stamp, _as_dict(applicant), identity_id, sealed_secret)
        await announce(_registered(applicant, identity_id), identity_id)
        return outcome


@DBOS.workflow(name="admit_identity")
async def admit_identity(
    stamp: dict[str, Any],
    identity_id: str,
    public_key: str,
    fingerprint: str,
    voucher_code: str,
    traceparent: str,
) -> dict[str, str]:
    """For an identity that registers at Kratos itself: the middle of a registration. Returns the outcome."""
    applicant = Applicant(stamp["id"], public_key, fingerprint, voucher_code)
    undo: Undo = []
    with continued_trace(traceparent):
        try:
            await steps.check_voucher(voucher_code, public_key)
            await _undoing(_establish(applicant, identity_id, undo), undo, applicant, identity_id)
        except Problem as problem:
            return await steps.conclude(stamp, PROBLEM, problem.details().model_dump_json())
        await steps.settle_voucher(voucher_code)
        agent = Agent(identity_id=UUID(identity_id), public_key=public_key, fingerprint=fingerprint)
        outcome = await steps.conclude(stamp, RESULT, agent.model_dump_json())
        await announce(_registered(applicant, identity_id), identity_id)
        return outcome


def _registered(applicant: Applicant, identity_id: str) -> AgentRegistered:
    return AgentRegistered(
        identity_id=UUID(identity_id), fingerprint=applicant.fingerprint, public_key=applicant.public_key
    )


async def _register(applicant: Applicant) -> tuple[str, str]:
    """The identity's id and the sealed client secret."""
    identity_id = await _create_identity(applicant)
    undo: Undo = [("identity", lambda: steps.delete_identity(identity_id))]

    async def rest() -> str:
        await _establish(applicant, identity_id, undo)
        sealed_secret = await steps.draw_secret()
        undo.append(("client", lambda: steps.delete_client(applicant.client_id)))
        await steps.create_client(_as_dict(applicant), identity_id, sealed_secret)
        return sealed_secret

    return identity_id, await _undoing(rest(), undo, applicant, identity_id)


async def _establish(applicant: Applicant, identity_id: str, undo: Undo) -> None:
    """Key and voucher, self tuple, private diary."""
    undo.append(("key", lambda: steps.forget_key(identity_id, applicant.voucher_code)))
    await steps.store_key(_as_dict(applicant), identity_id)
    undo.append(("self", lambda: steps.remove_self(identity_id)))
    await steps.grant_self(identity_id)
    undo.append(("diary", lambda: steps.discard_diary(applicant.registration, applicant.diary_id)))
    await steps.open_diary(applicant.registration, applicant.diary_id, identity_id)


async def _undoing(work: Awaitable[T], undo: Undo, applicant: Applicant, identity_id: str) -> T:
    """The work's result; if it fails, all that it began is undone. Raises what the applicant is told."""
    try:
        return await work
    except Exception as failure:
        await _undo(undo, applicant, identity_id)
        raise _told(failure) from failure


async def _undo(undo: Undo, applicant: Applicant, identity_id: str) -> None:
    """The failed step's undoing goes to the queue; the others', newest first, are awaited, as far as they work."""
    failed, _ = undo[-1]
    awaited = undo if failed == "key" else undo[:-1]
    left = [] if failed == "key" else [failed]
    for name, action in reversed(awaited):
        try:
            await action()
        except Exception as failure:
            log.error("registration_not_undone", step=name, error=type(failure).__name__)
            left.append(name)
    for name in left:
        await DBOS.enqueue_workflow_async(
            QUEUE, clean_up, name, _as_dict(applicant), identity_id, current_trace()
        )


@DBOS.workflow(name="clean_up_registration")
async def clean_up(failed: str, applicant: dict[str, str], identity_id: str, traceparent: str) -> None:
    """Undo a step that failed, or whose undoing did, however long its server stays away."""
    who = Applicant(**applicant)
    with continued_trace(traceparent):
        if failed == "key":
            await steps.forget_key(identity_id, who.voucher_code)
        elif failed == "self":
            await steps.remove_self(identity_id)
        elif failed == "diary":
            await steps.discard_diary(who.registration, who.diary_id)
        elif failed == "client":
            await steps.delete_client(who.client_id)
        elif failed == "identity":
            await steps.delete_stray_identity(who.registration, who.public_key)


async def _create_identity(applicant: Applicant) -> str:
    try:
        return await steps.create_identity(_as_dict(applicant))
    except Conflict:
        raise
    except Exception as failure:
        await DBOS.enqueue_workflow_async(
            QUEUE, clean_up, "identity", _as_dict(applicant), "", current_trace()
        )
        raise _told(failure) from failure


def _as_dict(applicant: Applicant) -> dict[str, str]:
    return {
        "registration": applicant.registration,
        "public_key": applicant.public_key,
        "fingerprint": applicant.fingerprint,
        "voucher_code": applicant.voucher_code,
    }


def _told(failure: Exception) -> Problem:
    """What the applicant is told: a refusal as it is, anything else as a failure behind us."""
    if isinstance(failure, (Conflict, RegistrationFailed)):
        return failure
    log.warning("registration_undone", error=type(failure).__name__)
    return UpstreamError("The registration could not be completed and was undone. The voucher is still good.")
