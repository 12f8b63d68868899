"""Messages in: every command and query of the identity service."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from faststream import Context
from faststream.nats import NatsRouter

from services.identity import registration
from services.identity.store import IdentityStore
from services.identity.token_claims import TokenClaimsLookup
from services.identity.vouchers import Vouchers
from shared.contracts.identity import (
    Agent,
    GetAgent,
    GetTokenClaims,
    IssueVoucher,
    RegisterAgent,
    RegisteredAgent,
    TokenClaims,
    Voucher,
)
from shared.crypto.keys import InvalidPublicKey, fingerprint_of, parse_public_key
from shared.durable.engine import current_trace, is_started, run_workflow
from shared.durable.operations import Operations
from shared.messaging.commands import Operation, on_command
from shared.messaging.queries import known, on_query
from shared.ory.hydra import Clients
from shared.ory.kratos import Identities
from shared.permissions import Permissions
from shared.postgres import Connection
from shared.problems import FieldError, NotFound, ValidationFailed

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

    async def ory_is_there(self) -> None:
        """503 now rather than a registration that has to be undone."""
        await asyncio.gather(self.identities.ping(), self.clients.ping(), self.permissions.ping())


DeskPart = Annotated[Desk, Context("desk", cast=False)]


@on_command(router, RegisterAgent)
async def register_agent(message: RegisterAgent, operation: Operation, desk: DeskPart) -> RegisteredAgent:
    try:
        fingerprint = fingerprint_of(parse_public_key(message.public_key))
    except InvalidPublicKey as failure:
        field = FieldError(field="/public_key", message=str(failure))
        raise ValidationFailed(str(failure), errors=[field]) from failure
    if not await is_started(operation.id):
        await desk.ory_is_there()
    concluded = await run_workflow(
        registration.register_agent,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        message.public_key,
        fingerprint,
        message.voucher_code,
        current_trace(),
    )
    return registration.read_outcome(concluded).unwrap(RegisteredAgent)


@on_command(router, IssueVoucher)
async def issue_voucher(message: IssueVoucher, operation: Operation, desk: DeskPart) -> Voucher:
    caller = known(operation.caller)

    async def effect(connection: Connection) -> Voucher:
        return await desk.vouchers.issue(connection, caller)

    return await desk.operations.commit(operation, effect)


@on_query(router, GetAgent)
async def get_agent(message: GetAgent, desk: DeskPart) -> Agent:
    agent = await desk.store.agent(message)
    if agent is None:
        raise NotFound("There is no such agent.")
    return agent


@on_query(router, GetTokenClaims)
async def get_token_claims(message: GetTokenClaims, desk: DeskPart) -> TokenClaims:
    return await desk.claims.of_client(message.client_id)
