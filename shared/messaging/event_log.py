"""The stream EVENTS, read message by message. Needs no consumer, only the right to get messages."""

from dataclasses import dataclass

from faststream.nats import NatsBroker
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from shared.messaging import headers as header
from shared.messaging.bus import AWAY, BUS
from shared.problems import unavailable

STREAM = "EVENTS"
EVERY_EVENT = "evt.>"
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Announced:
    """An event as the stream keeps it. `identifier` is what it was published under, `time` when (ISO 8601)."""

    sequence: int
    subject: str
    identifier: str
    time: str
    body: bytes


class EventLog:
    """Raises ServiceUnavailable while the bus is away."""

    def __init__(self, broker: NatsBroker) -> None:
        self._broker = broker

    async def last(self) -> int:
        """The sequence number of the newest event; 0 when there is none."""
        found = await self._get(subject=EVERY_EVENT)
        return found.sequence if found else 0

    async def after(self, sequence: int) -> Announced | None:
        """The first event that is kept of those with a higher number."""
        return await self._get(seq=sequence + 1, subject=EVERY_EVENT, next=True)

    async def _get(self, *, subject: str, seq: int | None = None, next: bool = False) -> Announced | None:  # noqa: A002
        try:
            jetstream = self._broker.connection.jetstream(timeout=ANSWER_SECONDS)
            return _announced(await jetstream.get_msg(STREAM, seq=seq, subject=subject, next=next))
        except NotFoundError:
            return None
        except (*AWAY, TimeoutError) as failure:
            raise unavailable(BUS) from failure


def _announced(message: RawStreamMsg) -> Announced:
    told = message.headers or {}
    return Announced(
        sequence=message.seq or 0,
        subject=message.subject or "",
        identifier=told.get(header.MESSAGE_ID, ""),
        time=told.get(header.EVENT_TIME, ""),
        body=message.data or b"",
    )
