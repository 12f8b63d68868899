"""The public face of the embedder: texts in, vectors of unit length out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

from services.embedder.batcher import Batcher
from services.embedder.cache import ModelCache, cache_key
from services.embedder.config import EmbedderConfig
from services.embedder.files import locate
from services.embedder.models import DIMENSIONS, TOKENIZER_FILE, ModelSpec, find_model
from services.embedder.processor import largest_weight, usable_cores
from services.embedder.session import Encoder
from services.embedder.stats import EmbedderStats
from services.embedder.tokens import Passage, TokenisedPassage, TokenisedText, Tokens
from services.embedder.waiting import Lane

__all__ = ["Embedding", "Engine", "Passage"]

_INLINE_CHARACTERS = 2_000
"""Up to this much is tokenised on the event loop: changing threads would take longer."""

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Embedding:
    """What a text became.

    vector: [384], length 1.
    tokens: tokens run through the model, with prefixes, special tokens and repeated context.
    chunks: pieces the text was embedded in.
    truncated: whether the text's end was left out.
    chunk_vectors: [chunks, 384], those of the pieces; empty when there is one.
    """

    vector: npt.NDArray[np.float32]
    tokens: int
    chunks: int
    truncated: bool
    chunk_vectors: npt.NDArray[np.float32]


class Engine:
    """One loaded model. To be used from the event loop it was loaded on."""

    def __init__(self, spec: ModelSpec, config: EmbedderConfig, tokens: Tokens, encoder: Encoder) -> None:
        self.model_id = spec.vector_space(config.precision)
        self.min_similarity = spec.min_similarity if config.min_similarity is None else config.min_similarity
        self._tokens = tokens
        self._max_chunks = config.max_chunks
        self._truncated = 0
        workers = usable_cores() if config.workers is None else config.workers
        self._batcher = Batcher(encoder, workers, config.queue_limit)

    @classmethod
    async def load(cls, config: EmbedderConfig) -> Self:
        """Checks the model's files, builds the graph unless it is cached, and runs it once.

        Raises EmbedderError for an unknown model, ModelFilesError if a file is missing or not the pinned one,
        and OSError if the cache cannot be written.
        """
        spec = find_model(config.model)
        return cls(spec, config, *await asyncio.to_thread(open_model, spec, config))

    @property
    def stats(self) -> EmbedderStats:
        """A snapshot of the counters."""
        return replace(self._batcher.stats, truncated=self._truncated)

    async def embed_query(self, text: str) -> Embedding:
        """The vector to search with; overtakes passages. What is beyond the model's limit is left out.

        Raises EmptyTextError, EmbedderBusyError and EmbedderClosedError.
        """
        query = await _off_loop_if_long(len(text), lambda: self._tokens.query(text))
        return (await self._embed([query], Lane.QUERY))[0]

    async def embed_passages(self, passages: Sequence[Passage]) -> list[Embedding]:
        """The vectors to be found by, in order.

        A passage longer than a chunk is embedded sentence by sentence, packed into chunks; its vector is the
        mean of theirs, weighted by length. Raises as `embed_query` does; then none of the passages is
        embedded.
        """
        size = sum(len(passage.text) for passage in passages)
        tokenised = await _off_loop_if_long(
            size, lambda: [self._tokens.passage(passage, self._max_chunks) for passage in passages]
        )
        return await self._embed(tokenised, Lane.PASSAGE)

    async def close(self) -> None:
        """Ends the running batches and refuses what waits; the engine is of no use afterwards."""
        await self._batcher.close()

    async def _embed(self, texts: Sequence[TokenisedPassage], lane: Lane) -> list[Embedding]:
        if not texts:
            return []
        vectors = iter(
            await self._batcher.embed([chunk.ids for text in texts for chunk in text.chunks], lane)
        )
        self._truncated += sum(text.truncated for text in texts)
        return [_combine(text, [next(vectors) for _ in text.chunks]) for text in texts]


def open_model(spec: ModelSpec, config: EmbedderConfig) -> tuple[Tokens, Encoder]:
    """Makes the model ready for its first text. Takes up to seconds, and raises as `Engine.load` does."""
    files = locate(spec, config)
    tokens = Tokens.load(files[TOKENIZER_FILE], spec)
    limit = largest_weight()

    def build() -> bytes:
        # Only a first start builds, and the ONNX package is large.
        from services.embedder.build import build_model

        return build_model(spec, files, tokens, config.precision, limit)

    encoder = Encoder(ModelCache(config.cache_dir).get(cache_key(spec, config.precision, limit), build))
    encoder.warm_up(tokens.query("warm").chunks[0].ids[1])
    return tokens, encoder


async def _off_loop_if_long(size: int, work: Callable[[], _T]) -> _T:
    return work() if size <= _INLINE_CHARACTERS else await asyncio.to_thread(work)


def _combine(text: TokenisedPassage, vectors: Sequence[npt.NDArray[np.float32]]) -> Embedding:
    alone = len(vectors) == 1
    return Embedding(
        vector=vectors[0] if alone else _mean(text.chunks, vectors),
        tokens=sum(len(chunk.ids) for chunk in text.chunks),
        chunks=len(text.chunks),
        truncated=text.truncated,
        chunk_vectors=np.empty((0, DIMENSIONS), np.float32) if alone else np.stack(vectors),
    )


def _mean(
    chunks: Sequence[TokenisedText], vectors: Sequence[npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    total = np.array([chunk.own for chunk in chunks], np.float32) @ np.stack(vectors)
    mean: npt.NDArray[np.float32] = total / max(float(np.linalg.norm(total)), 1e-12)
    return mean
