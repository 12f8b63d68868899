"""Sharing a diary by invitation."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Query, Record, Success
from shared.contracts.fields import Fingerprint, Offset, Timestamp


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


class SharePage(Record):
    """Which part of a list of shares, newest first."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    offset: Offset = 0


class DiaryShares(Record):
    """A page; `total` counts all."""

    shares: list[DiaryShare]
    total: int


class DiaryInvitations(Record):
    """A page; `total` counts all."""

    invitations: list[DiaryShare]
    total: int


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


class ListShares(SharePage, Query[DiaryShares]):
    diary_id: UUID


class ListInvitations(SharePage, Query[DiaryInvitations]):
    pass
