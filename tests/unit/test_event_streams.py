"""An event stream shows that it lives, and ends when its time is over or nobody takes what it sends."""

import asyncio

from starlette.types import Message, Scope

from services.gateway.event_streams import Events, EventStream, event
from services.gateway.settings import StreamSettings

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/events"}
LONG = 3600.0
SOON = 0.01
MANY = 1_000_000


class Source:
    """Events for a stream: of one kind, as many as it takes, or none for ever."""

    def __init__(self, *, silent: bool) -> None:
        self.left = False
        self._silent = silent

    async def events(self) -> Events:
        try:
            while True:
                if self._silent:
                    await asyncio.Event().wait()
                yield event("entry", "{}")
        finally:
            self.left = True


class Connection:
    """The server's side of a connection, whose reader takes so many messages and no more."""

    def __init__(self, takes: int) -> None:
        self.taken: list[Message] = []
        self._takes = takes

    async def receive(self) -> Message:
        """Nothing: the reader stays."""
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        if len(self.taken) >= self._takes:
            await asyncio.Event().wait()
        self.taken.append(message)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.taken).decode()

    @property
    def complete(self) -> bool:
        return not self.taken[-1].get("more_body", True)


async def _stream(source: Source, takes: int, **times: float) -> Connection:
    """A whole stream, until it ends by itself."""
    connection = Connection(takes)
    chosen = StreamSettings.model_validate({"lifetime": LONG, "heartbeat": LONG, "unread": LONG, **times})
    await EventStream(source.events(), chosen)(SCOPE, connection.receive, connection.send)
    return connection


async def test_a_stream_without_events_shows_that_it_lives_until_its_time_is_over() -> None:
    source = Source(silent=True)
    connection = await _stream(source, MANY, lifetime=0.1, heartbeat=SOON)
    assert connection.text.startswith("retry: 5000\n\n: heartbeat\n\n")
    assert connection.complete
    assert source.left


async def test_a_stream_with_more_events_than_anyone_can_read_ends_when_its_time_is_over() -> None:
    source = Source(silent=False)
    connection = await _stream(source, MANY, lifetime=SOON)
    assert connection.text.endswith("event: entry\ndata: {}\n\n")
    assert connection.complete
    assert source.left


async def test_a_reader_that_takes_no_events_is_left() -> None:
    source = Source(silent=False)
    connection = await _stream(source, 5, unread=SOON)
    assert not connection.complete
    assert source.left


async def test_a_reader_that_takes_no_heartbeats_is_left() -> None:
    source = Source(silent=True)
    connection = await _stream(source, 3, heartbeat=SOON, unread=SOON)
    assert not connection.complete
    assert source.left


async def test_a_reader_that_does_not_even_take_the_end_is_left() -> None:
    source = Source(silent=True)
    connection = await _stream(source, 2, lifetime=SOON, unread=SOON)
    assert connection.text == "retry: 5000\n\n"
    assert source.left


async def test_a_reader_that_takes_not_even_the_beginning_is_left() -> None:
    connection = await _stream(Source(silent=True), 0, unread=SOON)
    assert not connection.taken


def test_the_times_of_a_stream_are_those_of_the_contract() -> None:
    times = StreamSettings()
    assert (times.lifetime, times.heartbeat) == (1800, 30)
