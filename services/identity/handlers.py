"""Messages in: every command and query of the identity service."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import structlog
from faststream.nats import NatsRouter

from services.identity import credentials, registration
from services.identity.recovery import WRONG_SIGNATURE, Challenges, CheckedChallenge, check_signature
from services.identity.steps import read_outcome
from services.identity.store import IdentityStore
from services.identity.token_claims import TokenClaimsLookup
from services.identity.vouchers import Vouchers
from shared.contracts.base import Record, Success
from shared.contracts.identity import (
    ActiveVouchers,
    AdmitIdentity,
    Agent,
    Agents,
    ChangeKey,
    ClientCredentials,
    GetAgent,
    GetTokenClaims,
    GetTrustGraph,
    IssueVoucher,
    KeyChanged,
    ListActiveVouchers,
    ListAgents,
    RecoverClient,
    RecoveryChallenge,
    RecoveryCode,
    RecoveryProof,
    RegisterAgent,
    RegisteredAgent,
    RequestRecoveryChallenge,
    RotateClientSecret,
    TokenClaims,
    TrustGraph,
    VerifyRecovery,
    Voucher,
    VoucherIssued,
)
from shared.crypto.keys import InvalidPublicKey, fingerprint_of, parse_public_key
from shared.durable.announcing import tell_later
from shared.durable.engine import current_trace, is_started, run_workflow, workflow_result
from shared.durable.operations import Operations
from shared.messaging.commands import Operation, on_command
from shared.messaging.headers import CommandContext
from shared.messaging.parts import Part
from shared.messaging.queries import Caller, known, on_query
from shared.ory.hydra import Clients
from shared.ory.kratos import Identities
from shared.permissions import Permissions
from shared.postgres import Connection
from shared.problems import FieldError, InvalidChallenge, InvalidSignature, NotFound, ValidationFailed

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Record)

router = NatsRouter()


@dataclass(frozen=True)
class Desk:
    """What the handlers work with."""

    store: IdentityStore
    operations: Operations
    vouchers: Vouchers
    claims: TokenClaimsLookup
    identities: Identities
    clients: Clients
    permissions: Permissions
    challenges: Challenges

    async def ory_is_there(self) -> None:
        """503 now rather than a registration that has to be undone."""
        await asyncio.gather(self.identities.ping(), self.clients.ping(), self.permissions.ping())


DeskPart = Annotated[Desk, Part("desk")]


def _stamp(operation: CommandContext) -> dict[str, Any]:
    return operation.stamp.model_dump(mode="json")


def _result(concluded: dict[str, str], answer: type[R]) -> R:
    return read_outcome(concluded).unwrap(answer)


def _fingerprint(public_key: str) -> str:
    """Raises ValidationFailed for what is no usable key."""
    try:
        return fingerprint_of(parse_public_key(public_key))
    except InvalidPublicKey as failure:
        field = FieldError(field="/public_key", message=str(failure))
        raise ValidationFailed(str(failure), errors=[field]) from failure


@on_command(router, RegisterAgent)
async def register_agent(message: RegisterAgent, operation: Operation, desk: DeskPart) -> RegisteredAgent:
    fingerprint = _fingerprint(message.public_key)
    if not await is_started(operation.id):
        await desk.ory_is_there()
    concluded = await run_workflow(
        registration.register_agent,
        operation.id,
        _stamp(operation),
        message.public_key,
        fingerprint,
        message.voucher_code,
        current_trace(),
    )
    return _result(concluded, RegisteredAgent)


@on_command(router, AdmitIdentity)
async def admit_identity(message: AdmitIdentity, operation: Operation, desk: DeskPart) -> Agent:
    fingerprint = _fingerprint(message.public_key)
    if not await is_started(operation.id):
        await desk.permissions.ping()
    concluded = await run_workflow(
        registration.admit_identity,
        operation.id,
        _stamp(operation),
        str(message.identity_id),
        message.public_key,
        fingerprint,
        message.voucher_code,
        current_trace(),
    )
    return _result(concluded, Agent)


@on_command(router, ChangeKey)
async def change_key(message: ChangeKey, operation: Operation, desk: DeskPart) -> Success:
    """From the answer on, tokens and verification go by the new key."""
    fingerprint = _fingerprint(message.public_key)
    agent = Agent(identity_id=message.identity_id, public_key=message.public_key, fingerprint=fingerprint)
    former = await desk.store.agent(GetAgent(identity_id=message.identity_id))

    async def effect(connection: Connection) -> Success:
        await desk.store.put_agent(connection, agent)
        if former is None or former.fingerprint != fingerprint:
            event = KeyChanged(
                identity_id=agent.identity_id,
                former_fingerprint=former.fingerprint if former else None,
                fingerprint=fingerprint,
            )
            await tell_later(connection, operation.id, event)
        return Success()

    return await desk.operations.commit(operation, effect)


@on_command(router, IssueVoucher)
async def issue_voucher(message: IssueVoucher, operation: Operation, desk: DeskPart) -> Voucher:
    caller = known(operation.caller)

    async def effect(connection: Connection) -> Voucher:
        voucher = await desk.vouchers.issue(connection, caller)
        event = VoucherIssued(
            issued_by=caller.identity_id, fingerprint=caller.fingerprint, expires_at=voucher.expires_at
        )
        await tell_later(connection, operation.id, event)
        return voucher

    return await desk.operations.commit(operation, effect)


@on_command(router, RotateClientSecret)
async def rotate_client_secret(
    message: RotateClientSecret, operation: Operation, desk: DeskPart
) -> ClientCredentials:
    caller = known(operation.caller)
    if not await is_started(operation.id):
        await desk.clients.ping()
    concluded = await run_workflow(
        credentials.rotate_secret,
        operation.id,
        _stamp(operation),
        str(caller.identity_id),
        caller.client_id,
        current_trace(),
    )
    return _result(concluded, ClientCredentials)


@on_command(router, RecoverClient)
async def recover_client(message: RecoverClient, operation: Operation, desk: DeskPart) -> ClientCredentials:
    caller = known(operation.caller)
    if not await is_started(operation.id):
        await desk.clients.ping()
    agent = Agent(
        identity_id=caller.identity_id, public_key=caller.public_key, fingerprint=caller.fingerprint
    )
    concluded = await run_workflow(
        credentials.recover_client,
        operation.id,
        _stamp(operation),
        agent.model_dump(mode="json"),
        current_trace(),
    )
    return _result(concluded, ClientCredentials)


@on_command(router, VerifyRecovery)
async def verify_recovery(message: VerifyRecovery, operation: Operation, desk: DeskPart) -> RecoveryCode:
    if await is_started(operation.id):
        return _result(await workflow_result(operation.id), RecoveryCode)
    agent, challenge = await _proved(message, desk)
    await desk.identities.ping()
    concluded = await run_workflow(
        credentials.verify_recovery,
        operation.id,
        _stamp(operation),
        agent.model_dump(mode="json"),
        challenge.nonce,
        challenge.remembered_until.isoformat(),
        current_trace(),
    )
    return _result(concluded, RecoveryCode)


async def _proved(proof: RecoveryProof, desk: Desk) -> tuple[Agent, CheckedChallenge]:
    """The agent whose key was proved to be held. An unknown key is told like a wrong signature."""
    challenge = desk.challenges.check(proof)
    agent = await desk.store.agent(GetAgent(public_key=proof.public_key))
    if await desk.store.is_spent(challenge.nonce):
        raise InvalidChallenge("The challenge was used already.")
    check_signature(proof)
    if agent is None:
        raise InvalidSignature(WRONG_SIGNATURE)
    return agent, challenge


@on_query(router, RequestRecoveryChallenge)
async def request_recovery_challenge(message: RequestRecoveryChallenge, desk: DeskPart) -> RecoveryChallenge:
    """The same answer, after the same work, whether an agent has the key or not."""
    agent = await desk.store.agent(GetAgent(public_key=message.public_key))
    log.info("recovery_challenge_issued", fingerprint=agent.fingerprint if agent else None)
    return desk.challenges.issue(message.public_key)


@on_query(router, ListActiveVouchers)
async def list_active_vouchers(message: ListActiveVouchers, caller: Caller, desk: DeskPart) -> ActiveVouchers:
    return ActiveVouchers(vouchers=await desk.vouchers.active(known(caller)))


@on_query(router, GetTrustGraph)
async def get_trust_graph(message: GetTrustGraph, desk: DeskPart) -> TrustGraph:
    return TrustGraph(edges=await desk.store.trust_edges(message.limit, message.offset))


@on_query(router, GetAgent)
async def get_agent(message: GetAgent, desk: DeskPart) -> Agent:
    agent = await desk.store.agent(message)
    if agent is None:
        raise NotFound("There is no such agent.")
    return agent


@on_query(router, ListAgents)
async def list_agents(message: ListAgents, desk: DeskPart) -> Agents:
    return Agents(agents=await desk.store.agents(message.identity_ids))


@on_query(router, GetTokenClaims)
async def get_token_claims(message: GetTokenClaims, desk: DeskPart) -> TokenClaims:
    return await desk.claims.of_client(message.client_id)
