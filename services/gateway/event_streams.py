"""Server-sent events (WHATWG HTML, section 9.2): the response, and how many of them a caller may have open.

A stream ends when its time is over, when the gateway stops, or when its reader takes nothing for too long; clients
come back with `Last-Event-ID`.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import anyio
import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Receive, Scope, Send

from services.gateway.settings import StreamSettings
from shared.problems import Problem, RateLimitExceeded

log = structlog.get_logger(__name__)

LEAVE_SECONDS = 5
"""What a stream has for its last words when the gateway stops."""

RETRY_MILLISECONDS = 5000
RETURN_SECONDS = 30
"""What a caller with too many streams is told to wait."""

GOOD_FOR_SECONDS = 1.0
"""So long after it was looked up, a page may be told without another look at what its reader may know."""

HEADERS = {"cache-control": "no-cache, no-transform"}
LINE_END = "\n"
UNEXPECTED = "An unexpected error happened."

Events = AsyncGenerator[ServerSentEvent]


class StreamSlots:
    """At most so many streams at a time for each caller, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextlib.contextmanager
    def take(self, caller: str) -> Iterator[None]:
        """Raises RateLimitExceeded when the caller has them all."""
        if self._taken[caller] >= self._most:
            raise RateLimitExceeded(
                f"At most {self._most} event streams may be open at a time.", retry_after=RETURN_SECONDS
            )
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]


def event(kind: str, data: str, identifier: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(data, event=kind, id=identifier, sep=LINE_END)


def place(identifier: str) -> ServerSentEvent:
    """Where to go on. Clients remember it, and tell their user nothing: it has no data."""
    return ServerSentEvent(id=identifier, sep=LINE_END)


class _UnreadError(Exception):
    """The reader takes nothing."""


class EventStream(EventSourceResponse):
    """The answer of a route that streams. A reader that takes nothing holds one page, and that not for long."""

    def __init__(self, events: Events, times: StreamSettings) -> None:
        stopping = anyio.Event()
        self._unread = times.unread
        super().__init__(
            _whole(events, times.lifetime, stopping),
            headers=HEADERS,
            sep=LINE_END,
            ping=times.heartbeat,
            ping_message_factory=lambda: ServerSentEvent(comment="heartbeat", sep=LINE_END),
            shutdown_event=stopping,
            shutdown_grace_period=LEAVE_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            with anyio.move_on_after(self._unread) as waiting:
                await send(message)
            if waiting.cancelled_caught:
                raise _UnreadError

        try:
            await super().__call__(scope, receive, send_in_time)
        except* _UnreadError:
            log.info("event_stream_unread")


async def _whole(events: Events, seconds: float, stopping: anyio.Event) -> Events:
    """How soon to come back, the events of so many seconds, and in case of a failure what it was."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    yield ServerSentEvent(retry=RETRY_MILLISECONDS, sep=LINE_END)
    try:
        async with contextlib.aclosing(events):
            while (each := await _next(events, ends - loop.time(), stopping)) is not None:
                yield each
    except Problem as problem:
        yield _failure(problem.detail)
    except Exception as failure:
        log.error("unexpected_error", error=type(failure).__name__, exc_info=failure)
        yield _failure(UNEXPECTED)


async def _next(events: Events, seconds: float, stopping: anyio.Event) -> ServerSentEvent | None:
    """None when there are no more, time is over, or the gateway stops: then the response is brought to its end."""
    if seconds <= 0:
        return None
    coming = asyncio.ensure_future(anext(events, None))
    end = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((coming, end), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return coming.result() if coming.done() else None
    finally:
        for waited in (coming, end):
            waited.cancel()
        with anyio.CancelScope(shield=True):  # the generator must be at rest before it can be closed
            await asyncio.gather(coming, end, return_exceptions=True)


def _failure(message: str) -> ServerSentEvent:
    told: dict[str, Any] = {"message": message}
    return event("error", json.dumps(told, ensure_ascii=False))
