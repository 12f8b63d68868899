"""Messages in: one text at a time; the engine batches what waits."""

import asyncio
import base64
from typing import Annotated

import numpy as np
import numpy.typing as npt
from faststream.nats import NatsRouter

from services.embedder.engine import Embedding, Engine, Passage
from services.embedder.errors import EmbedderBusyError, EmbedderClosedError, EmptyTextError
from shared.contracts.embedder import EmbeddedText, EmbedPassage, EmbedQuery
from shared.messaging.commands import Operation, on_command
from shared.messaging.parts import Part
from shared.messaging.queries import on_query
from shared.problems import FieldError, ServiceUnavailable, ValidationFailed, unavailable

router = NatsRouter()
PASSAGES_AT_ONCE = 64
PART = "embedder service"

EnginePart = Annotated[Engine, Part("engine")]


@on_query(router, EmbedQuery)
async def embed_query(message: EmbedQuery, engine: EnginePart) -> EmbeddedText:
    try:
        return _answer(engine, await engine.embed_query(message.text))
    except (EmbedderBusyError, EmbedderClosedError, EmptyTextError) as failure:
        raise _problem(failure) from failure


@on_command(router, EmbedPassage, workers=PASSAGES_AT_ONCE)
async def embed_passage(message: EmbedPassage, operation: Operation, engine: EnginePart) -> EmbeddedText:
    """Given up when nobody waits for it any more: what is left of a long text makes way for others."""
    try:
        async with asyncio.timeout(operation.seconds_left):
            [embedding] = await engine.embed_passages([Passage(message.text, message.context)])
        return _answer(engine, embedding)
    except (EmbedderBusyError, EmbedderClosedError, EmptyTextError, TimeoutError) as failure:
        raise _problem(failure) from failure


def _problem(failure: Exception) -> ServiceUnavailable | ValidationFailed:
    if isinstance(failure, EmptyTextError):
        field = FieldError(field="/text", message="holds nothing to embed")
        return ValidationFailed("body/text holds nothing to embed", errors=[field])
    return unavailable(PART, retry_after=1)


def _answer(engine: Engine, embedding: Embedding) -> EmbeddedText:
    return EmbeddedText(
        model=engine.model_id,
        vector=_encoded(embedding.vector),
        tokens=embedding.tokens,
        truncated=embedding.truncated,
        min_similarity=engine.min_similarity,
        chunks=_encoded(embedding.chunk_vectors),
    )


def _encoded(vectors: npt.NDArray[np.float32]) -> str:
    return base64.b64encode(vectors.astype("<f4").tobytes()).decode()
