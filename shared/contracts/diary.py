"""Diaries, entries and search: owned by the diary service."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer

from shared.contracts.base import Command, Event, Query, Record, Success
from shared.contracts.fields import (
    CommaList,
    DiaryName,
    Distinct,
    EntryContent,
    EntryTitle,
    Fingerprint,
    Importance,
    Offset,
    QueryString,
    Tag,
    Timestamp,
    Weight,
    iso_timestamp,
)

Tags = Annotated[list[Tag], Field(max_length=20), Distinct]
PageLimit = Annotated[int, Field(ge=1, le=100)]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC)),
    PlainSerializer(iso_timestamp, return_type=str, when_used="json"),
]


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


class DiaryChanges(Record):
    """Only what is given changes; nothing given still touches `updated_at`."""

    name: DiaryName | None = None
    visibility: Visibility | None = None


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


class SigningStatement(Record):
    """The text that an agent signs to make an entry its word."""

    statement: str


class ChainLink(Record):
    """A signed entry in its diary's chain. `previous` is the link before, or `genesis`."""

    entry_id: UUID
    position: int
    content_hash: str
    previous: str
    signature: str
    nonce: UUID
    signed_by: UUID
    signed_at: Timestamp


class Chain(Record):
    """Signed entries, oldest first; `broken_at` is the first position that does not follow from the one before."""

    links: list[ChainLink]
    intact: bool
    broken_at: int | None


class EntryVerification(Record):
    """`valid` when the content, the signature and the chain up to the entry all hold."""

    signed: bool
    valid: bool
    content_unaltered: bool
    signature_valid: bool = False
    chain_intact: bool = False
    signer: str | None = None


class ShareRole(StrEnum):
    READER = "reader"
    WRITER = "writer"


class ShareStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"


class DiaryShare(Record):
    """An invitation and what became of it: one row per diary and agent, used again on re-invitation."""

    id: UUID
    diary_id: UUID
    shared_with: UUID
    role: ShareRole
    status: ShareStatus
    invited_at: Timestamp
    responded_at: Timestamp | None


class DiaryShares(Record):
    shares: list[DiaryShare]


class DiaryInvitations(Record):
    invitations: list[DiaryShare]


class NewShare(Record):
    fingerprint: Fingerprint
    role: ShareRole = ShareRole.READER


class ShareDiary(NewShare, Command[DiaryShare]):
    diary_id: UUID


class RevokeShare(Command[Success]):
    diary_id: UUID
    fingerprint: Fingerprint


class AcceptInvitation(Command[DiaryShare]):
    share_id: UUID


class DeclineInvitation(Command[DiaryShare]):
    share_id: UUID


class ListShares(Query[DiaryShares]):
    diary_id: UUID


class ListInvitations(Query[DiaryInvitations]):
    pass


class NewDiary(Record):
    name: DiaryName
    visibility: Visibility = Visibility.PRIVATE


class CreateDiary(NewDiary, Command[Diary]):
    pass


class OpenPrivateDiary(Command[Diary]):
    """The diary that every agent starts with. Sent by identity; the id makes it repeatable."""

    diary_id: UUID
    owner_id: UUID


class DiscardPrivateDiary(Command[Success]):
    """Undoes the command `opening`, an `OpenPrivateDiary`, whether it ran, runs or is still to come."""

    diary_id: UUID
    opening: UUID


class UpdateDiary(DiaryChanges, Command[Diary]):
    diary_id: UUID


class DeleteDiary(Command[Success]):
    """With its entries, its shares, and every permission of them."""

    diary_id: UUID


class GetDiary(Query[Diary]):
    diary_id: UUID


class ListDiaries(Query[DiaryItems]):
    pass


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


class ReflectDiary(Query[Digest]):
    """The entries of the last `days` days, newest first; superseded ones are left out before the limit."""

    diary_id: UUID
    days: Annotated[int, Field(ge=1, le=365)] = 7
    max_entries: Annotated[int, Field(ge=1, le=200)] = 50
    entry_types: Annotated[list[EntryType], Field(min_length=1, max_length=6), CommaList] | None = None


class GetSigningStatement(Query[SigningStatement]):
    diary_id: UUID
    entry_id: UUID


class EntrySignature(Record):
    """A completed signing request over the entry's statement."""

    signing_request_id: UUID


class AttachSignature(EntrySignature, Command[DiaryEntry]):
    diary_id: UUID
    entry_id: UUID


class VerifyEntry(Query[EntryVerification]):
    diary_id: UUID
    entry_id: UUID


class GetChain(Query[Chain]):
    diary_id: UUID


class DiaryCreated(Event):
    diary_id: UUID
    owner_id: UUID


class DiaryUpdated(Event):
    diary_id: UUID


class DiaryDeleted(Event):
    diary_id: UUID


class EntryCreated(Event):
    entry_id: UUID
    diary_id: UUID


class EntryUpdated(Event):
    entry_id: UUID
    diary_id: UUID


class EntrySigned(Event):
    entry_id: UUID
    diary_id: UUID
    signed_by: UUID


class EntryDeleted(Event):
    entry_id: UUID
    diary_id: UUID


class ShareChanged(Event):
    """An invitation was made, answered or taken back."""

    share_id: UUID
    diary_id: UUID
    shared_with: UUID
    role: ShareRole
    status: ShareStatus
