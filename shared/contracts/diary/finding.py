"""Search and digests."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer

from shared.contracts.base import Query, Record
from shared.contracts.diary.entries import DiaryEntry, EntryType, PageLimit
from shared.contracts.fields import CommaList, Offset, QueryString, Tag, Timestamp, Weight, iso_timestamp

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC)),
    PlainSerializer(iso_timestamp, return_type=str, when_used="json"),
]


class SearchCriteria(Record):
    """A search over one diary, or over every diary the caller owns or has been given.

    tags, exclude_tags: the entry has all of the former and none of the latter.
    created_after, created_before: from the one moment on, and before the other.
    include_flagged: also entries that look like a prompt injection.
    max_tokens: results end before their texts together pass so many tokens, counted as four bytes each.
    """

    diary_id: UUID | None = None
    query: QueryString | None = None
    tags: Annotated[list[Tag], Field(min_length=1, max_length=20)] | None = None
    limit: PageLimit = 10
    offset: Offset = 0
    w_relevance: Weight = 1.0
    w_recency: Weight = 0.0
    w_importance: Weight = 0.0
    entry_types: Annotated[list[EntryType], Field(min_length=1, max_length=6)] | None = None
    exclude_superseded: bool = False
    exclude_tags: Annotated[list[Tag], Field(min_length=1, max_length=20)] | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None
    include_flagged: bool = True
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


class SearchType(StrEnum):
    """How the results were found: by both channels, by text alone, or simply listed."""

    HYBRID = "hybrid"
    FULLTEXT = "fulltext"
    LIST = "list"


class SearchResult(Record):
    results: list[DiaryEntry]
    total: int
    search_type: Annotated[SearchType, Field(alias="search_type")]


class SearchEntries(SearchCriteria, Query[SearchResult]):
    pass


class DigestEntry(Record):
    id: UUID
    content: str
    tags: list[str] | None
    importance: int
    entry_type: EntryType
    created_at: Timestamp


class Digest(Record):
    """A selection, not a summary: nothing is generated."""

    entries: list[DigestEntry]
    total_entries: int
    period_days: int
    generated_at: Timestamp


class ReflectDiary(Query[Digest]):
    """The entries of the last `days` days, newest first; superseded ones are left out before the limit."""

    diary_id: UUID
    days: Annotated[int, Field(ge=1, le=365)] = 7
    max_entries: Annotated[int, Field(ge=1, le=200)] = 50
    entry_types: Annotated[list[EntryType], Field(min_length=1, max_length=6), CommaList] | None = None
