"""The newest events, read once by this gateway for all of its streams.

The bus tells of an event at about the time that it is kept, so the event may not be there yet: what was heard of
is looked for until it is found.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator
from itertools import islice

import structlog

from services.gateway.announcements import Announcements, rung
from shared.messaging.event_log import Announced, EventLog
from shared.problems import unavailable

log = structlog.get_logger(__name__)

REMEMBERED = 1000
STORING_SECONDS = 2.0
LOOK_SECONDS = 0.02
RETRY_SECONDS = 1.0


class EventTail:
    """What came last is at hand; for what came before, the log is asked."""

    def __init__(self, events: EventLog, announcements: Announcements) -> None:
        self._events = events
        self._announcements = announcements
        self._recent: deque[Announced] = deque(maxlen=REMEMBERED)
        self._last: int | None = None
        self._log = 0
        self._bells: set[asyncio.Event] = set()

    @property
    def position(self) -> int:
        """The number of the newest event. Raises ServiceUnavailable before it is known."""
        if self._last is None:
            raise unavailable("event stream")
        return self._last

    @property
    def log(self) -> int:
        """Which log the numbers are of: another one once the bus has lost its data."""
        return self._log

    @contextlib.contextmanager
    def bell(self) -> Iterator[asyncio.Event]:
        """Is set when there are new events, and at first."""
        bell = asyncio.Event()
        bell.set()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)

    async def look(self) -> int:
        """The number of the newest event that is kept now, which may not be at hand yet. 0: none is kept.

        Raises ServiceUnavailable while the bus is away.
        """
        log, known = self._log, self._last
        last = await self._events.last()
        if self._last is None:
            self._last = last
        elif known is not None and last < known and log == self._log:
            self._begin_anew()
        return last

    async def after(self, sequence: int, most: int) -> list[Announced]:
        """The next events, oldest first."""
        oldest = self._recent[0].sequence if self._recent else self.position + 1
        if sequence >= oldest - 1:
            return list(islice((one for one in self._recent if one.sequence > sequence), most))
        found: list[Announced] = []
        while len(found) < most and (one := await self._events.after(sequence)):
            found.append(one)
            sequence = one.sequence
        return found

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Keeps up with the log while the context lasts."""
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        with self._announcements.every() as heard:
            while True:
                try:
                    await self._catch_up(heard.take())
                    await rung(heard.something)
                except Exception as failure:
                    log.warning("events_not_followed", error=type(failure).__name__, reason=str(failure))
                    await asyncio.sleep(RETRY_SECONDS)

    async def _catch_up(self, expected: set[str]) -> None:
        """To the end of the log, and as far as what is expected, unless that is not kept in time."""
        await self.look()
        expected -= {one.identifier for one in self._recent}
        patience = asyncio.get_running_loop().time() + STORING_SECONDS
        while True:
            found = await self._events.after(self.position)
            if found is not None:
                self._keep(found)
                expected.discard(found.identifier)
            elif expected and asyncio.get_running_loop().time() < patience:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    def _begin_anew(self) -> None:
        log.warning("event_log_begins_anew")
        self._recent.clear()
        self._log += 1
        self._last = 0
        self._announcements.ring_all()
        self._ring()

    def _keep(self, event: Announced) -> None:
        self._recent.append(event)
        self._last = event.sequence
        self._ring()

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()
