"""How near a process is to its limits: the memory it holds, and how late its event loop is."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from shared import metrics

STATM = Path("/proc/self/statm")
"""Sizes of this process in pages, the resident one second (proc(5)). Linux only."""
LOOK_EVERY_SECONDS = 0.5


def report_memory() -> None:
    """Tell the resident memory as `process.memory.usage`, where the system says it."""
    if STATM.exists():
        metrics.observe_value("process.memory.usage", _resident, unit="By", text="Resident memory")


def _resident() -> float:
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.asynccontextmanager
async def watched_loop() -> AsyncIterator[None]:
    """Record how late the event loop is for as long as the context lasts."""
    task = asyncio.create_task(_watch(), name="event-loop-delay")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _watch() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_EVERY_SECONDS
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        metrics.event_loop_delay.record(max(0.0, loop.time() - due) * 1000)
