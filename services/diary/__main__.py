"""`python -m services.diary`: the composition of the diary service."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
from dbos import DBOS
from faststream.nats import NatsBroker
from pgvector.asyncpg import register_vector

from services.diary import steps
from services.diary.access import DiaryAccess
from services.diary.authors import Authors, agents_over
from services.diary.desk import AccessCounter, Desk
from services.diary.embedding import Embedding
from services.diary.handlers import ROUTERS
from services.diary.names import LATE_EMBEDDING, SERVICE
from services.diary.search import Search
from services.diary.store import ChainStore, DiaryStore, EntryStore, FeedStore, ShareStore
from services.diary.suspicion import Suspicion
from shared.durable import announcing
from shared.durable.operations import Operations
from shared.durable.running import answer_operations, durable_work
from shared.messaging.bus import Bus
from shared.messaging.commands import CommandConsumer
from shared.messaging.connection import make_broker
from shared.messaging.queries import QueryConsumer
from shared.permissions import Permissions
from shared.postgres import Database
from shared.service import answer_health, serve
from shared.settings import DatabaseSettings, NatsSettings, OrySettings, RuntimeSettings, load

LATE_EMBEDDING_WORKERS = 4
BACKGROUND = "moltnet-background"
"""Steps may hold a transaction while Keto is told; they write no entries, so the feed need not wait for them."""


async def _prepare(connection: asyncpg.Connection) -> None:
    await register_vector(connection)


@contextlib.asynccontextmanager
async def compose(runtime: RuntimeSettings) -> AsyncIterator[NatsBroker]:
    nats, databases, ory = load(NatsSettings), load(DatabaseSettings), load(OrySettings)
    database = await Database.open(databases, prepare=_prepare)
    background = await Database.open(databases, prepare=_prepare, application=BACKGROUND)
    diaries, entries, shares = DiaryStore(database), EntryStore(database), ShareStore(database)
    operations, permissions = Operations(database, SERVICE), Permissions.connect(ory)

    broker = make_broker(nats, description="Diaries, entries, search and sharing")
    bus = Bus(broker, nats.user)
    embedding = Embedding(bus)
    suspicion = Suspicion(embedding)
    announcing.wire(bus)
    steps.wire(
        steps.Parts(background, diaries, entries, shares, operations, permissions, embedding, suspicion)
    )
    desk = Desk(
        database,
        diaries,
        entries,
        shares,
        ChainStore(database),
        FeedStore(database),
        Authors(agents_over(bus)),
        DiaryAccess(diaries, permissions),
        Search(database, embedding),
        embedding,
        suspicion,
        operations,
        AccessCounter(entries),
        bus,
    )
    broker.context.set_global("desk", desk)
    broker.add_middleware(QueryConsumer)
    broker.add_middleware(CommandConsumer(broker, SERVICE, operations))
    broker.include_routers(*ROUTERS)
    answer_health(broker, SERVICE, {"database": database.ping, "permissions": permissions.ping})
    answer_operations(broker, SERVICE, operations)

    async with database, background, durable_work(SERVICE, runtime, databases, database, operations.prune):
        await DBOS.register_queue_async(
            LATE_EMBEDDING, worker_concurrency=LATE_EMBEDDING_WORKERS, polling_interval_sec=1.0
        )
        yield broker


if __name__ == "__main__":
    serve(SERVICE, compose)
