"""How many texts a second the embedder turns into vectors: `python -m bench.embedder`.

Each figure is texts a second, from text to vector, on all usable cores, for one length, one precision and
either one client or 32 that each send a text at a time.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from services.embedder.config import EmbedderConfig, Precision
from services.embedder.engine import Engine

Result = tuple[str, float, str]
"""What was measured, the figure, its unit."""

_SECONDS = 1.5
_PRECISIONS: tuple[Precision, ...] = ("int8", "fp32")
_LENGTHS = (16, 128)
_CLIENTS = (1, 32)
_WORDS = [
    "river",
    "stone",
    "paper",
    "cloud",
    "engine",
    "winter",
    "garden",
    "letter",
    "music",
    "bridge",
    "window",
    "market",
    "silver",
    "morning",
]
_SPECIAL_TOKENS = 2


def run() -> list[Result]:
    """Measures every combination, in well under 30 seconds."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Result]:
    results: list[Result] = []
    for precision in _PRECISIONS:
        engine = await _timed_load(EmbedderConfig(folder, precision=precision), results)
        for length in _LENGTHS:
            for clients in _CLIENTS:
                rate = await _throughput(engine, length, clients)
                results.append((f"{precision}, {length} tokens, {clients} concurrent", rate, "texts/s"))
        await engine.close()
    return results


async def _timed_load(config: EmbedderConfig, results: list[Result]) -> Engine:
    """The engine, loaded twice: the first time builds the graph, the second finds it cached."""
    for start in ("first", "cached"):
        started = perf_counter()
        engine = await Engine.load(config)
        results.append((f"{config.precision}, {start} start", perf_counter() - started, "s"))
        if start == "first":
            await engine.close()
    return engine


async def _throughput(engine: Engine, length: int, clients: int) -> float:
    until = perf_counter() + _SECONDS
    started = perf_counter()
    counts = await asyncio.gather(
        *(_client(engine, texts_of(length, seed), until) for seed in range(clients))
    )
    return sum(counts) / (perf_counter() - started)


async def _client(engine: Engine, texts: Iterator[str], until: float) -> int:
    count = 0
    while perf_counter() < until:
        await engine.embed_query(next(texts))
        count += 1
    return count


def texts_of(length: int, seed: int) -> Iterator[str]:
    """Endless different texts of `length` tokens; every word is one token."""
    words = islice(cycle(_WORDS), seed, None)
    while True:
        yield " ".join(islice(words, length - _SPECIAL_TOKENS))
        next(words)


def main() -> None:
    """Prints the figures."""
    for name, value, unit in run():
        print(f"{name:32} {value:9.2f} {unit}")


if __name__ == "__main__":
    main()
