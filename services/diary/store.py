"""SQL over `diaries`, `diary_entries` and `diary_shares`. Entries are reached only through checked diary ids."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import numpy as np
import numpy.typing as npt

from shared.contracts.diary import Diary, DiaryEntry, EntryFilter, NewEntry, Visibility
from shared.postgres import Connection, Database
from shared.problems import NotFound

if TYPE_CHECKING:
    from services.diary.access import ReadableDiaryId, WritableDiaryId

DIARY_COLUMNS = "id, owner_id, name, visibility, signed, created_at, updated_at"
ENTRY_COLUMNS = (
    "id, diary_id, title, content, tags, injection_risk, importance, access_count, last_accessed_at,"
    " entry_type, superseded_by, created_at, updated_at"
)

Vector = npt.NDArray[np.float32]


class EmbeddedVector:
    """A vector and the model whose space it lives in."""

    __slots__ = ("model", "values")

    def __init__(self, model: str, values: Vector) -> None:
        self.model = model
        self.values = values


def as_diary(row: asyncpg.Record) -> Diary:
    return Diary.model_validate(dict(row))


def as_entry(row: asyncpg.Record) -> DiaryEntry:
    return DiaryEntry.model_validate({name: row[name] for name in DiaryEntry.model_fields})


class DiaryStore:
    """Reads on a connection of its own; writes on the transaction they are given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def diary(self, diary_id: UUID) -> Diary | None:
        row = await self._row(f"SELECT {DIARY_COLUMNS} FROM diaries WHERE id = $1", diary_id)
        return None if row is None else as_diary(row)

    async def owned_diaries(self, owner_id: UUID) -> list[Diary]:
        rows = await self._rows(
            f"SELECT {DIARY_COLUMNS} FROM diaries WHERE owner_id = $1 ORDER BY created_at DESC, id DESC",
            owner_id,
        )
        return [as_diary(row) for row in rows]

    async def diaries_around(self, identity_id: UUID) -> list[UUID]:
        """Owned diaries and accepted shares: what the agent may be able to read without being public."""
        rows = await self._rows(
            "SELECT id FROM diaries WHERE owner_id = $1 UNION"
            " SELECT diary_id FROM diary_shares WHERE shared_with = $1 AND status = 'accepted'",
            identity_id,
        )
        return [row["id"] for row in rows]

    async def put_diary(
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
            f"SELECT {DIARY_COLUMNS} FROM diaries WHERE id = $1 AND owner_id = $2",
            diary_id,
            owner_id,
        )
        if row is None:
            raise NotFound("There is no such diary.")
        return as_diary(row)

    async def delete_diary(self, connection: Connection, diary_id: UUID, owner_id: UUID) -> None:
        await connection.execute("DELETE FROM diaries WHERE id = $1 AND owner_id = $2", diary_id, owner_id)

    async def insert_entry(
        self,
        connection: Connection,
        diary_id: "WritableDiaryId",
        entry_id: UUID,
        entry: NewEntry,
        vector: EmbeddedVector | None,
    ) -> DiaryEntry:
        try:
            row = await connection.fetchrow(
                "INSERT INTO diary_entries (id, diary_id, title, content, tags, importance, entry_type,"
                f" embedding, embedding_model) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {ENTRY_COLUMNS}",
                entry_id,
                diary_id,
                entry.title,
                entry.content,
                entry.tags,
                entry.importance,
                entry.entry_type,
                vector.values if vector else None,
                vector.model if vector else None,
            )
        except asyncpg.ForeignKeyViolationError as failure:
            raise NotFound("There is no such diary.") from failure
        return as_entry(_present(row))

    async def entry(self, diary_id: "ReadableDiaryId", entry_id: UUID) -> DiaryEntry:
        row = await self._row(
            f"SELECT {ENTRY_COLUMNS} FROM diary_entries WHERE id = $1 AND diary_id = $2", entry_id, diary_id
        )
        if row is None:
            raise NotFound("There is no such entry in this diary.")
        return as_entry(row)

    async def entries(
        self, diary_ids: "Sequence[ReadableDiaryId]", wanted: EntryFilter
    ) -> tuple[list[DiaryEntry], int]:
        """A page, newest first, and the number of all matches."""
        types = [wanted.entry_type] if wanted.entry_type else None
        return await self.newest(diary_ids, wanted.tags, types, False, wanted.limit, wanted.offset)

    async def newest(
        self,
        diary_ids: "Sequence[ReadableDiaryId]",
        tags: list[str] | None,
        types: Sequence[str] | None,
        exclude_superseded: bool,
        limit: int,
        offset: int,
    ) -> tuple[list[DiaryEntry], int]:
        """Entries newest first with the filters applied, and the number of all matches."""
        where = (
            "diary_id = ANY($1) AND ($2::text[] IS NULL OR tags @> $2)"
            " AND ($3::text[] IS NULL OR entry_type::text = ANY($3))"
            " AND NOT ($4 AND superseded_by IS NOT NULL)"
        )
        async with self._database.connection() as connection:
            total = await connection.fetchval(
                f"SELECT count(*) FROM diary_entries WHERE {where}",
                diary_ids,
                tags,
                types,
                exclude_superseded,
            )
            rows = await connection.fetch(
                f"SELECT {ENTRY_COLUMNS} FROM diary_entries WHERE {where}"
                " ORDER BY created_at DESC, id DESC LIMIT $5 OFFSET $6",
                diary_ids,
                tags,
                types,
                exclude_superseded,
                limit,
                offset,
            )
        return [as_entry(row) for row in rows], total

    async def count_access(self, entry_ids: Sequence[UUID]) -> None:
        """Entries were read. Does not touch `updated_at`."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE diary_entries SET access_count = access_count + 1, last_accessed_at = now()"
                " WHERE id = ANY($1)",
                entry_ids,
            )

    async def entry_text(self, entry_id: UUID) -> NewEntry | None:
        """What there is to embed of an entry, or None when it is gone."""
        row = await self._row("SELECT title, content, tags FROM diary_entries WHERE id = $1", entry_id)
        return None if row is None else NewEntry.model_construct(**dict(row))

    async def has_entry(self, connection: Connection, entry_id: UUID) -> bool:
        return bool(await connection.fetchval("SELECT true FROM diary_entries WHERE id = $1", entry_id))

    async def set_vector(self, entry_id: UUID, text: NewEntry, vector: EmbeddedVector) -> None:
        """Fill in a late vector, unless the entry's text has changed meanwhile."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE diary_entries SET embedding = $2, embedding_model = $3 WHERE id = $1"
                " AND content = $4 AND title IS NOT DISTINCT FROM $5 AND tags IS NOT DISTINCT FROM $6",
                entry_id,
                vector.values,
                vector.model,
                text.content,
                text.title,
                text.tags,
            )

    async def _row(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        async with self._database.connection() as connection:
            return await connection.fetchrow(query, *arguments)

    async def _rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self._database.connection() as connection:
            return await connection.fetch(query, *arguments)


def _present(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise RuntimeError("INSERT ... RETURNING returned nothing")
    return row
