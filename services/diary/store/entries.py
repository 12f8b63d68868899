"""Entries."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.diary.content import EntryText
from services.diary.permitted import ReadableDiaryId, WritableDiaryId
from services.diary.store.diaries import NO_DIARY
from services.diary.store.rows import ENTRY_COLUMNS, EmbeddedVector, as_entry, present, refusing_signed
from shared.contracts.diary import DiaryEntry, EntryFilter, NewEntry, ReflectDiary
from shared.postgres import Connection, Database
from shared.problems import NotFound

NO_ENTRY = "There is no such entry in this diary."


class EntryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(
        self,
        connection: Connection,
        diary_id: WritableDiaryId,
        entry_id: UUID,
        entry: NewEntry,
        vector: EmbeddedVector | None,
        *,
        flagged: bool,
    ) -> DiaryEntry:
        text = EntryText.of(entry)
        try:
            row = await connection.fetchrow(
                "INSERT INTO diary_entries (id, diary_id, title, content, tags, importance, entry_type,"
                " embedding, embedding_model, content_hash, injection_risk)"
                f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING {ENTRY_COLUMNS}",
                entry_id,
                diary_id,
                text.title,
                text.content,
                text.tags,
                entry.importance,
                entry.entry_type,
                vector.values if vector else None,
                vector.model if vector else None,
                text.hash(entry.entry_type),
                flagged,
            )
        except asyncpg.ForeignKeyViolationError as failure:
            raise NotFound(NO_DIARY) from failure
        return as_entry(present(row))

    async def entry(self, diary_id: ReadableDiaryId | WritableDiaryId, entry_id: UUID) -> DiaryEntry:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                f"SELECT {ENTRY_COLUMNS} FROM diary_entries WHERE id = $1 AND diary_id = $2",
                entry_id,
                diary_id,
            )
        if row is None:
            raise NotFound(NO_ENTRY)
        return as_entry(row)

    async def locked(self, connection: Connection, diary_id: WritableDiaryId, entry_id: UUID) -> DiaryEntry:
        """The entry as it is, which nobody else changes until the transaction ends."""
        row = await connection.fetchrow(
            f"SELECT {ENTRY_COLUMNS} FROM diary_entries WHERE id = $1 AND diary_id = $2 FOR UPDATE",
            entry_id,
            diary_id,
        )
        if row is None:
            raise NotFound(NO_ENTRY)
        return as_entry(row)

    async def update(self, connection: Connection, entry: DiaryEntry) -> DiaryEntry:
        """Write what may change of an entry that is `locked`. Raises Conflict for a signed one."""
        text = EntryText.of(entry)
        with refusing_signed():
            row = await connection.fetchrow(
                "UPDATE diary_entries SET title = $2, content = $3, tags = $4, importance = $5, entry_type = $6,"
                " superseded_by = $7, content_hash = $8, injection_risk = $9"
                f" WHERE id = $1 RETURNING {ENTRY_COLUMNS}",
                entry.id,
                text.title,
                text.content,
                text.tags,
                entry.importance,
                entry.entry_type,
                entry.superseded_by,
                text.hash(entry.entry_type),
                entry.injection_risk,
            )
        return as_entry(present(row))

    async def delete(self, connection: Connection, diary_id: WritableDiaryId, entry_id: UUID) -> list[UUID]:
        """What named it as its successor has none afterwards. Returns the ids of those entries."""
        rows = await connection.fetch(
            "UPDATE diary_entries SET superseded_by = NULL WHERE superseded_by = $1 AND diary_id = $2"
            " RETURNING id",
            entry_id,
            diary_id,
        )
        with refusing_signed():
            gone = await connection.fetchval(
                "DELETE FROM diary_entries WHERE id = $1 AND diary_id = $2 RETURNING true", entry_id, diary_id
            )
        if not gone:
            raise NotFound(NO_ENTRY)
        return [row["id"] for row in rows]

    async def successors(self, connection: Connection, entry_id: UUID) -> list[UUID]:
        """The entry, what superseded it, what superseded that, and so on."""
        rows = await connection.fetch(
            "WITH RECURSIVE chain (id) AS (SELECT $1::uuid UNION"
            " SELECT superseded_by FROM diary_entries JOIN chain USING (id) WHERE superseded_by IS NOT NULL)"
            " SELECT id FROM chain",
            entry_id,
        )
        return [row["id"] for row in rows]

    async def diary_of(self, connection: Connection, entry_id: UUID) -> UUID | None:
        found: UUID | None = await connection.fetchval(
            "SELECT diary_id FROM diary_entries WHERE id = $1", entry_id
        )
        return found

    async def page(
        self, diary_ids: Sequence[ReadableDiaryId], wanted: EntryFilter
    ) -> tuple[list[DiaryEntry], int]:
        """A page, newest first, and the number of all matches."""
        types = [wanted.entry_type] if wanted.entry_type else None
        return await self.newest(diary_ids, wanted.tags, types, False, wanted.limit, wanted.offset)

    async def newest(
        self,
        diary_ids: Sequence[ReadableDiaryId],
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
        filters = (diary_ids, tags, types, exclude_superseded)
        async with self._database.connection() as connection:
            total = await connection.fetchval(f"SELECT count(*) FROM diary_entries WHERE {where}", *filters)
            rows = await connection.fetch(
                f"SELECT {ENTRY_COLUMNS} FROM diary_entries WHERE {where}"
                " ORDER BY created_at DESC, id DESC LIMIT $5 OFFSET $6",
                *filters,
                limit,
                offset,
            )
        return [as_entry(row) for row in rows], total

    async def recent(self, diary_id: ReadableDiaryId, wanted: ReflectDiary) -> list[DiaryEntry]:
        """For a digest: what is not superseded, of the last days, newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT {ENTRY_COLUMNS} FROM diary_entries"
                " WHERE diary_id = $1 AND created_at > now() - $2::interval AND superseded_by IS NULL"
                " AND ($3::text[] IS NULL OR entry_type::text = ANY($3))"
                " ORDER BY created_at DESC, id DESC LIMIT $4",
                diary_id,
                timedelta(days=wanted.days),
                wanted.entry_types,
                wanted.max_entries,
            )
        return [as_entry(row) for row in rows]

    async def count_access(self, times: Mapping[UUID, int]) -> None:
        """Entries were read, each so many times. Does not touch `updated_at`."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE diary_entries AS e SET access_count = access_count + read.times, last_accessed_at = now()"
                " FROM unnest($1::uuid[], $2::int[]) AS read (id, times) WHERE e.id = read.id",
                list(times),
                list(times.values()),
            )

    async def hold(self, connection: Connection, entry_id: UUID) -> bool:
        """Whether the entry exists; if so it stays until the transaction ends."""
        return bool(
            await connection.fetchval("SELECT true FROM diary_entries WHERE id = $1 FOR KEY SHARE", entry_id)
        )

    async def text(self, entry_id: UUID) -> EntryText | None:
        """What there is to embed of an entry, or None when it is gone."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT title, content, tags FROM diary_entries WHERE id = $1", entry_id
            )
        return None if row is None else EntryText(**dict(row))

    async def put_vector(self, connection: Connection, entry_id: UUID, vector: EmbeddedVector | None) -> None:
        await connection.execute(
            "UPDATE diary_entries SET embedding = $2, embedding_model = $3 WHERE id = $1",
            entry_id,
            vector.values if vector else None,
            vector.model if vector else None,
        )

    async def set_vector(
        self,
        connection: Connection,
        entry_id: UUID,
        text: EntryText,
        vector: EmbeddedVector | None,
        *,
        flagged: bool,
    ) -> bool:
        """Fill in a late vector, unless the entry is gone or its text has changed meanwhile: then False."""
        done = await connection.fetchval(
            "UPDATE diary_entries SET embedding = $2, embedding_model = $3,"
            " injection_risk = injection_risk OR $7 WHERE id = $1"
            " AND content = $4 AND title IS NOT DISTINCT FROM $5 AND tags IS NOT DISTINCT FROM $6"
            " RETURNING true",
            entry_id,
            vector.values if vector else None,
            vector.model if vector else None,
            text.content,
            text.title,
            text.tags,
            flagged,
        )
        return bool(done)
