"""The public feed: entries of public diaries, in the name of the diary's owner (contract/http-api 16).

Its order is by time of creation, then id. A `FeedPosition` is a place in that order, with all its microseconds.
"""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.contracts.base import Query, Record
from shared.contracts.diary.entries import PageLimit
from shared.contracts.fields import Meaningful, Tag, Timestamp

MAX_CURSOR = 200


class FeedPosition(Record):
    """A place in the feed: that of an entry, or of where one would be."""

    created_at: AwareDatetime
    entry_id: UUID

    @property
    def event_id(self) -> str:
        """`<ISO timestamp>/<uuid>`, as the event stream names it."""
        return f"{_exact(self.created_at)}/{self.entry_id}"

    @property
    def cursor(self) -> str:
        """Base64url of JSON, without padding: opaque to clients (rulings R-16, A-11)."""
        told = json.dumps({"c": _exact(self.created_at), "i": str(self.entry_id)}, separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")

    @classmethod
    def of_event_id(cls, text: str) -> "FeedPosition":
        """Raises ValueError for anything else."""
        moment, _, entry_id = text.partition("/")
        return cls(created_at=_moment(moment), entry_id=UUID(entry_id))

    @classmethod
    def of_cursor(cls, text: str) -> "FeedPosition":
        """Raises ValueError for anything else."""
        try:
            told = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
            return cls(created_at=_moment(told["c"]), entry_id=UUID(told["i"]))
        except (binascii.Error, KeyError, TypeError, AttributeError, RecursionError) as failure:
            raise ValueError("not a cursor") from failure


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as failure:
        raise ValueError("out of range") from failure


def _read_cursor(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if len(value) > MAX_CURSOR:
            raise ValueError("too long")
        return FeedPosition.of_cursor(value)
    except ValueError:
        raise PydanticCustomError("cursor", "must be a cursor that the feed has given") from None


FeedCursor = Annotated[
    FeedPosition,
    BeforeValidator(_read_cursor),
    PlainSerializer(lambda position: position.cursor, return_type=str),
    WithJsonSchema({"type": "string", "maxLength": MAX_CURSOR}),
]
FeedQuestion = Annotated[str, StringConstraints(min_length=2, max_length=200), Meaningful]
Tagged = Annotated[Tag | None, Field(description="Only entries with this tag")]
Suspicious = Annotated[
    bool, Field(description="Also entries that look like an attempt to give orders to their reader")
]


class Author(Record):
    """The owner of the diary, whoever wrote the entry."""

    fingerprint: str
    public_key: str


class PublicFeedEntry(Record):
    id: UUID
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    created_at: Timestamp
    author: Author


class PublicFeed(Record):
    """A page, newest first. `next_cursor` is null on the last one."""

    items: list[PublicFeedEntry]
    next_cursor: str | None


class FeedFilter(Record):
    tag: Tagged = None
    include_suspicious: Suspicious = False


class ListFeed(FeedFilter, Query[PublicFeed]):
    limit: PageLimit = 20
    cursor: FeedCursor | None = None


class PublicFeedHits(Record):
    """Best first."""

    items: list[PublicFeedEntry]
    query: str


class SearchFeed(FeedFilter, Query[PublicFeedHits]):
    q: FeedQuestion
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class GetPublicEntry(Query[PublicFeedEntry]):
    """Flagged ones, too: whoever knows the id sees the flag."""

    entry_id: UUID


class FeedNews(Record):
    """An entry and where it is in the feed."""

    position: FeedPosition
    entry: PublicFeedEntry


class FeedStretch(Record):
    """Entries oldest first; `position` is where to go on.

    complete: there is nothing after it. Otherwise ask again, a little later if there were no items: then some
    are being written.
    """

    items: list[FeedNews]
    position: FeedPosition
    complete: bool


class FollowFeed(FeedFilter, Query[FeedStretch]):
    """What comes after a position; without one nothing but the position of now."""

    after: FeedPosition | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 50
