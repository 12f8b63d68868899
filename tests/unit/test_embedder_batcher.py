"""How requests share the workers. What is run here only adds the ids up: it is the order that matters."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from services.embedder.batcher import Batcher, RunModel
from services.embedder.errors import EmbedderBusyError, EmbedderClosedError
from services.embedder.waiting import Lane, Vector

FAULTY = -1


class _Adder:
    """Adds ids up once the gate is open, and remembers the batches."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.started = threading.Event()
        self.batches: list[list[int]] = []

    def __call__(self, texts: Sequence[Sequence[int]]) -> Vector:
        self.started.set()
        self.gate.wait()
        self.batches.append([text[0] for text in texts])
        if any(text[0] == FAULTY for text in texts):
            raise ArithmeticError("faulty")
        return np.array([[sum(text)] for text in texts], np.float32)


@asynccontextmanager
async def _batcher(run: RunModel, workers: int = 1, limit: int = 100) -> AsyncIterator[Batcher]:
    batcher = Batcher(run, workers, limit)
    yield batcher
    await batcher.close()


async def _busy(batcher: Batcher, adder: _Adder) -> asyncio.Task[list[Vector]]:
    """A first text that holds the only worker until the gate opens."""
    task = asyncio.create_task(batcher.embed([[0]], Lane.QUERY))
    await asyncio.to_thread(adder.started.wait)
    return task


async def _turn() -> None:
    """Lets tasks that were just created run up to where they wait."""
    await asyncio.sleep(0)


async def test_everyone_gets_the_own_vector() -> None:
    adder = _Adder()
    adder.gate.set()
    async with _batcher(adder, workers=2) as batcher:
        answers = await asyncio.gather(*(batcher.embed([[n, n], [n]], Lane.QUERY) for n in range(40)))
        assert [[float(vector[0]) for vector in pair] for pair in answers] == [[2 * n, n] for n in range(40)]
        stats = batcher.stats
        assert (stats.texts, stats.tokens, stats.waiting_queries) == (80, 120, 0)
        assert stats.batches < 80
        assert stats.model_seconds > 0


async def test_requests_of_one_turn_share_a_batch_without_waiting() -> None:
    adder = _Adder()
    adder.gate.set()
    async with _batcher(adder) as batcher:
        await asyncio.gather(*(batcher.embed([[n]], Lane.QUERY) for n in range(5)))
    assert adder.batches == [[0, 1, 2, 3, 4]]


async def test_queries_overtake_passages() -> None:
    adder = _Adder()
    async with _batcher(adder) as batcher:
        first = await _busy(batcher, adder)
        passages = asyncio.create_task(batcher.embed([[10], [11]], Lane.PASSAGE))
        await _turn()
        query = asyncio.create_task(batcher.embed([[20]], Lane.QUERY))
        await _turn()
        adder.gate.set()
        await asyncio.gather(first, passages, query)
    assert adder.batches == [[0], [20], [10, 11]]


async def test_a_full_line_refuses_and_recovers() -> None:
    adder = _Adder()
    async with _batcher(adder, limit=2) as batcher:
        first = await _busy(batcher, adder)
        waiting = asyncio.create_task(batcher.embed([[1], [2]], Lane.PASSAGE))
        await _turn()
        with pytest.raises(EmbedderBusyError):
            await batcher.embed([[3]], Lane.PASSAGE)
        query = asyncio.create_task(batcher.embed([[4]], Lane.QUERY))
        await _turn()
        stats = batcher.stats
        assert (stats.refused, stats.waiting_passages, stats.waiting_queries) == (1, 2, 1)
        adder.gate.set()
        await asyncio.gather(first, waiting, query)
        assert await batcher.embed([[3]], Lane.PASSAGE) == [3]


async def test_a_failing_batch_fails_only_its_texts() -> None:
    adder = _Adder()
    async with _batcher(adder) as batcher:
        first = await _busy(batcher, adder)
        # Too different in length to share a run.
        faulty = asyncio.create_task(batcher.embed([[FAULTY]], Lane.QUERY))
        fine = asyncio.create_task(batcher.embed([[5] * 4], Lane.QUERY))
        await _turn()
        adder.gate.set()
        with pytest.raises(ArithmeticError):
            await faulty
        assert [float(vector[0]) for vector in await fine] == [20]
        await first
        assert batcher.stats.failed == 1


async def test_a_cancelled_request_is_not_run() -> None:
    adder = _Adder()
    async with _batcher(adder) as batcher:
        first = await _busy(batcher, adder)
        given_up = asyncio.create_task(batcher.embed([[1]], Lane.QUERY))
        await _turn()
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        adder.gate.set()
        await first
        await batcher.embed([[2]], Lane.QUERY)
    assert adder.batches == [[0], [2]]


async def test_closing_ends_what_runs_and_refuses_what_waits() -> None:
    adder = _Adder()
    batcher = Batcher(adder, 1, 10)
    running = await _busy(batcher, adder)
    waiting = asyncio.create_task(batcher.embed([[1]], Lane.PASSAGE))
    await _turn()
    closing = asyncio.create_task(batcher.close())
    with pytest.raises(EmbedderClosedError):
        await waiting
    assert not closing.done()
    adder.gate.set()
    await closing
    assert await running == [0]
    with pytest.raises(EmbedderClosedError):
        await batcher.embed([[1]], Lane.QUERY)
