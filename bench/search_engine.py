"""The embedding model in this process, answering as the embedder does over the bus."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from services.diary.content import EntryText
from services.diary.embedding import QueryVector, passage_of
from services.diary.store import EmbeddedVector
from services.embedder.config import EmbedderConfig
from services.embedder.engine import Embedding, Engine, Passage

AT_ONCE = 64


class ModelEmbedding:
    """What search asks for the meaning of a query, and what gives entries their vectors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def query(self, text: str) -> QueryVector | None:
        return QueryVector(self._vector(await self._engine.embed_query(text)), self._engine.min_similarity)

    async def passages(self, texts: Sequence[EntryText]) -> list[EmbeddedVector]:
        vectors: list[EmbeddedVector] = []
        for start in range(0, len(texts), AT_ONCE):
            asked = [passage_of(text) for text in texts[start : start + AT_ONCE]]
            passages = [Passage(each.text, each.context) for each in asked]
            vectors += map(self._vector, await self._engine.embed_passages(passages))
        return vectors

    def _vector(self, embedding: Embedding) -> EmbeddedVector:
        return EmbeddedVector(self._engine.model_id, embedding.vector, embedding.chunk_vectors)


@contextlib.asynccontextmanager
async def model_embedding() -> AsyncIterator[ModelEmbedding]:
    """Loads the default model as the embedder service would."""
    with tempfile.TemporaryDirectory() as cache:
        engine = await Engine.load(EmbedderConfig(Path(cache), queue_limit=100_000))
        try:
            yield ModelEmbedding(engine)
        finally:
            await engine.close()
