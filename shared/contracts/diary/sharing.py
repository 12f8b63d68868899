"""Sharing a diary by invitation."""

from enum import StrEnum
from uuid import UUID

from shared.contracts.base import Command, Query, Record, Success
from shared.contracts.fields import Fingerprint, Timestamp


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
