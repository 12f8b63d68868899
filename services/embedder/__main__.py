"""`python -m services.embedder`: the composition of the embedder. It is ready once its model is loaded."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import structlog
from faststream.nats import NatsBroker
from pydantic import Field

from services.embedder.config import EmbedderConfig, Precision
from services.embedder.engine import Engine
from services.embedder.handlers import router
from services.embedder.stats import report
from shared.messaging.commands import CommandConsumer
from shared.messaging.connection import make_broker
from shared.messaging.queries import QueryConsumer
from shared.service import answer_health, serve
from shared.settings import NatsSettings, RuntimeSettings, Settings, load

log = structlog.get_logger(__name__)

SERVICE = "embedder"


class EmbedderSettings(Settings):
    """Which model, from where, and how exact. See `EmbedderConfig`."""

    cache_dir: Annotated[Path, Field(alias="EMBEDDING_CACHE_DIR")]
    model: Annotated[str, Field(alias="EMBEDDING_MODEL")] = "all-MiniLM-L6-v2"
    model_dir: Annotated[Path | None, Field(alias="EMBEDDING_MODEL_DIR")] = None
    precision: Annotated[Precision, Field(alias="EMBEDDING_PRECISION")] = "int8"
    min_similarity: Annotated[float | None, Field(alias="EMBEDDING_MIN_SIMILARITY", ge=-1, lt=1)] = None
    workers: Annotated[int | None, Field(alias="EMBEDDING_WORKERS", ge=1)] = None

    def config(self) -> EmbedderConfig:
        return EmbedderConfig(
            cache_dir=self.cache_dir,
            model=self.model,
            model_dir=self.model_dir,
            precision=self.precision,
            min_similarity=self.min_similarity,
            workers=self.workers,
        )


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
