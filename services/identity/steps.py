"""The steps of the identity service's workflows. Each can be repeated, and is until it is done or given up."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from cryptography.fernet import Fernet

from services.identity.store import IdentityStore, VoucherState
from shared.contracts.diary import DiscardPrivateDiary, OpenPrivateDiary
from shared.contracts.identity import Agent, ClientCredentials, GetAgent, RecoveryCode, RegisteredAgent
from shared.durable.engine import step_until_done, step_with_patience
from shared.durable.operations import Operations
from shared.messaging.bus import Bus
from shared.messaging.headers import OperationStamp
from shared.messaging.outcomes import RESULT, Outcome
from shared.ory.hydra import AgentClient, Clients
from shared.ory.kratos import CONFLICT, Identities, submit_address
from shared.ory.refusal import OryRefused
from shared.permissions import Permissions
from shared.postgres import Database
from shared.problems import Conflict, InvalidChallenge, RegistrationFailed

SECRET_BYTES = 32
SECRET_BEARING = ("register_agent", "rotate_secret", "recover_client", "verify_recovery")
"""Workflows in whose histories secrets rest sealed."""
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
    kratos_public: str


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


@step_until_done("draw_secret")
async def draw_secret() -> str:
    """A new client secret, sealed. It is drawn once and recorded, so that a step that sets it may run again."""
    return _sealed(secrets.token_urlsafe(SECRET_BYTES).encode())


@step_with_patience("create_client")
async def create_client(applicant: dict[str, str], identity_id: str, sealed_secret: str) -> None:
    who = Applicant(**applicant)
    agent = AgentClient(UUID(identity_id), who.public_key, who.fingerprint)
    await _parts.clients.put(UUID(who.client_id), _opened(sealed_secret), agent)


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


@step_with_patience("set_secret")
async def set_secret(client_id: str, sealed_secret: str) -> None:
    await _parts.clients.set_secret(client_id, _opened(sealed_secret))


@step_with_patience("renew_clients")
async def renew_clients(operation: str, agent: dict[str, str], sealed_secret: str) -> str:
    """The agent's oldest client with this secret, or a new client; any others go, and all their tokens end.

    Returns the client's id.
    """
    who = AgentClient(UUID(agent["identity_id"]), agent["public_key"], agent["fingerprint"])
    secret = _opened(sealed_secret)
    found = await _parts.clients.of_agent(who)
    client_id, others = (found[0], found[1:]) if found else (str(uuid5(UUID(operation), "client")), [])
    for other in others:
        await _parts.clients.delete(other)
    if found:
        await _parts.clients.set_secret(client_id, secret)
        await _parts.clients.end_tokens(client_id)
    else:
        await _parts.clients.put(UUID(client_id), secret, who)
    return client_id


@step_until_done("spend_nonce")
async def spend_nonce(nonce: str, remembered_until: str, operation: str) -> None:
    """Raises InvalidChallenge when another operation has spent it."""
    until = datetime.fromisoformat(remembered_until)
    async with _parts.database.transaction() as connection:
        if not await _parts.store.spend_nonce(connection, nonce, until, UUID(operation)):
            raise InvalidChallenge("The challenge was used already.")


@step_with_patience("create_recovery_code")
async def create_recovery_code(identity_id: str) -> str:
    """Returns the code and where to post it, sealed."""
    code, link = await _parts.identities.create_recovery_code(UUID(identity_id))
    answer = RecoveryCode(recovery_code=code, recovery_flow_url=submit_address(link, _parts.kratos_public))
    return _sealed(answer.model_dump_json().encode())


@step_until_done("settle_voucher")
async def settle_voucher(code: str) -> None:
    async with _parts.database.transaction() as connection:
        await _parts.store.settle(connection, code)


@step_until_done("conclude_success")
async def conclude_registration(
    stamp: dict[str, Any], applicant: dict[str, str], identity_id: str, sealed_secret: str
) -> dict[str, str]:
    who = Applicant(**applicant)
    answer = RegisteredAgent(
        identity_id=UUID(identity_id),
        fingerprint=who.fingerprint,
        public_key=who.public_key,
        client_id=who.client_id,
        client_secret=_opened(sealed_secret),
    )
    return await _conclude(stamp, Outcome.of_result(answer), secret=True)


@step_until_done("conclude_credentials")
async def conclude_credentials(stamp: dict[str, Any], client_id: str, sealed_secret: str) -> dict[str, str]:
    answer = ClientCredentials(client_id=client_id, client_secret=_opened(sealed_secret))
    return await _conclude(stamp, Outcome.of_result(answer), secret=True)


@step_until_done("conclude")
async def conclude(stamp: dict[str, Any], kind: str, body: str) -> dict[str, str]:
    """An outcome without secrets."""
    return await _conclude(stamp, Outcome(kind, body.encode()), secret=False)


@step_until_done("conclude_sealed")
async def conclude_sealed(stamp: dict[str, Any], sealed_result: str) -> dict[str, str]:
    """A result with a secret in it, sealed by an earlier step."""
    return await _conclude(stamp, Outcome(RESULT, _opened(sealed_result).encode()), secret=True)


async def _conclude(stamp: dict[str, Any], outcome: Outcome, *, secret: bool) -> dict[str, str]:
    async with _parts.database.transaction() as connection:
        await _parts.operations.keep_once(
            connection, OperationStamp.model_validate(stamp), outcome, secret=secret
        )
    return {"kind": outcome.kind, "sealed": _sealed(outcome.body)}


def _sealed(body: bytes) -> str:
    return _parts.seal.encrypt(body).decode()


def _opened(sealed: str) -> str:
    return _parts.seal.decrypt(sealed).decode()


def read_outcome(concluded: dict[str, str]) -> Outcome:
    """What a workflow concluded with."""
    return Outcome(concluded["kind"], _opened(concluded["sealed"]).encode())
