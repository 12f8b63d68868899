"""How one operation fares with so many clients: its rate, its latencies, its errors."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from bench.connection import UnexpectedStatusError
from bench.operations import Operation
from bench.population import Client

FAILURES = (UnexpectedStatusError, OSError, TimeoutError, AssertionError)


@dataclass
class Measurement:
    """Latencies in seconds of what went well; `first_error` tells why the first of `errors` did not."""

    clients: int
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """In milliseconds, by nearest rank; not a number when nothing went well."""
        if not self.latencies:
            return math.nan
        ordered = sorted(self.latencies)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000


async def measure(
    operation: Operation, clients: Sequence[Client], seconds: float, *, most: int | None = None
) -> Measurement:
    """Every client repeats the operation for so long, or until there have been `most` of them."""
    await asyncio.gather(*(client.reconnect() for client in clients))
    measured = Measurement(len(clients))
    started = perf_counter()
    left = iter(range(most)) if most is not None else None

    async def repeat(client: Client) -> None:
        while perf_counter() - started < seconds and (left is None or next(left, None) is not None):
            begun = perf_counter()
            try:
                await operation(client)
            except FAILURES as failure:
                measured.errors += 1
                measured.first_error = measured.first_error or (str(failure) or type(failure).__name__)
                await asyncio.sleep(0)  # a refusal at once must not keep the others from running
            else:
                measured.latencies.append(perf_counter() - begun)

    await asyncio.gather(*map(repeat, clients))
    measured.seconds = perf_counter() - started
    return measured
