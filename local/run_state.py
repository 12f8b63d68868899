"""What is running, for other commands and the next start: `run.json`, and the lock that vouches for it."""

import contextlib
import fcntl
import json
import os
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]

from local.data_dir import not_writable, open_private, write_private
from local.errors import StackError

LEFTOVER_GRACE = 20.0


@dataclass(kw_only=True)
class RunState:
    """The contents of `run.json` (mode 0600: the exports and the voucher's environment hold passwords).

    `processes` maps a part to its process id and that process's creation time, so that a recycled id is not
    taken for ours.
    """

    base_url: str
    supervisor: int = field(default_factory=os.getpid)
    ready: bool = False
    processes: dict[str, tuple[int, float]] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict, repr=False)
    voucher_command: list[str] = field(default_factory=list)
    voucher_environment: dict[str, str] = field(default_factory=dict, repr=False)

    def write(self, data_dir: Path) -> None:
        write_private(data_dir / "run.json", json.dumps(asdict(self), indent=2))


def read_running(data_dir: Path) -> RunState:
    """The stack that runs now. `StackError` if none does, or it is not ready, or not ours to see."""
    try:
        if not is_running(data_dir):
            raise StackError(f"No stack is running in {data_dir}: start one with `make up`.")
        state = _read(data_dir)
    except PermissionError as error:
        raise StackError(f"{data_dir} belongs to another user: ask as that user.") from error
    if state is None or not state.ready:
        raise StackError("The stack is still starting: try again once `make up` says it is up.")
    return state


def is_running(data_dir: Path) -> bool:
    try:
        with (data_dir / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def acquire(data_dir: Path) -> IO[bytes]:
    """Take the directory for this supervisor, for as long as the returned file is open.

    The kernel lets go of it when the process dies, however it dies.
    """
    try:
        lock = open_private(data_dir / "lock")
    except OSError as error:
        raise not_writable(data_dir, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise StackError(
            f"A stack is already running in {data_dir}: stop it first, or set MOLTNET_DATA_DIR."
        ) from error
    return lock


def stop_leftovers(data_dir: Path) -> list[str]:
    """End what a killed supervisor left running, and forget it. Returns the names of the parts; blocks."""
    state = _read(data_dir)
    recorded = state.processes if state else {}
    left = {name: process for name, known in recorded.items() if (process := _find(*known))}
    _end(list(left.values()))
    (data_dir / "run.json").unlink(missing_ok=True)
    return sorted(left)


def identified(pids: dict[str, int | None]) -> dict[str, tuple[int, float]]:
    """The living among these processes, each with its creation time."""
    living = ((name, pid, _created_at(pid)) for name, pid in pids.items() if pid is not None)
    return {name: (pid, created) for name, pid, created in living if created is not None}


def _created_at(pid: int) -> float | None:
    """In seconds since the epoch; None when the process is gone, or dead and only not yet reaped."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def _end(processes: list[psutil.Process]) -> None:
    # SIGINT is the fast shutdown of Postgres; SIGKILL is for whoever does not heed it.
    _, deaf = psutil.wait_procs(_signalled(processes, signal.SIGINT), timeout=LEFTOVER_GRACE)
    psutil.wait_procs(_signalled(deaf, signal.SIGKILL), timeout=LEFTOVER_GRACE)


def _signalled(processes: list[psutil.Process], number: signal.Signals) -> list[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)
    return processes


def _find(pid: int, created: float) -> psutil.Process | None:
    actual = _created_at(pid)
    return psutil.Process(pid) if actual is not None and abs(actual - created) < 1 else None


def _read(data_dir: Path) -> RunState | None:
    try:
        return RunState(**json.loads((data_dir / "run.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
