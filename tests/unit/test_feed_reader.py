"""Readers of the public feed share questions, but never an answer that is older than what woke them."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.gateway.feed import FeedReader
from shared.contracts.diary import FeedPosition, FeedStretch, FollowFeed
from shared.contracts.fields import iso_timestamp
from shared.problems import ServiceUnavailable, unavailable

START = FeedPosition.of_event_id(f"2026-01-30T10:00:00.000001Z/{UUID(int=0)}")


class Diary:
    """The diary service in memory: answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[FollowFeed] = []
        self.arrivals = asyncio.Semaphore(0)
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.away = False

    async def ask(self, wanted: FollowFeed) -> FeedStretch:
        self.asked.append(wanted)
        self.arrivals.release()
        await self.may_answer.wait()
        if self.away:
            raise unavailable("diary service")
        return FeedStretch(items=[], position=START, complete=True)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def reader(diary: Diary) -> FeedReader:
    bus: Any = diary
    return FeedReader(bus)


async def test_readers_who_are_woken_together_ask_once(diary: Diary, reader: FeedReader) -> None:
    wanted = FollowFeed(after=START)
    await asyncio.gather(*(reader.read(wanted) for _ in range(20)))
    assert diary.asked == [wanted]


async def test_readers_at_other_places_or_of_other_tags_ask_for_themselves(
    diary: Diary, reader: FeedReader
) -> None:
    questions = [FollowFeed(after=START), FollowFeed(after=START, tag="x"), FollowFeed()]
    await asyncio.gather(*map(reader.read, questions))
    assert diary.asked == questions


async def test_whoever_comes_when_the_question_is_out_asks_anew(diary: Diary, reader: FeedReader) -> None:
    diary.may_answer.clear()
    first = asyncio.create_task(reader.read(FollowFeed(after=START)))
    await diary.arrivals.acquire()
    second = asyncio.create_task(reader.read(FollowFeed(after=START)))
    await diary.arrivals.acquire()
    diary.may_answer.set()
    await asyncio.gather(first, second)


async def test_a_reader_that_leaves_takes_nothing_from_the_others(diary: Diary, reader: FeedReader) -> None:
    leaving, staying = (asyncio.create_task(reader.read(FollowFeed(after=START))) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).complete
    assert len(diary.asked) == 1


async def test_a_failure_is_told_to_each(diary: Diary, reader: FeedReader) -> None:
    diary.away = True
    told = await asyncio.gather(
        *(reader.read(FollowFeed(after=START)) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in told] == [ServiceUnavailable] * 3


def test_a_position_keeps_its_microseconds_where_timestamps_are_cut() -> None:
    assert START.event_id.startswith("2026-01-30T10:00:00.000001Z/")
    assert iso_timestamp(START.created_at) == "2026-01-30T10:00:00.000Z"
    assert FeedPosition.of_cursor(START.cursor) == START
