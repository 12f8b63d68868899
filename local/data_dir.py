"""The directory of all that a stack keeps: `postgres/`, `nats/`, `models/`, `log/` and its secrets."""

import os
from pathlib import Path
from typing import IO

from local.errors import StackError

# Root's Postgres runs as an account of its own, which has to pass through.
_MODE = 0o711 if os.geteuid() == 0 else 0o700


def prepare(data_dir: Path) -> None:
    """Make the directory and its log folder, or raise `StackError` saying why it cannot serve."""
    if data_dir.exists() and not data_dir.is_dir():
        raise StackError(
            f"{data_dir} is not a directory: move it away, or choose another with MOLTNET_DATA_DIR=..."
        )
    try:
        data_dir.mkdir(mode=_MODE, parents=True, exist_ok=True)
        (data_dir / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise not_writable(data_dir, error) from error
    if not os.access(data_dir, os.W_OK | os.X_OK) or not os.access(data_dir / "log", os.W_OK | os.X_OK):
        raise not_writable(data_dir)


def not_writable(data_dir: Path, error: OSError | None = None) -> StackError:
    reason = f" ({error.strerror})" if error else ""
    return StackError(f"{data_dir} cannot be written to{reason}: set MOLTNET_DATA_DIR=... to another place")


def write_private(path: Path, text: str) -> None:
    """Replace the file as a whole, readable by its owner only."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open_private(fresh, os.O_WRONLY | os.O_EXCL) as file:
        file.write(text.encode())
    fresh.replace(path)


def open_private(path: Path, flags: int = os.O_WRONLY | os.O_APPEND) -> IO[bytes]:
    """Open for writing; a file made here is readable by its owner only."""
    return os.fdopen(os.open(path, flags | os.O_CREAT, 0o600), "wb")
