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

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import structlog
from cryptography.fernet import Fernet
from dbos import DBOS

from services.identity.store import IdentityStore, VoucherState
from shared.contracts.diary import DiscardPrivateDiary, OpenPrivateDiary
from shared.contracts.identity import Agent, AgentRegistered, GetAgent, RegisteredAgent
from shared.durable.engine import QUEUE, continued_trace, current_trace, step_until_done, step_with_patience
from shared.durable.operations import Operations
from shared.messaging.bus import Bus
from shared.messaging.headers import OperationStamp
from shared.messaging.outcomes import PROBLEM, Outcome
from shared.ory.hydra import AgentClient, Clients
from shared.ory.kratos import CONFLICT, Identities
from shared.ory.refusal import OryRefused
from shared.permissions import Permissions
from shared.postgres import Database
from shared.problems import Conflict, Problem, RegistrationFailed, UpstreamError

log = structlog.get_logger(__name__)

SECRET_BYTES = 32
REGISTERED_ALREADY = "An agent with this key is registered already. The voucher was not used."


@dataclass(frozen=True)
class Parts:
    """What steps work with."""

    database: Database
    store: IdentityStore
    operations: Operations
    permissions: Permissions
    identities: Identities
    clients: Clients
    bus: Bus
    seal: Fernet


_parts: Parts


def wire(parts: Parts) -> None:
    """Give the steps their parts. Workflows are module functions, since the queue finds them by name."""
    global _parts
    _parts = parts


@dataclass(frozen=True)
class Applicant:
    """Who registers. Ids derive from the command, so that a repeated step meets what it made before."""

    registration: str
    public_key: str
    fingerprint: str
    voucher_code: str

    @property
    def client_id(self) -> str:
        return str(uuid5(UUID(self.registration), "client"))

    @property
    def diary_id(self) -> str:
        return str(uuid5(UUID(self.registration), "diary"))


@DBOS.workflow(name="register_agent")
async def register_agent(
    stamp: dict[str, Any], public_key: str, fingerprint: str, voucher_code: str, traceparent: str
) -> dict[str, str]:
    """Returns the outcome as `{kind, sealed}`: it may hold the client secret, so it rests encrypted."""
    applicant = Applicant(stamp["id"], public_key, fingerprint, voucher_code)
    with continued_trace(traceparent):
        try:
            identity_id, sealed_secret = await _register(applicant)
        except Problem as problem:
            return await conclude_failure(stamp, problem.details().model_dump_json())
        outcome = await conclude_success(stamp, _as_dict(applicant), identity_id, sealed_secret)
        await announce(identity_id, public_key, fingerprint)
        return outcome


async def _register(applicant: Applicant) -> tuple[str, str]:
    await check_voucher(applicant.voucher_code, applicant.public_key)
    identity_id = await _create_identity(applicant)
    known = _as_dict(applicant)
    undo: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("identity", lambda: delete_identity(identity_id))
    ]
    try:
        undo.append(("key", lambda: forget_key(identity_id, applicant.voucher_code)))
        await store_key(known, identity_id)
        undo.append(("self", lambda: remove_self(identity_id)))
        await grant_self(identity_id)
        undo.append(("diary", lambda: discard_diary(applicant.registration, applicant.diary_id)))
        await open_diary(applicant.registration, applicant.diary_id, identity_id)
        undo.append(("client", lambda: delete_client(applicant.client_id)))
        return identity_id, await create_client(known, identity_id)
    except Exception as failure:
        await _undo(undo, applicant, identity_id)
        raise _told(failure) from failure


async def _undo(
    undo: list[tuple[str, Callable[[], Awaitable[None]]]], applicant: Applicant, identity_id: str
) -> None:
    """The failed step's undoing goes to the queue; the others', newest first, are awaited."""
    failed, _ = undo[-1]
    if failed == "key":
        await forget_key(identity_id, applicant.voucher_code)
    else:
        await DBOS.enqueue_workflow_async(
            QUEUE, clean_up, failed, _as_dict(applicant), identity_id, current_trace()
        )
    for _, action in reversed(undo[:-1]):
        await action()


@DBOS.workflow(name="clean_up_registration")
async def clean_up(failed: str, applicant: dict[str, str], identity_id: str, traceparent: str) -> None:
    """Undo the step that failed, however long its server stays away."""
    who = Applicant(**applicant)
    with continued_trace(traceparent):
        if failed == "self":
            await remove_self(identity_id)
        elif failed == "diary":
            await discard_diary(who.registration, who.diary_id)
        elif failed == "client":
            await delete_client(who.client_id)
        elif failed == "identity":
            await delete_stray_identity(who.registration, who.public_key)


async def _create_identity(applicant: Applicant) -> str:
    try:
        return await create_identity(_as_dict(applicant))
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


def refusal(state: VoucherState) -> RegistrationFailed:
    return RegistrationFailed(f"The voucher is {state}.")


@step_until_done("check_voucher")
async def check_voucher(code: str, public_key: str) -> None:
    if await _parts.store.agent(GetAgent(public_key=public_key)) is not None:
        raise Conflict(REGISTERED_ALREADY)
    state = await _parts.store.voucher_state(code)
    if state is not VoucherState.GOOD:
        raise refusal(state)


@step_with_patience("create_identity")
async def create_identity(applicant: dict[str, str]) -> str:
    who = Applicant(**applicant)
    registration = UUID(who.registration)
    try:
        return str(await _parts.identities.create(registration, who.public_key, who.voucher_code))
    except OryRefused as failure:
        if failure.status != CONFLICT:
            raise
    ours = await _parts.identities.find(registration, who.public_key)
    if ours is None:
        raise Conflict(REGISTERED_ALREADY)
    return str(ours)


@step_with_patience("store_key")
async def store_key(applicant: dict[str, str], identity_id: str) -> None:
    who = Applicant(**applicant)
    agent = Agent(identity_id=UUID(identity_id), public_key=who.public_key, fingerprint=who.fingerprint)
    async with _parts.database.transaction() as connection:
        await _parts.store.put_agent(connection, agent)
        if not await _parts.store.redeem(connection, who.voucher_code, agent.identity_id):
            raise refusal(VoucherState.REDEEMED)


@step_with_patience("grant_self")
async def grant_self(identity_id: str) -> None:
    await _parts.permissions.grant_self(UUID(identity_id))


@step_with_patience("open_diary")
async def open_diary(registration: str, diary_id: str, identity_id: str) -> None:
    await _parts.bus.perform(
        OpenPrivateDiary(diary_id=UUID(diary_id), owner_id=UUID(identity_id)),
        operation=_opening(registration),
    )


def _opening(registration: str) -> UUID:
    """The id of the command that opens the diary."""
    return uuid5(UUID(registration), "open")


@step_with_patience("create_client")
async def create_client(applicant: dict[str, str], identity_id: str) -> str:
    """Returns the client secret, sealed."""
    who = Applicant(**applicant)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    agent = AgentClient(UUID(identity_id), who.public_key, who.fingerprint)
    await _parts.clients.put(UUID(who.client_id), secret, agent)
    return _parts.seal.encrypt(secret.encode()).decode()


@step_until_done("delete_client")
async def delete_client(client_id: str) -> None:
    await _parts.clients.delete(UUID(client_id))


@step_until_done("discard_diary")
async def discard_diary(registration: str, diary_id: str) -> None:
    await _parts.bus.perform(
        DiscardPrivateDiary(diary_id=UUID(diary_id), opening=_opening(registration)),
        operation=uuid5(UUID(registration), "discard"),
    )


@step_until_done("remove_self")
async def remove_self(identity_id: str) -> None:
    await _parts.permissions.remove_agent(UUID(identity_id))


@step_until_done("forget_key")
async def forget_key(identity_id: str, voucher_code: str) -> None:
    async with _parts.database.transaction() as connection:
        await _parts.store.forget_agent(connection, UUID(identity_id), voucher_code)


@step_until_done("delete_identity")
async def delete_identity(identity_id: str) -> None:
    await _parts.identities.delete(UUID(identity_id))


@step_until_done("delete_stray_identity")
async def delete_stray_identity(registration: str, public_key: str) -> None:
    stray = await _parts.identities.find(UUID(registration), public_key)
    if stray is not None:
        await _parts.identities.delete(stray)


@step_until_done("conclude_success")
async def conclude_success(
    stamp: dict[str, Any], applicant: dict[str, str], identity_id: str, sealed_secret: str
) -> dict[str, str]:
    who = Applicant(**applicant)
    answer = RegisteredAgent(
        identity_id=UUID(identity_id),
        fingerprint=who.fingerprint,
        public_key=who.public_key,
        client_id=who.client_id,
        client_secret=_parts.seal.decrypt(sealed_secret).decode(),
    )
    return await _conclude(stamp, Outcome.of_result(answer), secret=True)


@step_until_done("conclude_failure")
async def conclude_failure(stamp: dict[str, Any], problem: str) -> dict[str, str]:
    return await _conclude(stamp, Outcome(PROBLEM, problem.encode()), secret=False)


async def _conclude(stamp: dict[str, Any], outcome: Outcome, *, secret: bool) -> dict[str, str]:
    async with _parts.database.transaction() as connection:
        await _parts.operations.keep_once(
            connection, OperationStamp.model_validate(stamp), outcome, secret=secret
        )
    return {"kind": outcome.kind, "sealed": _parts.seal.encrypt(outcome.body).decode()}


def read_outcome(concluded: dict[str, str]) -> Outcome:
    return Outcome(concluded["kind"], _parts.seal.decrypt(concluded["sealed"]))


@step_until_done("announce_agent")
async def announce(identity_id: str, public_key: str, fingerprint: str) -> None:
    event = AgentRegistered(identity_id=UUID(identity_id), fingerprint=fingerprint, public_key=public_key)
    await _parts.bus.announce(event, key=identity_id)
