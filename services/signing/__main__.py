"""`python -m services.signing`: the composition of the signing service."""

import contextlib
from collections.abc import AsyncIterator

from dbos import DBOS
from faststream.nats import NatsBroker

from services.signing import workflows
from services.signing.handlers import Desk, router
from services.signing.settings import SigningSettings
from services.signing.store import SigningStore
from shared.durable import announcing
from shared.durable.engine import QUEUE_POLL_SECONDS
from shared.durable.operations import Operations
from shared.durable.running import answer_operations, durable_work
from shared.messaging.bus import Bus
from shared.messaging.commands import CommandConsumer
from shared.messaging.connection import make_broker
from shared.messaging.queries import QueryConsumer
from shared.postgres import Database
from shared.service import answer_health, serve
from shared.settings import DatabaseSettings, NatsSettings, RuntimeSettings, load

SERVICE = workflows.SERVICE


@contextlib.asynccontextmanager
async def compose(runtime: RuntimeSettings) -> AsyncIterator[NatsBroker]:
    nats, databases = load(NatsSettings), load(DatabaseSettings)
    database = await Database.open(databases)
    store, operations = SigningStore(database), Operations(database, SERVICE)

    broker = make_broker(nats, description="Signing requests")
    bus = Bus(broker, nats.user)
    announcing.wire(bus)
    workflows.wire(workflows.Parts(store))
    broker.context.set_global("desk", Desk(store, operations, bus, load(SigningSettings).timeout))
    broker.add_middleware(QueryConsumer)
    broker.add_middleware(CommandConsumer(broker, SERVICE, operations))
    broker.include_router(router)
    answer_health(broker, SERVICE, {"database": database.ping})
    answer_operations(broker, SERVICE, operations)

    upkeep = (operations.prune, store.expire_overdue)
    async with database, durable_work(SERVICE, runtime, databases, database, *upkeep):
        await DBOS.register_queue_async(workflows.WAITING, polling_interval_sec=QUEUE_POLL_SECONDS)
        yield broker


if __name__ == "__main__":
    serve(SERVICE, compose)
