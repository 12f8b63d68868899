"""Domain events as they are announced. Whoever waits is woken and looks for itself: nothing is kept here."""

import asyncio
import contextlib
from collections.abc import Iterator

from faststream.nats import NatsBroker, NatsMessage

EVENTS = "evt.>"


class Announcements:
    """Bells for event subjects. All of them ring when announcements may have been missed."""

    def __init__(self) -> None:
        self._bells: dict[asyncio.Event, frozenset[str]] = {}

    def hear(self, broker: NatsBroker) -> None:
        """To be called before the broker is started."""
        broker.subscriber(EVENTS, include_in_schema=False)(self._heard)

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

    def ring_all(self) -> None:
        for bell in self._bells:
            bell.set()

    async def _heard(self, message: NatsMessage) -> None:
        subject = message.raw_message.subject
        for bell, subjects in self._bells.items():
            if subject in subjects:
                bell.set()
