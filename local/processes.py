"""A part kept running: started, watched, restarted when it dies, stopped in peace."""

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from local.data_dir import open_private
from local.errors import StackError
from local.reporting import Reporter
from local.spawn import Program, ending, kill_group, since, spawn, with_last_lines

PROBE_INTERVAL = 0.05
SETTLED_AFTER = 30.0
TRIES_AT_START = 4


async def _nothing() -> None:
    return None


async def alive_is_enough() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Part:
    """A long-running part. At each start `before` precedes the program, and `after` its becoming ready."""

    name: str
    program: Program
    before: Callable[[], Awaitable[None]] = _nothing
    is_ready: Callable[[], Awaitable[bool]] = alive_is_enough
    after: Callable[[], Awaitable[None]] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM


class Backoff:
    """Seconds to wait before the next restart: 0.2 doubling to 5, from the start again after a long run."""

    def __init__(self) -> None:
        self.failures = 0

    def next_delay(self, ran: float) -> float:
        if ran >= SETTLED_AFTER:
            self.failures = 0
        self.failures += 1
        return min(0.2 * 2.0 ** (self.failures - 1), 5.0)


class Child:
    """The supervised process of one part. `on_change` is called at each new process and each end of one."""

    def __init__(self, part: Part, log: Path, reporter: Reporter, on_change: Callable[[], None]) -> None:
        self.part = part
        self._log = log
        self._log_start = 0
        self._reporter = reporter
        self._on_change = on_change
        self._process: Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._first_ready: asyncio.Future[None] | None = None
        self._stopping = False
        self._spawned = asyncio.Condition()
        self._backoff = Backoff()

    @property
    def pid(self) -> int | None:
        """The running process, or None between two of them."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    @property
    def answers(self) -> bool:
        """Whether it has become ready since it was started."""
        first = self._first_ready
        return first is not None and first.done() and not first.cancelled() and first.exception() is None

    @property
    def hopeless(self) -> StackError | None:
        """Why waiting for this part is useless: it died several times in a row and never settled."""
        if self._backoff.failures < TRIES_AT_START:
            return None
        return StackError(
            with_last_lines(f"{self.part.name} does not stay up.", since(self._log, self._log_start))
        )

    async def start(self) -> None:
        """Start, and return once ready; `StackError` if it cannot be. A running part is left alone."""
        if self._supervision and not self._supervision.done():
            return
        self._stopping = False
        self._backoff = Backoff()
        self._first_ready = first_ready = asyncio.get_running_loop().create_future()
        self._supervision = asyncio.create_task(
            self._supervise(first_ready), name=f"supervise {self.part.name}"
        )
        await first_ready

    async def stop(self, grace: float, hurry: asyncio.Event) -> None:
        """Ask it to stop; after `grace` seconds, or in a hurry, kill it. Returns when no process is left."""
        if self._supervision is None:
            return
        self._stopping = True
        if self.pid is None:
            self._supervision.cancel()
        self._signal(self.part.stop_signal)
        if not await self._ends_within(grace, hurry, self._supervision):
            self._reporter.notice(f"{self.part.name} was killed: it had not stopped by itself")
            self._signal(signal.SIGKILL)
        await asyncio.wait({self._supervision})
        self._supervision = None

    def kill(self) -> int:
        """SIGKILL, as a crash would: the part is restarted. Returns the process id that was killed."""
        pid = self.pid
        if pid is None:
            raise StackError(f"{self.part.name} is not running.")
        os.kill(pid, signal.SIGKILL)
        return pid

    async def replaced(self, pid: int) -> int:
        """Wait until another process than `pid` runs in this part; returns its id."""
        async with self._spawned:
            await self._spawned.wait_for(lambda: self.pid not in (None, pid))
        assert self.pid is not None  # noqa: S101 - what was waited for
        return self.pid

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def _ends_within(self, grace: float, hurry: asyncio.Event, ending: asyncio.Task[None]) -> bool:
        hurried = asyncio.create_task(hurry.wait())
        done, _ = await asyncio.wait({ending, hurried}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        return ending in done

    async def _supervise(self, first_ready: asyncio.Future[None]) -> None:
        try:
            while True:
                began = time.monotonic()
                why = await self._run_once(first_ready)
                delay = self._backoff.next_delay(time.monotonic() - began)
                if self._stopping or not self._may_go_on(first_ready):
                    return
                self._reporter.notice(f"{self.part.name} stopped ({why}), restarting")
                await asyncio.sleep(delay)
        finally:
            if not first_ready.done():
                first_ready.set_exception(StackError(f"{self.part.name} was stopped before it was ready."))

    def _may_go_on(self, first_ready: asyncio.Future[None]) -> bool:
        if first_ready.done():
            return self.answers
        if self.hopeless:
            first_ready.set_exception(self.hopeless)
        return self.hopeless is None

    async def _run_once(self, first_ready: asyncio.Future[None]) -> str:
        """One life of the process. Returns how it ended."""
        try:
            await self.part.before()
            process = await self._spawn()
        except StackError as error:
            if not first_ready.done():
                first_ready.set_exception(error)
            return str(error)
        readiness = asyncio.create_task(self._become_ready(first_ready))
        try:
            code = await process.wait()
        finally:
            kill_group(process.pid)
            readiness.cancel()
            self._on_change()
            await asyncio.wait({readiness})
        return ending(code)

    async def _spawn(self) -> Process:
        with open_private(self._log) as output:
            self._log_start = output.tell()
            self._process = process = await spawn(self.part.program, output)
        self._on_change()
        async with self._spawned:
            self._spawned.notify_all()
        return process

    async def _become_ready(self, first_ready: asyncio.Future[None]) -> None:
        while not await self.part.is_ready():  # noqa: ASYNC110 - another process raises no event here
            await asyncio.sleep(PROBE_INTERVAL)
        try:
            await self.part.after()
        except StackError as error:
            if first_ready.done():
                self._reporter.notice(str(error))
            else:
                first_ready.set_exception(error)
        else:
            if not first_ready.done():
                first_ready.set_result(None)
