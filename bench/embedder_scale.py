"""How the whole stack fares with one, two and three embedders: `python -m bench.embedder_scale [--quick]`.

Each embedder uses one core (`EMBEDDING_WORKERS=1`), so that a further one is a further core, as on machines of its
own. Here all of them share the cores with the rest of the stack and with this client: beyond the number of cores,
a further embedder can bring nothing. Each figure is the best of three rounds, so that what else the machine has to
do counts least.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from time import perf_counter

import httpx

from bench import operations
from bench.embedder import texts_of
from bench.measure import Measurement, measure
from bench.population import Client, settle
from bench.tables import print_machine
from bench.target import SETTINGS
from local.ports import Ports
from local.settings import StackConfig
from local.stack import Stack
from shared.contracts.embedder import EmbedPassage
from shared.messaging.bus import Bus
from shared.messaging.connection import make_broker
from shared.settings import NatsSettings

EMBEDDERS = (1, 2, 3)
CLIENTS = 16
SEARCHERS = 2
TOKENS = 200
"""Of a passage: some 900 characters, a page of notes."""
AT_ONCE = 64
PATIENCE_SECONDS = 120.0
HEAD = ("embedders", "entries/s", "", "searches/s", "", "passages/s", "", "search p50 ms", "p95 ms")
_texts = texts_of(TOKENS, 0)


@dataclass(frozen=True)
class Effort:
    """How long each figure is measured, how many passages make the backlog, and how often all is repeated."""

    seconds: float = 5.0
    backlog: int = 300
    rounds: int = 3


@dataclass(frozen=True)
class Scaled:
    """What a number of embedders makes of it: rates a second; and, in milliseconds, how long a search takes at the
    median and at the 95th percentile while a backlog of passages is drained."""

    embedders: int
    entries: float
    searches: float
    passages: float
    search_p50: float
    search_p95: float

    def better(self, other: "Scaled") -> "Scaled":
        """The better of each figure."""
        return Scaled(
            self.embedders,
            max(self.entries, other.entries),
            max(self.searches, other.searches),
            max(self.passages, other.passages),
            min(self.search_p50, other.search_p50),
            min(self.search_p95, other.search_p95),
        )


async def run(effort: Effort) -> list[Scaled]:
    with tempfile.TemporaryDirectory(prefix="moltnet-bench-") as directory:
        config = StackConfig(
            data_dir=Path(directory) / "data",
            ports=Ports.free(),
            extra_env={**SETTINGS, "EMBEDDING_WORKERS": "1"},
            services={"embedder": max(EMBEDDERS)},
        )
        async with (
            Stack(config) as stack,
            httpx.AsyncClient(base_url=stack.base_url, trust_env=False, timeout=60) as http,
            _diarys_bus(stack) as bus,
        ):
            _progress("agents register")
            clients = await settle(http, await stack.voucher(), CLIENTS)
            rounds = [await _round(stack, clients, bus, effort) for _ in range(effort.rounds)]
    return [reduce(Scaled.better, of_one_number) for of_one_number in zip(*rounds, strict=True)]


async def _round(stack: Stack, clients: list[Client], bus: Bus, effort: Effort) -> list[Scaled]:
    for spare in range(1, max(EMBEDDERS)):
        await stack.stop_part(f"embedder-{spare}")
    return [await _scaled(stack, number, clients, bus, effort) for number in EMBEDDERS]


async def _scaled(stack: Stack, number: int, clients: list[Client], bus: Bus, effort: Effort) -> Scaled:
    if number > 1:
        await stack.start_part(f"embedder-{number - 1}")
    await stack.ready()
    _progress(f"{number} embedder{'s' if number > 1 else ''}")
    await measure(_write, clients, effort.seconds / 5)
    entries = _faultless(await measure(_write, clients, effort.seconds))
    searches = _faultless(await measure(operations.search, clients, effort.seconds))
    draining = asyncio.create_task(_drain(bus, effort.backlog))
    meanwhile = _faultless(await measure(operations.search, clients[:SEARCHERS], effort.seconds))
    return Scaled(
        number,
        entries.rate,
        searches.rate,
        await draining,
        meanwhile.percentile(0.5),
        meanwhile.percentile(0.95),
    )


def _faultless(measured: Measurement) -> Measurement:
    if measured.errors:
        raise SystemExit(f"{measured.errors} requests failed, the first: {measured.first_error}")
    return measured


async def _write(client: Client) -> None:
    path = f"/diaries/{client.diary_id}/entries"
    body = {"content": next(_texts)}
    (await client.connection.post(path, body, client.token)).expect(201)


async def _drain(bus: Bus, backlog: int) -> float:
    """Passages a second, from the first that is sent to the last vector."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def embed(text: str) -> None:
        async with gate:
            outcome = await bus.execute(EmbedPassage(text=text), seconds=PATIENCE_SECONDS)
            assert outcome is not None

    started = perf_counter()
    await asyncio.gather(*(embed(next(_texts)) for _ in range(backlog)))
    return backlog / (perf_counter() - started)


@asynccontextmanager
async def _diarys_bus(stack: Stack) -> AsyncIterator[Bus]:
    """Passages are asked for as the diary service does."""
    told = stack.environment.service("diary")
    settings = NatsSettings.model_validate(
        {name: told[name] for name in ("NATS_URL", "NATS_USER", "NATS_PASSWORD")}
    )
    broker = make_broker(settings)
    bus = Bus(broker, settings.user)
    await broker.start()
    try:
        yield bus
    finally:
        await broker.stop()


def _progress(step: str) -> None:
    print(f"  ... {step}", file=sys.stderr, flush=True)


def print_scale(results: list[Scaled]) -> None:
    """Each rate with its ratio to that of one embedder."""
    print(
        f"\n{CLIENTS} clients write entries of {TOKENS} tokens, then search; then a backlog of passages is drained"
    )
    print(f"while {SEARCHERS} clients search.\n")
    print("".join(f"{title:>14}" if title else f"{'':7}" for title in HEAD))
    first = results[0]
    for one in results:
        rates = (
            (one.entries, first.entries),
            (one.searches, first.searches),
            (one.passages, first.passages),
        )
        cells = "".join(f"{rate:14.1f}{f'x{rate / base:.2f}':>7}" for rate, base in rates)
        print(f"{one.embedders:14}{cells}{one.search_p50:14.1f}{one.search_p95:14.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.embedder_scale")
    parser.add_argument("--quick", action="store_true", help="a smoke run: figures mean little")
    quick = parser.parse_args().quick
    print_machine()
    print_scale(asyncio.run(run(Effort(seconds=1.0, backlog=40, rounds=1) if quick else Effort())))


if __name__ == "__main__":
    main()
