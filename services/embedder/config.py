"""What the operator decides about the embedder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Precision = Literal["int8", "fp32"]


@dataclass(frozen=True)
class EmbedderConfig:
    """Which model to load, from where, and how much may wait for it.

    model: a name of the catalogue in `models`.
    model_dir: a folder with the model's files; None finds them where the catalogue says.
    cache_dir: where built graphs and downloads are kept; created when missing.
    min_similarity: replaces the model's own gate; None keeps it.
    workers: texts run at the same time; None means the usable cores.
    queue_limit: texts that may wait, for queries and passages each.
    max_chunks: chunks of one passage that are embedded; what is beyond is reported as truncated.
    """

    cache_dir: Path
    model: str = "all-MiniLM-L6-v2"
    model_dir: Path | None = None
    precision: Precision = "int8"
    min_similarity: float | None = None
    workers: int | None = None
    queue_limit: int = 1024
    max_chunks: int = 256
