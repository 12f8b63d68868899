"""What is public: entries of public diaries, with the diary's owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from shared.contracts.diary import FeedFilter, FeedPosition
from shared.postgres import REQUESTS, Database

_COLUMNS = "e.id, e.title, e.content, e.tags, e.injection_risk, e.created_at, d.owner_id"
_PUBLIC = "diary_entries AS e JOIN diaries AS d ON d.id = e.diary_id AND d.visibility = 'public'"
_HORIZON = """
    SELECT least(statement_timestamp(), min(xact_start)) FROM pg_stat_activity
    WHERE usename = current_user AND application_name = $1 AND pid <> pg_backend_pid()
"""
_WANTED = "($1::text IS NULL OR e.tags @> ARRAY[$1::text]) AND ($2 OR NOT e.injection_risk)"


@dataclass(frozen=True)
class FeedRow:
    """A public entry as it is kept."""

    id: UUID
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    position: FeedPosition
    owner_id: UUID

    @classmethod
    def of(cls, row: asyncpg.Record) -> "FeedRow":
        told = dict(row)
        position = FeedPosition(created_at=told.pop("created_at"), entry_id=told["id"])
        return cls(**told, position=position)


class FeedStore:
    """Asks for no permission: whatever it finds is open to anyone at that moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def before(self, position: FeedPosition | None, wanted: FeedFilter, limit: int) -> list[FeedRow]:
        """Newest first, from the newest or from what comes after `position`."""
        older = "($3::timestamptz IS NULL OR (e.created_at, e.id) < ($3, $4::uuid))"
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT {_COLUMNS} FROM {_PUBLIC} WHERE {_WANTED} AND {older}"
                " ORDER BY e.created_at DESC, e.id DESC LIMIT $5",
                wanted.tag,
                wanted.include_suspicious,
                position and position.created_at,
                position and position.entry_id,
                limit,
            )
        return [FeedRow.of(row) for row in rows]

    async def now(self) -> FeedPosition:
        """Before everything that is not to be seen yet, whether it is still to be written or to be committed."""
        async with self._database.connection() as connection:
            return _at(await connection.fetchval(_HORIZON, REQUESTS))

    async def after(
        self, position: FeedPosition, wanted: FeedFilter, limit: int
    ) -> tuple[list[FeedRow], FeedPosition, bool]:
        """Oldest first, where to go on, and whether that is all there is.

        Entries may become visible in another order than their dates have. So nothing is given out that is as
        young as a transaction still open: whoever goes on from the last one misses none. The horizon is looked
        up first, for what commits between the two statements has to be among the rows.
        """
        async with self._database.connection() as connection:
            horizon = await connection.fetchval(_HORIZON, REQUESTS)
            rows = await connection.fetch(
                f"SELECT {_COLUMNS} FROM {_PUBLIC} WHERE {_WANTED}"
                " AND (e.created_at, e.id) > ($3::timestamptz, $4::uuid)"
                " ORDER BY e.created_at, e.id LIMIT $5",
                wanted.tag,
                wanted.include_suspicious,
                position.created_at,
                position.entry_id,
                limit + 1,
            )
        settled = [FeedRow.of(row) for row in rows[:limit] if row["created_at"] < horizon]
        # of what is wanted nothing else stands before the horizon
        reached = settled[-1].position if settled else max(position, _at(horizon), key=_order)
        return settled, reached, len(settled) == len(rows)

    async def entries(self, entry_ids: Sequence[UUID]) -> list[FeedRow]:
        """Those of the entries that are public, in the order of the ids."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(f"SELECT {_COLUMNS} FROM {_PUBLIC} WHERE e.id = ANY($1)", entry_ids)
        found = {row["id"]: FeedRow.of(row) for row in rows}
        return [found[one] for one in entry_ids if one in found]


def _at(moment: datetime) -> FeedPosition:
    """Before every entry of that moment."""
    return FeedPosition(created_at=moment, entry_id=UUID(int=0))


def _order(position: FeedPosition) -> tuple[datetime, UUID]:
    return position.created_at, position.entry_id
