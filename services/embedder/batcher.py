"""Brings texts of concurrent requests together into batches, and runs these on worker threads."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import perf_counter

from services.embedder.errors import EmbedderBusyError, EmbedderClosedError
from services.embedder.stats import EmbedderStats
from services.embedder.waiting import Lane, Vector, WaitingLine, WaitingText

RunModel = Callable[[Sequence[Sequence[int]]], Vector]
"""Token ids of several texts to vectors [texts, 384]; called on several threads at once."""


class Batcher:
    """Never waits for more texts: a free worker takes the oldest, and what waits already and fits it.

    To be used from one event loop, on which all but the model runs.
    """

    def __init__(self, run: RunModel, workers: int, queue_limit: int) -> None:
        self._run = run
        self._queue_limit = queue_limit
        self._idle = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="embedder")
        self._line = WaitingLine()
        self._stats = EmbedderStats()
        self._dispatch_due = False
        self._closed = False

    @property
    def stats(self) -> EmbedderStats:
        """What was done so far, and what waits."""
        return replace(
            self._stats,
            waiting_queries=self._line.length(Lane.QUERY),
            waiting_passages=self._line.length(Lane.PASSAGE),
        )

    async def embed(self, texts: Sequence[list[int]], lane: Lane) -> list[Vector]:
        """The vector [384] of each text.

        The texts are admitted together while the lane is below its limit, so that a request of many can be
        served, and the line is never longer than the limit and one request. Raises EmbedderBusyError beyond
        that, and EmbedderClosedError once closed. An error of the model is raised for the texts of that run
        only.
        """
        self._admit(len(texts), lane)
        loop = asyncio.get_running_loop()
        waiting = [WaitingText(ids, loop.create_future()) for ids in texts]
        self._line.add(lane, waiting)
        self._dispatch_soon(loop)
        return await asyncio.gather(*(text.vector for text in waiting))

    async def close(self) -> None:
        """Fails what waits with EmbedderClosedError, and returns when the running batches have ended."""
        self._closed = True
        for text in self._line.clear():
            if not text.vector.done():
                text.vector.set_exception(EmbedderClosedError("the embedder is shutting down"))
        await asyncio.to_thread(self._pool.shutdown)

    def _admit(self, count: int, lane: Lane) -> None:
        if self._closed:
            raise EmbedderClosedError("the embedder is closed")
        if self._line.length(lane) >= self._queue_limit:
            self._stats = replace(self._stats, refused=self._stats.refused + count)
            raise EmbedderBusyError(f"{self._queue_limit} texts wait already")

    def _dispatch_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Dispatches at the loop's next turn: requests that are ready in this one still come along."""
        if not self._dispatch_due:
            self._dispatch_due = True
            loop.call_soon(self._dispatch, loop)

    def _dispatch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._dispatch_due = False
        while self._idle and not self._closed and (batch := self._line.next_batch()):
            self._idle -= 1
            running = loop.run_in_executor(self._pool, self._timed, [text.ids for text in batch])
            running.add_done_callback(partial(self._finish, loop, batch))

    def _timed(self, texts: list[list[int]]) -> tuple[Vector, float]:
        started = perf_counter()
        vectors = self._run(texts)
        return vectors, perf_counter() - started

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[WaitingText],
        running: asyncio.Future[tuple[Vector, float]],
    ) -> None:
        self._idle += 1
        self._dispatch(loop)
        error = running.exception()
        if error is not None:
            self._fail(batch, error)
            return
        vectors, seconds = running.result()
        self._count(batch, seconds)
        for text, vector in zip(batch, vectors, strict=True):
            if not text.vector.done():
                text.vector.set_result(vector)

    def _fail(self, batch: list[WaitingText], error: BaseException) -> None:
        self._stats = replace(self._stats, failed=self._stats.failed + len(batch))
        for text in batch:
            if not text.vector.done():
                text.vector.set_exception(error)

    def _count(self, batch: list[WaitingText], seconds: float) -> None:
        lengths = [len(text.ids) for text in batch]
        done = self._stats
        self._stats = replace(
            done,
            batches=done.batches + 1,
            texts=done.texts + len(batch),
            tokens=done.tokens + sum(lengths),
            padded_tokens=done.padded_tokens + max(lengths) * len(batch),
            model_seconds=done.model_seconds + seconds,
        )
