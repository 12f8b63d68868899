"""Recovery flows in Postgres: each has one code, usable once, and a bounded number of tries."""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from local.ory.database import Connection, Database, Row
from local.ory.wire import rfc3339

CODE_DIGITS = 6
CODE_LIFESPAN = timedelta(minutes=15)
WRONG_CODE_MESSAGE = {
    "id": 4060006,
    "type": "error",
    "text": "The recovery code is invalid or has already been used. Please try again.",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """One recovery flow; its code is known by its HMAC only."""

    id: UUID
    identity_id: UUID | None
    type: str
    state: str
    code_hmac: bytes | None
    submissions: int
    request_url: str
    issued_at: datetime
    expires_at: datetime

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= datetime.now(UTC)

    def to_json(self, base_url: str, *messages: dict[str, object]) -> dict[str, object]:
        """The flow as Kratos shows it, with the messages its form would carry."""
        ui: dict[str, object] = {"action": submit_url(base_url, self.id), "method": "POST", "nodes": []}
        if messages:
            ui["messages"] = list(messages)
        return {
            "id": str(self.id),
            "type": self.type,
            "expires_at": rfc3339(self.expires_at),
            "issued_at": rfc3339(self.issued_at),
            "request_url": self.request_url,
            "active": "code",
            "ui": ui,
            "state": self.state,
        }


def submit_url(base_url: str, flow_id: UUID) -> str:
    """Where the flow's code is to be posted."""
    return f"{base_url}/self-service/recovery?flow={flow_id}"


class FlowStore:
    """Opens and finds flows, and keeps the key their codes are hashed under."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_with_code(
        self, identity_id: UUID, flow_type: str, lifespan: timedelta, request_url: str
    ) -> tuple[Flow, str]:
        """A flow that awaits the returned code."""
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        empty = _empty_flow(flow_type, request_url, lifespan)
        async with self._database.transaction() as connection:
            code_hmac = await self.code_hmac(connection, empty.id, code)
            flow = replace(empty, identity_id=identity_id, state="sent_email", code_hmac=code_hmac)
            await _insert(connection, flow)
        return flow, code

    async def open_empty(self, flow_type: str, request_url: str) -> Flow:
        """A flow that takes the place of one that can no longer be used."""
        flow = _empty_flow(flow_type, request_url, CODE_LIFESPAN)
        async with self._database.transaction() as connection:
            await _insert(connection, flow)
        return flow

    async def find(self, flow_id: UUID) -> Flow | None:
        """The flow of that id, expired or not."""
        return _flow(await self._database.row("SELECT * FROM ory.recovery_flows WHERE id = $1", flow_id))

    async def claim_try(self, connection: Connection, flow_id: UUID) -> Flow | None:
        """The flow, with this try counted in and its row locked until the transaction ends."""
        return _flow(
            await connection.fetchrow(
                "UPDATE ory.recovery_flows SET submissions = submissions + 1 WHERE id = $1 RETURNING *",
                flow_id,
            )
        )

    async def pass_challenge(self, connection: Connection, flow_id: UUID) -> None:
        """The code was right and is used up."""
        await connection.execute(
            "UPDATE ory.recovery_flows SET state = 'passed_challenge', code_hmac = NULL WHERE id = $1",
            flow_id,
        )

    async def code_hmac(self, connection: Connection, flow_id: UUID, code: str) -> bytes:
        """What is kept of a code; the flow's id is mixed in, so that a code fits one flow only."""
        await connection.execute(
            "INSERT INTO ory.hmac_keys (purpose, key) VALUES ('recovery_code', $1) ON CONFLICT DO NOTHING",
            secrets.token_bytes(32),
        )
        key = await connection.fetchval("SELECT key FROM ory.hmac_keys WHERE purpose = 'recovery_code'")
        return hmac.digest(key, flow_id.bytes + code.encode(), "sha256")


def _empty_flow(flow_type: str, request_url: str, lifespan: timedelta) -> Flow:
    now = datetime.now(UTC)
    return Flow(
        id=uuid4(),
        identity_id=None,
        type=flow_type,
        state="choose_method",
        code_hmac=None,
        submissions=0,
        request_url=request_url,
        issued_at=now,
        expires_at=now + lifespan,
    )


async def _insert(connection: Connection, flow: Flow) -> None:
    await connection.execute(
        "INSERT INTO ory.recovery_flows"
        " (id, identity_id, type, state, code_hmac, request_url, issued_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        flow.id,
        flow.identity_id,
        flow.type,
        flow.state,
        flow.code_hmac,
        flow.request_url,
        flow.issued_at,
        flow.expires_at,
    )


def _flow(row: Row | None) -> Flow | None:
    return None if row is None else Flow(**dict(row))
