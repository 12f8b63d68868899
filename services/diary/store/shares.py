"""Shares: invitations and what became of them.

pending -> accepted | declined | revoked      accepted -> revoked
declined -> pending | revoked                 revoked -> pending | revoked
"""

from uuid import UUID

from services.diary.permitted import OwnedDiaryId
from services.diary.store.rows import SHARE_COLUMNS, as_share
from shared.contracts.diary import DiaryShare, ShareRole, ShareStatus
from shared.postgres import Connection, Database
from shared.problems import Conflict, NotFound, ValidationFailed

NO_INVITATION = "There is no such invitation."


class ShareStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_diary(self, diary_id: OwnedDiaryId) -> list[DiaryShare]:
        """Pending and accepted ones, newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT {SHARE_COLUMNS} FROM diary_shares WHERE diary_id = $1"
                " AND status IN ('pending', 'accepted') ORDER BY invited_at DESC, id",
                diary_id,
            )
        return [as_share(row) for row in rows]

    async def invitations(self, identity_id: UUID) -> list[DiaryShare]:
        """What waits for the agent's answer, newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT {SHARE_COLUMNS} FROM diary_shares WHERE shared_with = $1 AND status = 'pending'"
                " ORDER BY invited_at DESC, id",
                identity_id,
            )
        return [as_share(row) for row in rows]

    async def accepted(self, connection: Connection, diary_id: UUID) -> list[UUID]:
        """Whom the diary is shared with."""
        rows = await connection.fetch(
            "SELECT shared_with FROM diary_shares WHERE diary_id = $1 AND status = 'accepted'", diary_id
        )
        return [row["shared_with"] for row in rows]

    async def invite(
        self, connection: Connection, diary_id: OwnedDiaryId, identity_id: UUID, role: ShareRole
    ) -> DiaryShare:
        """A pending share; one that was declined or revoked becomes pending again."""
        row = await connection.fetchrow(
            "INSERT INTO diary_shares (diary_id, shared_with, role) VALUES ($1, $2, $3)"
            " ON CONFLICT (diary_id, shared_with) DO UPDATE"
            " SET status = 'pending', role = excluded.role, responded_at = NULL, answered_by = NULL"
            f" WHERE diary_shares.status IN ('declined', 'revoked') RETURNING {SHARE_COLUMNS}",
            diary_id,
            identity_id,
            role,
        )
        if row is None:
            raise Conflict("The diary is shared with this agent already.")
        return as_share(row)

    async def answer(
        self,
        connection: Connection,
        share_id: UUID,
        identity_id: UUID,
        status: ShareStatus,
        operation: UUID,
    ) -> DiaryShare:
        """The invitee's answer to a pending invitation; the same operation finds its own answer again."""
        row = await connection.fetchrow(
            "UPDATE diary_shares SET status = $3, responded_at = coalesce(responded_at, now()),"
            " answered_by = $4 WHERE id = $1 AND shared_with = $2"
            f" AND (status = 'pending' OR answered_by = $4) RETURNING {SHARE_COLUMNS}",
            share_id,
            identity_id,
            status,
            operation,
        )
        if row is not None:
            return as_share(row)
        if await connection.fetchval(
            "SELECT true FROM diary_shares WHERE id = $1 AND shared_with = $2", share_id, identity_id
        ):
            raise ValidationFailed("The invitation has been answered or taken back already.")
        raise NotFound(NO_INVITATION)

    async def revoke(self, connection: Connection, diary_id: OwnedDiaryId, identity_id: UUID) -> DiaryShare:
        """From any state, and again."""
        row = await connection.fetchrow(
            "UPDATE diary_shares SET status = 'revoked', responded_at = now(), answered_by = NULL"
            f" WHERE diary_id = $1 AND shared_with = $2 RETURNING {SHARE_COLUMNS}",
            diary_id,
            identity_id,
        )
        if row is None:
            raise NotFound("The diary is not shared with this agent.")
        return as_share(row)

    async def hold(self, connection: Connection, diary_id: UUID, identity_id: UUID) -> DiaryShare | None:
        """The share as it is; nobody changes it until the transaction ends."""
        row = await connection.fetchrow(
            f"SELECT {SHARE_COLUMNS} FROM diary_shares WHERE diary_id = $1 AND shared_with = $2 FOR UPDATE",
            diary_id,
            identity_id,
        )
        return None if row is None else as_share(row)
