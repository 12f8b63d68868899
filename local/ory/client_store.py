"""OAuth 2.0 clients in Postgres; of a secret only its hash is kept."""

from dataclasses import dataclass
from datetime import datetime

from local.ory.client_model import Client
from local.ory.database import Database, Row


@dataclass(frozen=True, slots=True)
class StoredClient:
    """A client with what the server knows of it."""

    id: str
    secret_hash: bytes | None
    client: Client
    created_at: datetime
    updated_at: datetime


class ClientStore:
    """Adds, finds, replaces, lists and deletes clients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, client_id: str, secret_hash: bytes | None, client: Client) -> StoredClient | None:
        """The new client, or None when the id is taken."""
        return _stored(
            await self._database.row(
                "INSERT INTO ory.clients (id, secret_hash, document) VALUES ($1, $2, $3)"
                " ON CONFLICT DO NOTHING RETURNING *",
                client_id,
                secret_hash,
                client.model_dump(),
            )
        )

    async def find(self, client_id: str) -> StoredClient | None:
        """The client of that id."""
        return _stored(await self._database.row("SELECT * FROM ory.clients WHERE id = $1", client_id))

    async def replace(self, client_id: str, secret_hash: bytes | None, client: Client) -> StoredClient | None:
        """The client with every field replaced; its secret stays when no new one is given."""
        return _stored(
            await self._database.row(
                "UPDATE ory.clients SET secret_hash = coalesce($2, secret_hash), document = $3,"
                " updated_at = now() WHERE id = $1 RETURNING *",
                client_id,
                secret_hash,
                client.model_dump(),
            )
        )

    async def delete(self, client_id: str) -> bool:
        """Whether there was one; its tokens go with it."""
        return bool(await self._database.execute("DELETE FROM ory.clients WHERE id = $1", client_id))

    async def page(self, wanted: dict[str, str], after: str, size: int) -> list[StoredClient]:
        """Up to ``size`` clients past the id ``after`` whose fields equal those wanted."""
        rows = await self._database.rows(
            "SELECT * FROM ory.clients WHERE document @> $1 AND id > $2 ORDER BY id LIMIT $3",
            wanted,
            after,
            size,
        )
        return [found for row in rows if (found := _stored(row)) is not None]


def _stored(row: Row | None) -> StoredClient | None:
    if row is None:
        return None
    client = Client.model_validate(row["document"])
    return StoredClient(row["id"], row["secret_hash"], client, row["created_at"], row["updated_at"])
