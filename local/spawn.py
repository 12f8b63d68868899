"""Starting a program so that it cannot outlive the stack, and programs that run once and end."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.data_dir import open_private
from local.errors import StackError
from local.settings import ROOT

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, as whom: `account` is a (user id, group id) or None for the caller's own.

    `orphan_signal` is sent by the kernel when the supervisor dies without stopping it (Linux only).
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    account: tuple[int, int] | None = None
    orphan_signal: signal.Signals = signal.SIGKILL


async def spawn(program: Program, output: IO[bytes] | int, errors: IO[bytes] | int = STDOUT) -> Process:
    """Start in a session of its own (the terminal's Ctrl-C does not reach it) at the repository's root."""
    user, group = program.account or (None, None)
    try:
        return await asyncio.create_subprocess_exec(
            *program.command,
            cwd=ROOT,
            env=dict(program.environment),
            stdin=DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            preexec_fn=_tie_to_this_process(program.orphan_signal),
        )
    except OSError as error:
        raise StackError(f"{program.command[0]} cannot be run: {error.strerror}.") from error


async def run(program: Program, log: Path, *, what: str) -> str:
    """Run to the end and return what it printed; its errors go to `log`. `StackError` when it fails."""
    with open_private(log) as errors:
        start = errors.tell()
        process = await spawn(program, PIPE, errors)
        try:
            printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                kill_group(process.pid)
                await process.wait()
    if process.returncode:
        said = printed.decode(errors="replace") + since(log, start)
        raise StackError(with_last_lines(f"{what} failed ({ending(process.returncode)}), see {log}.", said))
    return printed.decode(errors="replace")


def kill_group(pid: int) -> None:
    """SIGKILL to a program started by `spawn` and to all it started, whoever of them is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def ending(code: int) -> str:
    """How a program ended, from its return code: `signal 9` or `exit 1`."""
    return f"signal {-code}" if code < 0 else f"exit {code}"


def since(log: Path, start: int) -> str:
    """What was written to a log from the byte `start` on."""
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode(errors="replace")


def with_last_lines(sentence: str, text: str, count: int = 8) -> str:
    lines = [line for line in text.splitlines() if line.strip()][-count:]
    return "\n    ".join([f"{sentence} Its last words:", *lines]) if lines else sentence


def _tie_to_this_process(orphan_signal: signal.Signals) -> Callable[[], None] | None:
    """A hook for the child, between fork and exec; see prctl(2), PR_SET_PDEATHSIG."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie
