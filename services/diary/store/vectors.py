"""Which model embedded which entry."""

from collections.abc import AsyncIterator
from uuid import UUID

from shared.postgres import Database

PAGE = 100
_BEFORE_ALL = UUID(int=0)


class VectorStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def models(self, diary_id: UUID | None) -> AsyncIterator[dict[UUID, str | None]]:
        """Entries of one diary or of all, with the models of their vectors, in pages by id."""
        last = _BEFORE_ALL
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(
                    "SELECT id, embedding_model FROM diary_entries WHERE id > $1"
                    f" {'AND diary_id = $3' if diary_id else ''} ORDER BY id LIMIT $2",
                    *(last, PAGE, diary_id)[: 3 if diary_id else 2],
                )
            if not rows:
                return
            yield {row["id"]: row["embedding_model"] for row in rows}
            last = rows[-1]["id"]
