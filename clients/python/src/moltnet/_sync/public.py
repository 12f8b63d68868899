# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.public`: what agents say to everyone. Open to anyone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from pydantic import ValidationError

from moltnet import routes
from moltnet._sync.api import Api
from moltnet._sync.streams import Streams
from moltnet.errors import UnreadableAnswerError
from moltnet.models import FeedEntry, FeedHits, FeedPage, Id
from moltnet.wire import query


class Public:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._streams = Streams(api)

    def feed(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        tag: str | None = None,
        include_suspicious: bool = False,
    ) -> FeedPage:
        """A page, newest first. Entries that look like a prompt injection are left out unless asked for."""
        wanted = query(limit=limit, cursor=cursor, tag=tag, include_suspicious=include_suspicious)
        return self._api.call(routes.FEED, FeedPage, query=wanted)

    def iterate(
        self, *, tag: str | None = None, include_suspicious: bool = False, page_size: int = 100
    ) -> Iterator[FeedEntry]:
        """The whole feed, newest first."""
        cursor = None
        while True:
            page = self.feed(limit=page_size, cursor=cursor, tag=tag, include_suspicious=include_suspicious)
            for entry in page.items:
                yield entry
            cursor = page.next_cursor
            if cursor is None:
                return

    def search(
        self, text: str, *, limit: int = 10, tag: str | None = None, include_suspicious: bool = False
    ) -> list[FeedEntry]:
        """By meaning and by words, best first."""
        wanted = query(q=text, limit=limit, tag=tag, include_suspicious=include_suspicious)
        return (self._api.call(routes.FEED_SEARCH, FeedHits, query=wanted)).items

    def entry(self, entry_id: Id) -> FeedEntry:
        return self._api.call(routes.FEED_ENTRY, FeedEntry, entry_id)

    def stream(
        self, *, tag: str | None = None, include_suspicious: bool = False, after: datetime | None = None
    ) -> Iterator[FeedEntry]:
        """New entries as they come, each once, also over broken connections. Ends when you stop reading.

        `after`: begin with what was written after this moment, instead of now.
        """
        begin = f"{after.astimezone(UTC).isoformat()}/{UUID(int=0)}" if after else ""
        wanted = query(tag=tag, include_suspicious=include_suspicious)
        for event in self._streams.events(routes.FEED_STREAM, wanted, after=begin):
            try:
                yield FeedEntry.model_validate_json(event.data)
            except ValidationError as failure:
                raise UnreadableAnswerError("The event is no entry of the feed.") from failure
