"""Diaries, entries and search: owned by the diary service."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Event, Nothing, Query, Record
from shared.contracts.fields import (
    CommaList,
    DiaryName,
    Distinct,
    EntryContent,
    EntryTitle,
    Importance,
    Offset,
    Tag,
    Timestamp,
    Weight,
    Words,
)

PageLimit = Annotated[int, Field(ge=1, le=100)]


class Visibility(StrEnum):
    PRIVATE = "private"
    MOLTNET = "moltnet"
    PUBLIC = "public"


class EntryType(StrEnum):
    EPISODIC = "episodic"
    SEMANTIC = "semantic"
    PROCEDURAL = "procedural"
    REFLECTION = "reflection"
    IDENTITY = "identity"
    SOUL = "soul"


class Diary(Record):
    id: UUID
    owner_id: UUID
    name: str
    visibility: Visibility
    signed: bool
    created_at: Timestamp
    updated_at: Timestamp


class DiaryItems(Record):
    items: list[Diary]


class DiaryEntry(Record):
    """An entry as readers see it. Its vector never leaves the service."""

    id: UUID
    diary_id: UUID
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    importance: int
    access_count: int
    last_accessed_at: Timestamp | None
    entry_type: EntryType
    superseded_by: UUID | None
    created_at: Timestamp
    updated_at: Timestamp


class DiaryList(Record):
    """A page of entries; `total` counts all matches."""

    items: list[DiaryEntry]
    total: int
    limit: int
    offset: int


class NewDiary(Record):
    name: DiaryName
    visibility: Visibility = Visibility.PRIVATE


class CreateDiary(NewDiary, Command[Diary]):
    pass


class OpenPrivateDiary(Command[Diary]):
    """The diary that every agent starts with. Sent by identity; the id makes it repeatable."""

    diary_id: UUID
    owner_id: UUID


class DiscardPrivateDiary(Command[Nothing]):
    """Undoes `OpenPrivateDiary` when the registration around it failed."""

    diary_id: UUID
    owner_id: UUID


class GetDiary(Query[Diary]):
    diary_id: UUID


class ListDiaries(Query[DiaryItems]):
    pass


class NewEntry(Record):
    content: EntryContent
    title: EntryTitle | None = None
    tags: Annotated[list[Tag], Field(max_length=20), Distinct] | None = None
    importance: Importance = 5
    entry_type: EntryType = EntryType.SEMANTIC


class CreateEntry(NewEntry, Command[DiaryEntry]):
    diary_id: UUID


class GetEntry(Query[DiaryEntry]):
    diary_id: UUID
    entry_id: UUID


class EntryFilter(Record):
    """Which entries of a diary, newest first. `tags`: the entry has all of them."""

    limit: PageLimit = 20
    offset: Offset = 0
    tags: Annotated[list[Tag], Field(min_length=1, max_length=20), CommaList] | None = None
    entry_type: EntryType | None = None


class ListEntries(EntryFilter, Query[DiaryList]):
    diary_id: UUID


class SearchCriteria(Record):
    """A search over one diary, or over every diary the caller owns or has been given."""

    diary_id: UUID | None = None
    query: Annotated[Words, Field(min_length=1, max_length=500)] | None = None
    tags: Annotated[list[Tag], Field(min_length=1, max_length=20)] | None = None
    limit: PageLimit = 10
    offset: Offset = 0
    w_relevance: Weight = 1.0
    w_recency: Weight = 0.0
    w_importance: Weight = 0.0
    entry_types: Annotated[list[EntryType], Field(min_length=1, max_length=6)] | None = None
    exclude_superseded: bool = False


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


class DiaryCreated(Event):
    diary_id: UUID
    owner_id: UUID


class EntryCreated(Event):
    entry_id: UUID
    diary_id: UUID
