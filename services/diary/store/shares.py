"""Shares: invitations and what became of them.

pending -> accepted | declined | revoked      accepted -> revoked
declined -> pending | revoked                 revoked -> pending | revoked
"""

from uuid import UUID

from services.diary.permitted import OwnedDiaryId
from services.diary.store.rows import SHARE_COLUMNS, as_share, present
from shared.contracts.diary import DiaryShare, SharePage, ShareRole, ShareStatus
from shared.postgres import Connection, Database
from shared.problems import Conflict, NotFound, ValidationFailed

NO_INVITATION = "There is no such invitation."
MOST_WAITING, MOST_WAITING_FOR_ONE = 100, 10
"""Invitations of one owner without an answer: over all diaries, and to one agent."""


class ShareStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_diary(self, diary_id: OwnedDiaryId, page: SharePage) -> tuple[list[DiaryShare], int]:
        """Pending and accepted ones, newest first, and the number of all."""
        return await self._page("diary_id = $1 AND status IN ('pending', 'accepted')", diary_id, page)

    async def invitations(self, identity_id: UUID, page: SharePage) -> tuple[list[DiaryShare], int]:
        """What waits for the agent's answer, newest first, and the number of all."""
        return await self._page("shared_with = $1 AND status = 'pending'", identity_id, page)

    async def _page(self, where: str, whose: UUID, page: SharePage) -> tuple[list[DiaryShare], int]:
        async with self._database.connection() as connection:
            total = await connection.fetchval(f"SELECT count(*) FROM diary_shares WHERE {where}", whose)
            rows = await connection.fetch(
                f"SELECT {SHARE_COLUMNS} FROM diary_shares WHERE {where}"
                " ORDER BY invited_at DESC, id LIMIT $2 OFFSET $3",
                whose,
                page.limit,
                page.offset,
            )
        return [as_share(row) for row in rows], total

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

    async def limit_waiting(self, connection: Connection, owner_id: UUID, identity_id: UUID) -> None:
        """Raises Conflict when too many invitations of the owner have no answer, from this agent or in all.

        To be called after the invitation, in its transaction. Two at once wait for each other.
        """
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 4))", str(owner_id))
        waiting = await connection.fetchrow(
            "SELECT count(*) AS of_owner, count(*) FILTER (WHERE shared_with = $2) AS for_one"
            " FROM diary_shares JOIN diaries ON diaries.id = diary_id WHERE owner_id = $1 AND status = 'pending'",
            owner_id,
            identity_id,
        )
        if present(waiting)["for_one"] > MOST_WAITING_FOR_ONE:
            raise Conflict(
                f"{MOST_WAITING_FOR_ONE} of your invitations wait for this agent's answer already."
            )
        if present(waiting)["of_owner"] > MOST_WAITING:
            raise Conflict(f"{MOST_WAITING} of your invitations wait for an answer already. Take some back.")

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
