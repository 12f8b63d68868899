"""Keeps built models between starts, and between processes that share a folder.

A file's name ends with the SHA-256 of its content, so one rename publishes content and hash together: whoever
finds the file can check it, and of two processes that build at once either result serves both.
"""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.embedder.config import Precision
from services.embedder.files import sha256_of
from services.embedder.models import ModelSpec
from services.embedder.processor import FULL_RANGE

BUILDER_VERSION = 1
"""To be raised whenever the same checkpoint would be built into another graph."""


@dataclass(frozen=True)
class ModelCache:
    """The built models in one folder."""

    folder: Path

    def get(self, key: str, build: Callable[[], bytes]) -> Path:
        """The model of that key, built unless an intact one is there. Raises OSError if it is not stored."""
        for path in self.folder.glob(f"{key}.*.onnx"):
            if _is_intact(path):
                return path
            path.unlink(missing_ok=True)
        return self._store(key, build())

    def _store(self, key: str, content: bytes) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".building-", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.close()
                return temporary.rename(self.folder / f"{key}.{hashlib.sha256(content).hexdigest()}.onnx")
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise


def _is_intact(path: Path) -> bool:
    try:
        return sha256_of(path) == path.name.split(".")[-2]
    except FileNotFoundError:  # another process found it damaged as well
        return False


def cache_key(spec: ModelSpec, precision: Precision, largest_weight: int) -> str:
    """Name of what is built: the weights, the builder and the precision decide it, and nothing else does."""
    narrow = "" if precision == "fp32" or largest_weight == FULL_RANGE else f"-{largest_weight}"
    return f"{spec.name.replace('/', '-')}-{spec.weights_sha256[:16]}-{BUILDER_VERSION}-{precision}{narrow}"
