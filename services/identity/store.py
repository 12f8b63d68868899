"""SQL over `agent_keys` and `agent_vouchers`."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from shared.contracts.identity import Agent, GetAgent, TrustEdge
from shared.postgres import Connection, Database
from shared.problems import Conflict

LOOKUPS = {
    "identity_id": "SELECT identity_id, public_key, fingerprint FROM agent_keys WHERE identity_id = $1",
    "fingerprint": "SELECT identity_id, public_key, fingerprint FROM agent_keys WHERE fingerprint = $1",
    "public_key": "SELECT identity_id, public_key, fingerprint FROM agent_keys WHERE public_key = $1",
}

ACTIVE = "redeemed_by IS NULL AND redeemed_at IS NULL AND expires_at > now()"
COUNTED = "settled_at IS NULL AND expires_at > now()"
"""Active, or on the way to be spent: a registration that is undone gives its voucher back."""


class VoucherState(StrEnum):
    GOOD = "good"
    UNKNOWN = "unknown"
    REDEEMED = "already redeemed"
    EXPIRED = "expired"


class IdentityStore:
    """Reads on a connection of its own; writes on the transaction they are given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def agent(self, wanted: GetAgent) -> Agent | None:
        for name, lookup in LOOKUPS.items():
            value = getattr(wanted, name)
            if value is not None:
                async with self._database.connection() as connection:
                    row = await connection.fetchrow(lookup, value)
                return None if row is None else Agent.model_validate(dict(row))
        return None

    async def agents(self, identity_ids: Sequence[UUID]) -> list[Agent]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                "SELECT identity_id, public_key, fingerprint FROM agent_keys WHERE identity_id = ANY($1)",
                identity_ids,
            )
        return [Agent.model_validate(dict(row)) for row in rows]

    async def voucher_state(self, code: str) -> VoucherState:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT redeemed_by, redeemed_at, expires_at <= now() AS expired"
                " FROM agent_vouchers WHERE code = $1",
                code,
            )
        if row is None:
            return VoucherState.UNKNOWN
        if row["redeemed_by"] or row["redeemed_at"]:
            return VoucherState.REDEEMED
        return VoucherState.EXPIRED if row["expired"] else VoucherState.GOOD

    async def put_agent(self, connection: Connection, agent: Agent) -> None:
        """Insert or repeat. Raises Conflict when the key belongs to another identity."""
        try:
            await connection.execute(
                "INSERT INTO agent_keys (identity_id, public_key, fingerprint) VALUES ($1, $2, $3)"
                " ON CONFLICT (identity_id) DO UPDATE"
                " SET public_key = excluded.public_key, fingerprint = excluded.fingerprint",
                agent.identity_id,
                agent.public_key,
                agent.fingerprint,
            )
        except asyncpg.UniqueViolationError as failure:
            raise Conflict("An agent with this key is registered already.") from failure

    async def redeem(self, connection: Connection, code: str, identity_id: UUID) -> bool:
        """Spend the voucher for this identity; true also when this identity had spent it before."""
        spent = await connection.fetchval(
            "UPDATE agent_vouchers SET redeemed_by = $2, redeemed_at = coalesce(redeemed_at, now())"
            " WHERE code = $1 AND (redeemed_by = $2"
            " OR (redeemed_by IS NULL AND redeemed_at IS NULL AND expires_at > now())) RETURNING true",
            code,
            identity_id,
        )
        return bool(spent)

    async def forget_agent(self, connection: Connection, identity_id: UUID, code: str) -> None:
        """Undo `put_agent` and `redeem`: the voucher is whole again."""
        await connection.execute("DELETE FROM agent_keys WHERE identity_id = $1", identity_id)
        await connection.execute(
            "UPDATE agent_vouchers SET redeemed_by = NULL, redeemed_at = NULL"
            " WHERE code = $1 AND redeemed_by = $2",
            code,
            identity_id,
        )

    async def settle(self, connection: Connection, code: str) -> None:
        """The registration is concluded: the voucher does not come back."""
        await connection.execute("UPDATE agent_vouchers SET settled_at = now() WHERE code = $1", code)

    async def count_active_vouchers(self, connection: Connection, issuer_id: UUID) -> int:
        """With those that a registration under way has taken."""
        count: int = await connection.fetchval(
            f"SELECT count(*) FROM agent_vouchers WHERE issuer_id = $1 AND {COUNTED}",
            issuer_id,
        )
        return count

    async def active_vouchers(self, issuer_id: UUID) -> list[tuple[str, datetime]]:
        """Codes and ends of those that are neither redeemed nor expired, newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT code, expires_at FROM agent_vouchers WHERE issuer_id = $1 AND {ACTIVE}"
                " ORDER BY created_at DESC, code",
                issuer_id,
            )
        return [(row["code"], row["expires_at"]) for row in rows]

    async def trust_edges(self, limit: int, offset: int) -> list[TrustEdge]:
        """Redemptions between agents that have a key, newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                "SELECT issuer.fingerprint AS issuer_fingerprint, redeemer.fingerprint AS redeemer_fingerprint,"
                " redeemed_at FROM agent_vouchers"
                " JOIN agent_keys issuer ON issuer.identity_id = issuer_id"
                " JOIN agent_keys redeemer ON redeemer.identity_id = redeemed_by"
                " WHERE redeemed_at IS NOT NULL ORDER BY redeemed_at DESC, code LIMIT $1 OFFSET $2",
                limit,
                offset,
            )
        return [TrustEdge.model_validate(dict(row)) for row in rows]

    async def spend_nonce(
        self, connection: Connection, nonce: str, remembered_until: datetime, operation: UUID
    ) -> bool:
        """Whether the nonce is this operation's: unused before, or used by itself."""
        await connection.execute(
            "INSERT INTO used_recovery_nonces (nonce, expires_at, used_by) VALUES ($1, $2, $3)"
            " ON CONFLICT (nonce) DO NOTHING",
            nonce,
            remembered_until,
            operation,
        )
        return bool(
            await connection.fetchval(
                "SELECT used_by = $2 FROM used_recovery_nonces WHERE nonce = $1", nonce, operation
            )
        )

    async def is_spent(self, nonce: str) -> bool:
        async with self._database.connection() as connection:
            return bool(
                await connection.fetchval("SELECT true FROM used_recovery_nonces WHERE nonce = $1", nonce)
            )

    async def forget_nonces(self) -> None:
        """Those whose challenges have expired anyway."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM used_recovery_nonces WHERE expires_at < now()")

    async def insert_voucher(self, connection: Connection, code: str, issuer_id: UUID) -> datetime:
        """Returns when it expires: 24 hours from now."""
        expires_at: datetime = await connection.fetchval(
            "INSERT INTO agent_vouchers (code, issuer_id, expires_at)"
            " VALUES ($1, $2, now() + interval '24 hours') RETURNING expires_at",
            code,
            issuer_id,
        )
        return expires_at
