"""The figures as aligned text."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from bench.embedder import Result
from bench.measure import Measurement
from bench.processor_time import Cost

_HEAD = ("requests/s", "p50 ms", "p95 ms", "errors")


def print_machine() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{cores} cores ({_processor()}), Python {platform.python_version()}, {platform.system()}")
    print(
        "Everything, this client included, shares these cores. Figures say how parts compare, here and now."
    )


def print_measurements(rows: Sequence[tuple[str, Sequence[Measurement]]]) -> None:
    """One row for each operation, one block of columns for each number of clients."""
    counts = [measurement.clients for measurement in rows[0][1]]
    blocks = [f"{count} client{'s' if count > 1 else ''}" for count in counts]
    print(f"\n{'':28}" + "".join(f"{block:>44}" for block in blocks))
    print(f"{'':28}" + "".join(f"{title:>11}" for _ in counts for title in _HEAD))
    for name, measurements in rows:
        print(f"{name:28}" + "".join(map(_cells, measurements)))
    for name, measurements in rows:
        if reason := next((each.first_error for each in measurements if each.errors), ""):
            print(f"first error of {name}: {reason}")


def print_breakdown(layers: Sequence[tuple[str, Measurement]]) -> None:
    """Each line is a request that does what the line before does, and one thing more (see `bench.load`).

    The last but one has no permission check: that runs beside the embedding.
    """
    print(f"\n{'Where creating an entry spends its time (1 client)':52}{'p50 ms':>10}")
    for name, measurement in layers:
        print(f"  {name:50}{measurement.percentile(0.5):10.2f}")
    medians = [measurement.percentile(0.5) for _, measurement in layers]
    rest = medians[-1] - medians[-2]
    print(f"  {'left for the embedding and the insert':50}{rest:10.2f}")


def print_costs(costs: Sequence[Cost]) -> None:
    """One row for each operation, one column for each kind of process."""
    if not costs:
        return
    parts = list(costs[0].milliseconds)
    print(f"\n{'Processor time of one, ms':28}" + "".join(f"{part:>9}" for part in (*parts, "all")))
    for cost in costs:
        spent = [*cost.milliseconds.values(), sum(cost.milliseconds.values())]
        print(f"  {cost.operation:26}" + "".join(f"{one:9.2f}" for one in spent))


def print_embedder(results: Sequence[Result]) -> None:
    print("\nThe embedder alone, on all cores")
    for name, value, unit in results:
        print(f"  {name:38}{value:9.2f} {unit}")


def _cells(measured: Measurement) -> str:
    p50, p95 = measured.percentile(0.5), measured.percentile(0.95)
    return f"{measured.rate:11.1f}{p50:11.1f}{p95:11.1f}{measured.errors:11}"


def _processor() -> str:
    """The name that Linux has for it; elsewhere the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
