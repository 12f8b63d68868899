"""`python -m services.identity`: the composition of the identity service."""

import contextlib
from collections.abc import AsyncIterator

from cryptography.fernet import Fernet
from faststream.nats import NatsBroker

from services.identity import steps
from services.identity.handlers import Desk, router
from services.identity.recovery import Challenges
from services.identity.settings import RecoverySettings
from services.identity.store import IdentityStore
from services.identity.token_claims import TokenClaimsLookup
from services.identity.vouchers import Vouchers
from shared.durable import announcing
from shared.durable.operations import SECRET_KEPT, Operations
from shared.durable.retention import forget_secrets
from shared.durable.running import answer_operations, durable_work
from shared.messaging.bus import Bus
from shared.messaging.commands import CommandConsumer
from shared.messaging.connection import make_broker
from shared.messaging.queries import QueryConsumer
from shared.ory.connection import OryServer
from shared.ory.hydra import Clients
from shared.ory.kratos import Identities
from shared.permissions import Permissions
from shared.postgres import Database
from shared.service import answer_health, serve
from shared.settings import (
    DatabaseSettings,
    NatsSettings,
    OperationSettings,
    OrySettings,
    RuntimeSettings,
    load,
)

SERVICE = "identity"


@contextlib.asynccontextmanager
async def compose(runtime: RuntimeSettings) -> AsyncIterator[NatsBroker]:
    nats, databases, ory = load(NatsSettings), load(DatabaseSettings), load(OrySettings)
    secret_key = load(OperationSettings).secret_key.get_secret_value()
    database = await Database.open(databases)
    store, operations = IdentityStore(database), Operations(database, SERVICE, secret_key)
    permissions = Permissions.connect(ory)
    api_key = ory.api_key.get_secret_value() if ory.api_key else None
    identities = Identities(OryServer(ory.kratos_admin, "identity server", api_key))
    clients = Clients(OryServer(ory.hydra_admin, "token server", api_key))

    broker = make_broker(nats, description="Agents, vouchers and credentials")
    bus = Bus(broker, nats.user)
    announcing.wire(bus)
    seal = Fernet(secret_key)
    steps.wire(
        steps.Parts(
            database, store, operations, permissions, identities, clients, bus, seal, ory.kratos_public
        )
    )
    desk = Desk(
        store,
        operations,
        Vouchers(store),
        TokenClaimsLookup(store, clients),
        identities,
        clients,
        permissions,
        Challenges(load(RecoverySettings).secret.get_secret_value()),
    )
    broker.context.set_global("desk", desk)
    broker.add_middleware(QueryConsumer)
    broker.add_middleware(CommandConsumer(broker, SERVICE, operations))
    broker.include_router(router)
    checks = {
        "database": database.ping,
        "identity_server": identities.ping,
        "token_server": clients.ping,
        "permissions": permissions.ping,
    }
    answer_health(broker, SERVICE, checks)
    answer_operations(broker, SERVICE, operations)

    async def forget_kept_secrets() -> None:
        await forget_secrets(steps.SECRET_BEARING, SECRET_KEPT)

    upkeep = (forget_kept_secrets, operations.prune, store.forget_nonces)
    async with database, durable_work(SERVICE, runtime, databases, database, *upkeep):
        yield broker


if __name__ == "__main__":
    serve(SERVICE, compose)
