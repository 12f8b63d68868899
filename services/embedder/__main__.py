"""`python -m services.embedder`: the composition of the embedder. It is ready once its model is loaded."""

import contextlib
from collections.abc import AsyncIterator

import structlog
from faststream.nats import NatsBroker

from services.embedder.engine import Engine
from services.embedder.handlers import router
from services.embedder.settings import EmbedderSettings
from services.embedder.stats import report
from shared.messaging.commands import CommandConsumer
from shared.messaging.connection import make_broker
from shared.messaging.queries import QueryConsumer
from shared.service import answer_health, serve
from shared.settings import NatsSettings, RuntimeSettings, load

log = structlog.get_logger(__name__)

SERVICE = "embedder"


@contextlib.asynccontextmanager
async def compose(_runtime: RuntimeSettings) -> AsyncIterator[NatsBroker]:
    nats = load(NatsSettings)
    engine = await Engine.load(load(EmbedderSettings).config())
    log.info("model_loaded", model=engine.model_id)

    report(lambda: engine.stats)

    async def probe() -> None:
        await engine.embed_query("ready?")

    broker = make_broker(nats, description="Text to vector")
    broker.context.set_global("engine", engine)
    broker.add_middleware(QueryConsumer)
    broker.add_middleware(CommandConsumer(broker, SERVICE))
    broker.include_router(router)
    answer_health(broker, SERVICE, {"model": probe})
    try:
        yield broker
    finally:
        await engine.close()


if __name__ == "__main__":
    serve(SERVICE, compose)
