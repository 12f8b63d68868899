"""Writing files so that a reader sees the old or the new one, and nobody else sees a secret."""

import os
import tempfile
from pathlib import Path

from moltnet.errors import ConfigurationError

PRIVATE_DIRECTORY, PRIVATE_FILE, SHARED_FILE = 0o700, 0o600, 0o644


def write_private(path: Path, text: str) -> None:
    """Mode 0600; directories that have to be made get 0700. Raises ConfigurationError."""
    try:
        _make_directories(path.parent)
        _replace(path, text, PRIVATE_FILE)
    except OSError as failure:
        raise ConfigurationError(f"{path} can not be written: {failure.strerror}.") from failure


def write_shared(path: Path, text: str) -> None:
    """Mode 0644; directories that have to be made get 0700. Raises ConfigurationError."""
    try:
        _make_directories(path.parent)
        _replace(path, text, SHARED_FILE)
    except OSError as failure:
        raise ConfigurationError(f"{path} can not be written: {failure.strerror}.") from failure


def _make_directories(path: Path) -> None:
    """`Path.mkdir` gives its mode to the last directory alone."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for directory in reversed(missing):
        directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)


def _replace(path: Path, text: str, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
