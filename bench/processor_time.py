"""What an operation costs in processor time, and in which processes: a figure that a busy machine changes little.

Counts what the operation sets off as well: workflows, events, counted reads.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from bench.measure import measure
from bench.operations import Operation
from bench.population import Client

PARTS = {
    "services.gateway": "gateway",
    "services.diary": "diary",
    "services.identity": "identity",
    "services.signing": "signing",
    "services.embedder": "embedder",
    "nats-server": "NATS",
    "postgres": "Postgres",
    "local.ory": "Ory",
}
"""What a command line contains, and what the process is called."""

CLIENTS = 8
SETTLING_SECONDS = 1.0


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one operation by process."""

    operation: str
    milliseconds: Mapping[str, float]


async def costs(
    operations: Sequence[tuple[str, Operation]], clients: Sequence[Client], seconds: float
) -> list[Cost]:
    """Nothing when the stack is not this machine's, or not of whoever started this process."""
    if not _used():
        return []
    return [await _cost(name, operation, clients[:CLIENTS], seconds) for name, operation in operations]


async def _cost(name: str, operation: Operation, clients: Sequence[Client], seconds: float) -> Cost:
    await measure(operation, clients, seconds / 3)
    await asyncio.sleep(SETTLING_SECONDS)
    before = _used()
    measured = await measure(operation, clients, seconds)
    await asyncio.sleep(SETTLING_SECONDS)
    spent = _used()
    spent.subtract(before)
    times = max(1, len(measured.latencies))
    return Cost(name, {part: spent[part] * 1000 / times for part in PARTS.values()})


def _used() -> Counter[str]:
    """Processor seconds of each part of the stack, whose processes are our siblings."""
    used: Counter[str] = Counter()
    for process in psutil.Process(os.getppid()).children(recursive=True):
        try:
            command, times = " ".join(process.cmdline()), process.cpu_times()
        except psutil.Error:
            continue
        part = next((part for sign, part in PARTS.items() if sign in command), None)
        if part is not None:
            used[part] += times.user + times.system
    return used
