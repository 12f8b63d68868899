"""The gateway's tail of the event log: complete, though announcements run ahead of what is kept."""

import asyncio
import contextlib
from typing import Any
from uuid import uuid4

import pytest

from services.gateway import agent_events, event_tail
from services.gateway.agent_events import AgentEvents
from services.gateway.announcements import Announcements
from services.gateway.event_tail import EventTail
from shared.contracts.diary import EntryCreated, FilterDiaries, OpenDiaries
from shared.contracts.principal import Principal
from shared.messaging.event_log import Announced, EventLog
from shared.problems import ServiceUnavailable, Unauthorized

MOMENT = "2026-01-30T10:00:00.000000+00:00"
CREATED = EntryCreated(entry_id=uuid4(), diary_id=uuid4()).model_dump_json().encode()


class Log(EventLog):
    """A log in memory. What is `kept` can be read after so many `looks`."""

    def __init__(self) -> None:
        self.kept: list[Announced] = []
        self.looks = 0

    def keep(self, *identifiers: str) -> None:
        for identifier in identifiers:
            sequence = len(self.kept) + 1
            self.kept.append(Announced(sequence, EntryCreated.subject, identifier, MOMENT, CREATED))

    async def last(self) -> int:
        return self.kept[-1].sequence if self.kept else 0

    async def after(self, sequence: int) -> Announced | None:
        self.looks -= 1
        if self.looks >= 0:
            return None
        return next((one for one in self.kept if one.sequence > sequence), None)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def announcements() -> Announcements:
    return Announcements()


@pytest.fixture
def tail(log: Log, announcements: Announcements) -> EventTail:
    return EventTail(log, announcements)


def _announce(announcements: Announcements, *identifiers: str) -> None:
    """As the bus does."""
    for listener in announcements._listeners:
        listener.add(*identifiers)


async def _until_at(tail: EventTail, sequence: int) -> None:
    with tail.bell() as bell:
        while tail.position < sequence:
            await bell.wait()
            bell.clear()


async def _started(tail: EventTail) -> None:
    while True:
        try:
            assert tail.position >= 0
            return
        except ServiceUnavailable:
            await asyncio.sleep(0)


async def test_an_event_that_is_heard_of_before_it_is_kept_is_waited_for(
    log: Log, announcements: Announcements, tail: EventTail
) -> None:
    async with tail.following():
        await _started(tail)
        log.keep("a")
        log.looks = 3
        _announce(announcements, "a")
        await _until_at(tail, 1)
        assert [one.identifier for one in await tail.after(0, 10)] == ["a"]


async def test_what_came_before_the_tail_is_read_from_the_log(log: Log, tail: EventTail) -> None:
    log.keep("a", "b", "c")
    async with tail.following():
        await _started(tail)
        assert tail.position == 3
        assert [one.sequence for one in await tail.after(1, 10)] == [2, 3]
        assert [one.sequence for one in await tail.after(0, 2)] == [1, 2]
        assert await tail.after(3, 10) == []


async def test_more_events_than_are_remembered_are_all_there(
    log: Log, announcements: Announcements, tail: EventTail
) -> None:
    many = event_tail.REMEMBERED + 5
    async with tail.following():
        await _started(tail)
        log.keep(*map(str, range(many)))
        _announce(announcements, str(many - 1))
        await _until_at(tail, many)
        assert [one.sequence for one in await tail.after(2, 3)] == [3, 4, 5]
        assert [one.sequence for one in await tail.after(many - 2, 9)] == [many - 1, many]


async def test_a_log_that_begins_anew_is_followed_from_there(
    log: Log, announcements: Announcements, tail: EventTail
) -> None:
    log.keep("a", "b", "c")
    async with tail.following():
        await _started(tail)
        log.kept.clear()
        log.keep("d")
        with tail.bell() as bell:
            bell.clear()
            announcements.ring_all()
            await bell.wait()
        await _until_at(tail, 1)
        assert [one.identifier for one in await tail.after(0, 10)] == ["d"]


async def test_a_stream_ends_when_its_token_is_no_longer_good(tail: EventTail) -> None:
    async def identify() -> Principal:
        raise Unauthorized("The access token is invalid or expired.")

    async with tail.following():
        await _started(tail)
        stream = await AgentEvents(None, tail, enforce_scopes=True).open(identify, None)  # type: ignore[arg-type]
        assert [event.id async for event in stream] == ["0"]


@pytest.mark.parametrize(
    ("given", "start"),
    [
        *((given, "2") for given in ("", "x", "-1", "1.5", "9" * 30, "\u0663")),
        *((given, given) for given in ("0", "1", "2")),
        ("99", "0"),
    ],
)
async def test_what_is_no_place_is_taken_for_now_and_one_beyond_the_end_for_a_lost_logs(
    log: Log, tail: EventTail, given: str, start: str
) -> None:
    async def identify() -> Principal:
        raise Unauthorized("The access token is invalid or expired.")

    log.keep("a", "b")
    async with tail.following():
        await _started(tail)
        stream = await AgentEvents(None, tail, enforce_scopes=True).open(identify, given)  # type: ignore[arg-type]
        assert [event.id async for event in stream] == [start]


class EveryDiary:
    """The diary service in memory: everything is the reader's."""

    async def ask(self, wanted: FilterDiaries, _reader: Principal) -> OpenDiaries:
        return OpenDiaries(owned=wanted.diary_ids, shared=[])


async def _always_good() -> Principal:
    return Principal(identity_id=uuid4(), public_key="ed25519:x", fingerprint="F", client_id="c")


@pytest.fixture
def streams(tail: EventTail) -> AgentEvents:
    bus: Any = EveryDiary()
    return AgentEvents(bus, tail, enforce_scopes=True)


async def test_a_reader_that_is_ahead_of_the_tail_hears_nothing_again(
    log: Log, announcements: Announcements, tail: EventTail, streams: AgentEvents
) -> None:
    log.keep("a")
    async with tail.following():
        await _started(tail)
        log.keep("b", "c")
        async with contextlib.aclosing(await streams.open(_always_good, "2")) as stream:
            assert (await anext(stream)).id == "2"
            upcoming = asyncio.ensure_future(anext(stream))
            announcements.ring_all()
            assert (await upcoming).id == "3"


async def test_a_reader_without_a_place_begins_at_the_end_of_the_log_not_of_the_tail(
    log: Log, announcements: Announcements, tail: EventTail, streams: AgentEvents
) -> None:
    async with tail.following():
        await _started(tail)
        log.keep("a")
        async with contextlib.aclosing(await streams.open(_always_good, None)) as stream:
            assert (await anext(stream)).id == "1"
            log.keep("b")
            announcements.ring_all()
            assert (await anext(stream)).id == "2"


async def test_a_reader_hears_a_log_that_begins_anew_from_its_first_event(
    log: Log, announcements: Announcements, tail: EventTail, streams: AgentEvents
) -> None:
    log.keep("a", "b", "c")
    async with tail.following():
        await _started(tail)
        async with contextlib.aclosing(await streams.open(_always_good, None)) as stream:
            assert (await anext(stream)).id == "3"
            log.kept.clear()
            log.keep("d", "e")
            announcements.ring_all()
            await _until_at(tail, 2)
            assert [(await anext(stream)).id for _ in range(3)] == ["0", "1", "2"]


async def test_a_reader_of_the_new_log_goes_on_at_a_gateway_that_has_not_noticed_it(
    log: Log, announcements: Announcements, tail: EventTail, streams: AgentEvents
) -> None:
    log.keep("a", "b", "c", "d")
    async with tail.following():
        await _started(tail)
        log.kept.clear()
        log.keep("e", "f")
        async with contextlib.aclosing(await streams.open(_always_good, "1")) as stream:
            assert [(await anext(stream)).id for _ in range(2)] == ["1", "2"]
            log.keep("g")
            announcements.ring_all()
            assert (await anext(stream)).id == "3"


class OneDiary:
    """The diary service in memory: one diary, open to the reader so many more times. Then it wakes the stream."""

    def __init__(self, tail: EventTail, times: int) -> None:
        self._tail = tail
        self.times = times

    async def ask(self, wanted: FilterDiaries, _reader: Principal) -> OpenDiaries:
        self.times -= 1
        if self.times < 0:
            self._tail._ring()
        return OpenDiaries(owned=[], shared=wanted.diary_ids if self.times >= 0 else [])


async def test_a_slow_reader_is_told_no_more_than_it_may_know_when_it_reads(
    log: Log, tail: EventTail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_events, "GOOD_FOR_SECONDS", -1.0)
    reader = Principal(identity_id=uuid4(), public_key="ed25519:x", fingerprint="F", client_id="c")
    looks = [reader] * 4
    bus: Any = OneDiary(tail, times=2)

    async def identify() -> Principal:
        if not looks:
            raise Unauthorized("The access token is invalid or expired.")
        return looks.pop()

    log.keep("a", "b", "c", "d")
    async with tail.following():
        await _started(tail)
        stream = await AgentEvents(bus, tail, enforce_scopes=True).open(identify, "0")
        assert [event.id async for event in stream] == ["0", "1", "2"]
    assert (bus.times, looks) == (-1, [])
