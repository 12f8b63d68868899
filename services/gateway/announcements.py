"""Domain events as they are announced. Whoever waits is woken and looks for itself: nothing is kept here."""

import asyncio
import contextlib
from collections.abc import Iterator

from faststream.nats import NatsBroker, NatsMessage

from shared.messaging.event_log import EVERY_EVENT
from shared.messaging.headers import MESSAGE_ID

LOOK_AGAIN_SECONDS = 30.0
"""Without being woken: an announcement can get lost on its way."""


async def rung(bell: asyncio.Event, seconds: float = LOOK_AGAIN_SECONDS) -> None:
    """When the bell rings, or so much time has passed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):  # not wait_for: it loses a cancellation that comes with the bell
            await bell.wait()
    bell.clear()


class Heard:
    """What was announced since it was last taken: identifiers of events, or that something may have been missed."""

    def __init__(self) -> None:
        self.something = asyncio.Event()
        self._identifiers: set[str] = set()

    def take(self) -> set[str]:
        taken, self._identifiers = self._identifiers, set()
        return taken

    def add(self, *identifiers: str) -> None:
        self._identifiers.update(identifiers)
        self.something.set()


class Announcements:
    """Bells for event subjects. All of them ring when announcements may have been missed."""

    def __init__(self) -> None:
        self._bells: dict[asyncio.Event, frozenset[str]] = {}
        self._listeners: set[Heard] = set()

    def hear(self, broker: NatsBroker) -> None:
        """To be called before the broker is started. What asks for a reply there is the stream's to confirm."""
        broker.subscriber(EVERY_EVENT, no_reply=True, include_in_schema=False)(self._heard)

    @contextlib.contextmanager
    def bell(self, *subjects: str) -> Iterator[asyncio.Event]:
        """Is set when one of the subjects was announced, until who waits for it clears it.

        Set at first: what was announced before is to be looked for, too.
        """
        bell = asyncio.Event()
        bell.set()
        self._bells[bell] = frozenset(subjects)
        try:
            yield bell
        finally:
            del self._bells[bell]

    @contextlib.contextmanager
    def every(self) -> Iterator[Heard]:
        """Collects the identifiers of all announcements."""
        heard = Heard()
        self._listeners.add(heard)
        try:
            yield heard
        finally:
            self._listeners.discard(heard)

    def ring_all(self) -> None:
        for bell in self._bells:
            bell.set()
        for listener in self._listeners:
            listener.add()

    async def _heard(self, message: NatsMessage) -> None:
        subject = message.raw_message.subject
        for bell, subjects in self._bells.items():
            if subject in subjects:
                bell.set()
        for listener in self._listeners:
            listener.add(message.headers.get(MESSAGE_ID, ""))
