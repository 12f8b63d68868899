"""Kratos' sessions: started by a recovery, asked for by ``whoami``."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local.ory.database import Connection, Database, Row
from local.ory.errors import NestedError
from local.ory.identities import identity_json
from local.ory.wire import Utf8JSONResponse, rfc3339

SESSION_COOKIE = "ory_kratos_session"
SESSION_LIFESPAN = timedelta(hours=720)


async def start_session(connection: Connection, identity_id: UUID) -> str:
    """A new session's token, of which only the hash is kept."""
    token = f"ory_st_{secrets.token_urlsafe(24)}"
    now = datetime.now(UTC)
    await connection.execute(
        "INSERT INTO ory.sessions (id, token_hash, identity_id, issued_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        uuid4(),
        _token_hash(token),
        identity_id,
        now,
        now + SESSION_LIFESPAN,
    )
    return token


class SessionRoutes:
    """``whoami``."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [Route("/sessions/whoami", self._whoami, methods=["GET"])]

    async def _whoami(self, request: Request) -> Response:
        row = await self._database.row(
            "SELECT i.*, s.id AS session_id, s.issued_at, s.expires_at"
            " FROM ory.sessions s JOIN ory.identities i ON i.id = s.identity_id"
            " WHERE s.token_hash = $1 AND s.expires_at > now()",
            _token_hash(_session_token(request)),
        )
        if row is None:
            raise NestedError(401, "No valid session credentials found in the request.")
        return Utf8JSONResponse(self._session_json(row))

    def _session_json(self, row: Row) -> dict[str, object]:
        issued = rfc3339(row["issued_at"])
        return {
            "id": str(row["session_id"]),
            "active": True,
            "expires_at": rfc3339(row["expires_at"]),
            "authenticated_at": issued,
            "authenticator_assurance_level": "aal1",
            "authentication_methods": [{"method": "code_recovery", "aal": "aal1", "completed_at": issued}],
            "issued_at": issued,
            "identity": identity_json(row, self._base_url),
            "devices": [],
        }


def _session_token(request: Request) -> str:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return (
        request.headers.get("x-session-token")
        or (bearer if scheme.lower() == "bearer" else "")
        or request.cookies.get(SESSION_COOKIE, "")
    )


def _token_hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
