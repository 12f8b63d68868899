"""Issued access tokens in Postgres, known by their hashes only."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import asyncpg

from local.ory.database import Database
from local.ory.errors import FlatError
from local.ory.grant import Grant


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What is known of a live token."""

    client_id: str
    scopes: list[str]
    audience: list[str]
    ext: dict[str, Any]
    issued_at: datetime
    expires_at: datetime


class TokenStore:
    """Adds, finds and ends tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: str, grant: Grant, ext: dict[str, Any]) -> None:
        """Keep what introspection will be asked.

        Raises:
            FlatError: 401, the client was deleted meanwhile.
        """
        try:
            await self._database.execute(
                "INSERT INTO ory.tokens"
                " (token_hash, client_id, scopes, audience, ext, issued_at, expires_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                _hash(token),
                grant.client_id,
                grant.scopes,
                grant.audience,
                ext,
                grant.issued_at,
                grant.expires_at,
            )
        except asyncpg.ForeignKeyViolationError as error:
            raise FlatError(401, "invalid_client", "The client does not exist any more.") from error

    async def find(self, token: str) -> IssuedToken | None:
        """The token, unless it is unknown, expired or ended."""
        row = await self._database.row(
            "SELECT client_id, scopes, audience, ext, issued_at, expires_at FROM ory.tokens"
            " WHERE token_hash = $1 AND expires_at > now()",
            _hash(token),
        )
        return None if row is None else IssuedToken(**dict(row))

    async def end(self, token: str) -> None:
        """Forget one token."""
        await self._database.execute("DELETE FROM ory.tokens WHERE token_hash = $1", _hash(token))

    async def end_all(self, client_id: str) -> None:
        """Forget every token of a client."""
        await self._database.execute("DELETE FROM ory.tokens WHERE client_id = $1", client_id)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
