"""What the operator decides about the embedder, as the environment tells it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from services.embedder.config import EmbedderConfig, Precision
from shared.settings import Settings


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
