"""Diaries."""

from collections.abc import Sequence
from uuid import UUID

from services.diary.permitted import ManagedDiaryId
from services.diary.store.rows import DIARY_COLUMNS, as_diary, refusing_signed
from shared.contracts.diary import Diary, DiaryChanges, Visibility
from shared.postgres import Connection, Database
from shared.problems import NotFound

NO_DIARY = "There is no such diary."


class DiaryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def diary(self, diary_id: UUID) -> Diary | None:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(f"SELECT {DIARY_COLUMNS} FROM diaries WHERE id = $1", diary_id)
        return None if row is None else as_diary(row)

    async def owned(self, owner_id: UUID) -> list[Diary]:
        """Newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT {DIARY_COLUMNS} FROM diaries WHERE owner_id = $1 ORDER BY created_at DESC, id DESC",
                owner_id,
            )
        return [as_diary(row) for row in rows]

    async def around(self, identity_id: UUID) -> list[UUID]:
        """Owned diaries and accepted shares: what the agent may be able to read without being public."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                "SELECT id FROM diaries WHERE owner_id = $1 UNION"
                " SELECT diary_id FROM diary_shares WHERE shared_with = $1 AND status = 'accepted'",
                identity_id,
            )
        return [row["id"] for row in rows]

    async def around_among(self, identity_id: UUID, diary_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """As `around`, of these diaries only. True for the agent's own."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                "SELECT id, owner_id = $1 AS owned FROM diaries WHERE id = ANY($2) AND (owner_id = $1 OR id IN"
                " (SELECT diary_id FROM diary_shares WHERE shared_with = $1 AND status = 'accepted'))",
                identity_id,
                diary_ids,
            )
        return {row["id"]: row["owned"] for row in rows}

    async def put(
        self, connection: Connection, diary_id: UUID, owner_id: UUID, name: str, visibility: Visibility
    ) -> Diary:
        """Insert, or find what an earlier attempt inserted under the same id."""
        await connection.execute(
            "INSERT INTO diaries (id, owner_id, name, visibility) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (id) DO NOTHING",
            diary_id,
            owner_id,
            name,
            visibility,
        )
        row = await connection.fetchrow(
            f"SELECT {DIARY_COLUMNS} FROM diaries WHERE id = $1 AND owner_id = $2", diary_id, owner_id
        )
        if row is None:
            raise NotFound(NO_DIARY)
        return as_diary(row)

    async def update(self, connection: Connection, diary_id: ManagedDiaryId, changes: DiaryChanges) -> Diary:
        row = await connection.fetchrow(
            "UPDATE diaries SET name = coalesce($2, name), visibility = coalesce($3, visibility),"
            f" updated_at = now() WHERE id = $1 RETURNING {DIARY_COLUMNS}",
            diary_id,
            changes.name,
            changes.visibility,
        )
        if row is None:
            raise NotFound(NO_DIARY)
        return as_diary(row)

    async def delete(self, connection: Connection, diary_id: UUID) -> None:
        """With its entries and shares. Deleting what is gone is done already. Conflict if an entry is signed."""
        with refusing_signed():
            await connection.execute("DELETE FROM diaries WHERE id = $1", diary_id)

    async def lock(self, connection: Connection, diary_id: UUID) -> None:
        """Keep everyone else who locks this diary out until the transaction ends, whether it exists or not."""
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", str(diary_id))

    async def hold(self, connection: Connection, diary_id: UUID) -> bool:
        """Whether the diary exists; if so it stays until the transaction ends."""
        return bool(
            await connection.fetchval("SELECT true FROM diaries WHERE id = $1 FOR KEY SHARE", diary_id)
        )
