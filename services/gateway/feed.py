"""The public feed as it grows, for any number of readers."""

import asyncio

from services.gateway.announcements import Announcements, rung
from services.gateway.event_streams import GOOD_FOR_SECONDS, Events, event, place
from shared.contracts.diary import EntryCreated, FeedFilter, FeedPosition, FeedStretch, FollowFeed
from shared.messaging.bus import Bus

ENTRY = "entry"
SETTLING_SECONDS = 0.05


class FeedReader:
    """Reads pages of the feed from the diary service. Readers in the same place at the same time share one."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._gathering: dict[FollowFeed, asyncio.Task[FeedStretch]] = {}

    async def read(self, wanted: FollowFeed) -> FeedStretch:
        """Whatever was there when this was called is in the answer."""
        question = self._gathering.get(wanted)
        if question is None:
            question = self._gathering[wanted] = asyncio.create_task(self._ask(wanted))
            question.add_done_callback(_seen)
        return await asyncio.shield(question)

    async def _ask(self, wanted: FollowFeed) -> FeedStretch:
        """Whoever comes once the question is out gets an answer of its own."""
        await asyncio.sleep(0)
        del self._gathering[wanted]
        return await self._bus.ask(wanted)


def _seen(question: asyncio.Task[FeedStretch]) -> None:
    """Its failure is told to the readers; when all of them have left, to nobody."""
    if not question.cancelled():
        question.exception()


class Feed:
    """Follows the feed: woken when an entry was written, by whichever service process."""

    def __init__(self, bus: Bus, announcements: Announcements) -> None:
        self._reader = FeedReader(bus)
        self._announcements = announcements

    async def open(self, wanted: FeedFilter, after: FeedPosition | None) -> Events:
        """Entries after the position, else after now. Fails before the stream begins if it cannot begin."""
        first = await self._reader.read(FollowFeed(**dict(wanted), after=after))
        return self._events(wanted, first)

    async def _events(self, wanted: FeedFilter, stretch: FeedStretch) -> Events:
        loop = asyncio.get_running_loop()
        if not stretch.items:
            yield place(stretch.position.event_id)
        with self._announcements.bell(EntryCreated.subject) as bell:
            while True:
                position, complete = stretch.position, stretch.complete
                good_until = loop.time() + GOOD_FOR_SECONDS
                for news in stretch.items:
                    yield event(ENTRY, news.entry.model_dump_json(by_alias=True), news.position.event_id)
                    if loop.time() > good_until:
                        position, complete = news.position, False
                        break
                if complete:
                    await rung(bell)
                elif not stretch.items:
                    await asyncio.sleep(SETTLING_SECONDS)
                stretch = await self._reader.read(FollowFeed(**dict(wanted), after=position))
