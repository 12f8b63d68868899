"""SQL over `signing_requests`. What the row says of its status gives way to its `expires_at`."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from shared.contracts.signing import SigningRequest, SigningStatus
from shared.crypto.signatures import SignedForm, signing_payload
from shared.postgres import Connection, Database
from shared.problems import NotFound

COLUMNS = "id, agent_id, message, nonce, status, signature, valid, workflow_id, created_at, expires_at, completed_at"
STATUS_NOW = "CASE WHEN status = 'pending' AND expires_at <= now() THEN 'expired' ELSE status::text END"


def as_request(row: asyncpg.Record) -> SigningRequest:
    payload = signing_payload(row["message"], row["nonce"])
    late = row["status"] == SigningStatus.PENDING and row["expires_at"] <= datetime.now(UTC)
    return SigningRequest.model_validate(
        {
            **dict(row),
            "status": SigningStatus.EXPIRED if late else row["status"],
            "signing_payload": payload,
            "signing_input": base64.b64encode(payload.encode()).decode(),
        }
    )


class SigningStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(
        self, connection: Connection, request_id: UUID, agent_id: UUID, message: str, seconds: float
    ) -> SigningRequest:
        row = await connection.fetchrow(
            "INSERT INTO signing_requests (id, agent_id, message, workflow_id, expires_at)"
            f" VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5)) RETURNING {COLUMNS}",
            request_id,
            agent_id,
            message,
            workflow_id_of(request_id),
            seconds,
        )
        if row is None:
            raise RuntimeError("INSERT ... RETURNING returned nothing")
        return as_request(row)

    async def request(self, request_id: UUID, agent_id: UUID) -> SigningRequest:
        """The agent's own request. Anyone else's does not exist."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                f"SELECT {COLUMNS} FROM signing_requests WHERE id = $1 AND agent_id = $2",
                request_id,
                agent_id,
            )
        if row is None:
            raise NotFound("There is no such signing request.")
        return as_request(row)

    async def requests(
        self, agent_id: UUID, statuses: list[str] | None, limit: int, offset: int
    ) -> tuple[list[SigningRequest], int]:
        """A page of the agent's own, newest first, and the number of all matches."""
        where = f"agent_id = $1 AND ($2::text[] IS NULL OR {STATUS_NOW} = ANY ($2))"
        async with self._database.connection() as connection:
            total = await connection.fetchval(
                f"SELECT count(*) FROM signing_requests WHERE {where}",
                agent_id,
                statuses,
            )
            rows = await connection.fetch(
                f"SELECT {COLUMNS} FROM signing_requests WHERE {where}"
                " ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4",
                agent_id,
                statuses,
                limit,
                offset,
            )
        return [as_request(row) for row in rows], total

    async def newest_signed(self, signature: str) -> SigningRequest | None:
        """The newest request of any agent that holds exactly this signature."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                f"SELECT {COLUMNS} FROM signing_requests WHERE signature = $1"
                " ORDER BY created_at DESC, id DESC LIMIT 1",
                signature,
            )
        return None if row is None else as_request(row)

    async def status(self, connection: Connection, request_id: UUID) -> SigningStatus:
        return SigningStatus(
            await connection.fetchval(f"SELECT {STATUS_NOW} FROM signing_requests WHERE id = $1", request_id)
        )

    async def complete(
        self, connection: Connection, request_id: UUID, signature: str, form: SignedForm | None
    ) -> SigningRequest | None:
        """The request with its verdict; None when it waits for no signature any more."""
        row = await connection.fetchrow(
            "UPDATE signing_requests SET status = 'completed', signature = $2, valid = $3,"
            " signed_form = $4, completed_at = now()"
            f" WHERE id = $1 AND status = 'pending' AND expires_at > now() RETURNING {COLUMNS}",
            request_id,
            signature,
            form is not None,
            form,
        )
        return None if row is None else as_request(row)

    async def verdict(self, request_id: UUID) -> tuple[SigningStatus, bool | None]:
        """Status and validity as they are recorded."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT status, valid FROM signing_requests WHERE id = $1", request_id
            )
        if row is None:
            raise NotFound("There is no such signing request.")
        return SigningStatus(row["status"]), row["valid"]

    async def expire(self, request_id: UUID) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE signing_requests SET status = 'expired', completed_at = now()"
                " WHERE id = $1 AND status = 'pending'",
                request_id,
            )

    async def expire_overdue(self) -> None:
        """Those whose workflow is gone: nobody else would."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE signing_requests SET status = 'expired', completed_at = now()"
                " WHERE status = 'pending' AND expires_at < now() - interval '1 minute'"
            )


def workflow_id_of(request_id: UUID) -> str:
    return f"signing-{request_id}"
