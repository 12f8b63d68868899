"""Entries: written, changed, read, deleted."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Query, Record, Success
from shared.contracts.fields import (
    CommaList,
    Distinct,
    EntryContent,
    EntryTitle,
    Importance,
    Offset,
    Tag,
    Timestamp,
)

Tags = Annotated[list[Tag], Field(max_length=20), Distinct]
PageLimit = Annotated[int, Field(ge=1, le=100)]


class EntryType(StrEnum):
    EPISODIC = "episodic"
    SEMANTIC = "semantic"
    PROCEDURAL = "procedural"
    REFLECTION = "reflection"
    IDENTITY = "identity"
    SOUL = "soul"


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
    content_hash: str | None
    content_signature: str | None
    created_at: Timestamp
    updated_at: Timestamp


class DiaryList(Record):
    """A page of entries; `total` counts all matches."""

    items: list[DiaryEntry]
    total: int
    limit: int
    offset: int


class NewEntry(Record):
    content: EntryContent
    title: EntryTitle | None = None
    tags: Tags | None = None
    importance: Importance = 5
    entry_type: EntryType = EntryType.SEMANTIC


class CreateEntry(NewEntry, Command[DiaryEntry]):
    diary_id: UUID


class EntryChanges(Record):
    """Only what is given changes; a field cannot be emptied by null."""

    content: EntryContent | None = None
    title: EntryTitle | None = None
    tags: Tags | None = None
    importance: Importance | None = None
    entry_type: EntryType | None = None
    superseded_by: UUID | None = None


class UpdateEntry(EntryChanges, Command[DiaryEntry]):
    diary_id: UUID
    entry_id: UUID


class DeleteEntry(Command[Success]):
    diary_id: UUID
    entry_id: UUID


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
