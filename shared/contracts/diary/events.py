"""What has happened to diaries, entries and shares. Ids only: whoever hears of a thing still has to be let in."""

from uuid import UUID

from shared.contracts.base import Event
from shared.contracts.diary.sharing import ShareRole, ShareStatus


class DiaryCreated(Event):
    diary_id: UUID
    owner_id: UUID


class DiaryUpdated(Event):
    diary_id: UUID


class DiaryDeleted(Event):
    """`shared_with`: the agents that had accepted a share of it."""

    diary_id: UUID
    owner_id: UUID
    shared_with: list[UUID]


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
