"""The signed entries of a diary, in the order in which they were signed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.diary.chain import GENESIS, PURPOSE, Statement
from services.diary.permitted import ReadableDiaryId, WritableDiaryId
from services.diary.store.entries import NO_ENTRY
from services.diary.store.rows import ENTRY_COLUMNS, as_entry, present
from shared.contracts.diary import ChainLink, DiaryEntry
from shared.contracts.signing import SigningRequest
from shared.postgres import Connection, Database
from shared.problems import Conflict, NotFound

LINK_COLUMNS = (
    "id AS entry_id, chain_position AS position, content_hash, chain_previous AS previous,"
    " content_signature AS signature, content_nonce AS nonce, signed_by, signed_at"
)
SIGNED = "diary_id = $1 AND chain_position IS NOT NULL"
LINK = (  # what `Statement.link` says in Python
    f"encode(sha256(convert_to(concat_ws(':', '{PURPOSE}', diary_id, id, content_hash, chain_position,"
    " chain_previous), 'UTF8')), 'hex')"
)
WALK = (  # each link of a stretch, with the position and the `previous` that are due after the link before it
    "SELECT *, lag(position, 1, 0) OVER links + 1 AS due,"
    f" coalesce(lag(link) OVER links, '{GENESIS}') AS before"
    f" FROM (SELECT {LINK_COLUMNS}, {LINK} AS link FROM diary_entries WHERE {SIGNED} AND {{stretch}}) AS stretch"
    " WINDOW links AS (ORDER BY position)"
)
BROKEN = "(position, previous) IS DISTINCT FROM (due, before)"
LINK_AND_BEFORE = (
    f"chain_position >= coalesce((SELECT max(chain_position) FROM diary_entries WHERE {SIGNED}"
    " AND chain_position <= $2), 0) ORDER BY chain_position LIMIT $3 + 1"
)


@dataclass(frozen=True)
class Stretch:
    """Links in order, and the first position where none follows from the one before."""

    links: list[ChainLink]
    broken_at: int | None


class ChainStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def statement(self, connection: Connection, diary_id: WritableDiaryId, entry_id: UUID) -> Statement:
        """What there is to sign now: the entry as it is, after the chain's last link. Nobody else signs in this
        diary until the transaction ends. Raises Conflict for an entry that is signed already."""
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 3))", str(diary_id))
        entry = await connection.fetchrow(
            "SELECT content_hash, content_signature FROM diary_entries WHERE id = $1 AND diary_id = $2 FOR UPDATE",
            entry_id,
            diary_id,
        )
        if entry is None:
            raise NotFound(NO_ENTRY)
        if entry["content_signature"] is not None:
            raise Conflict("The entry is signed already.")
        last = await connection.fetchrow(
            f"SELECT {LINK_COLUMNS} FROM diary_entries WHERE diary_id = $1 AND chain_position IS NOT NULL"
            " ORDER BY chain_position DESC LIMIT 1",
            diary_id,
        )
        if last is None:
            return Statement(diary_id, entry_id, entry["content_hash"], 1, GENESIS)
        link = ChainLink.model_validate(dict(last))
        before = Statement.of_link(diary_id, link).link
        return Statement(diary_id, entry_id, entry["content_hash"], link.position + 1, before)

    async def attach(
        self, connection: Connection, statement: Statement, request: SigningRequest, signed_at: datetime
    ) -> DiaryEntry:
        """Make the entry signed. From now on the database refuses to change or delete it."""
        row = await connection.fetchrow(
            "UPDATE diary_entries SET content_signature = $2, content_nonce = $3, signed_by = $4,"
            f" signed_at = $5, chain_position = $6, chain_previous = $7 WHERE id = $1 RETURNING {ENTRY_COLUMNS}",
            statement.entry_id,
            request.signature,
            request.nonce,
            request.agent_id,
            signed_at,
            statement.position,
            statement.previous,
        )
        return as_entry(present(row))

    async def stretch(self, diary_id: ReadableDiaryId, after: int, limit: int) -> Stretch:
        """The links behind position `after`, oldest first. The first has to follow from the one before it, too."""
        walk = WALK.format(stretch=LINK_AND_BEFORE)
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT *, {BROKEN} AS broken FROM ({walk}) AS walked WHERE position > $2"
                " ORDER BY position LIMIT $3",
                diary_id,
                after,
                limit,
            )
        broken_at = next((row["due"] for row in rows if row["broken"]), None)
        return Stretch([ChainLink.model_validate(dict(row)) for row in rows], broken_at)

    async def link_of(self, diary_id: ReadableDiaryId, entry_id: UUID) -> ChainLink | None:
        """None for an entry that is not signed."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                f"SELECT {LINK_COLUMNS} FROM diary_entries WHERE {SIGNED} AND id = $2", diary_id, entry_id
            )
        return None if row is None else ChainLink.model_validate(dict(row))

    async def holds_up_to(self, diary_id: ReadableDiaryId, position: int) -> bool:
        """Whether every link from the first to this one follows from the one before. The database walks them."""
        walk = WALK.format(stretch="chain_position <= $2")
        async with self._database.connection() as connection:
            broken = await connection.fetchval(
                f"SELECT EXISTS (SELECT FROM ({walk}) AS walked WHERE {BROKEN})", diary_id, position
            )
        return not broken
