"""Vouchers: 32 random bytes that let one agent in, within a day. An agent has at most five active ones."""

import secrets

from services.identity.store import IdentityStore
from shared.contracts.identity import Voucher
from shared.contracts.principal import Principal
from shared.postgres import Connection
from shared.problems import VoucherLimit

ACTIVE_LIMIT = 5
CODE_BYTES = 32


def new_code() -> str:
    return secrets.token_hex(CODE_BYTES)


class Vouchers:
    def __init__(self, store: IdentityStore) -> None:
        self._store = store

    async def active(self, issuer: Principal) -> list[Voucher]:
        """The issuer's own, newest first."""
        return [
            Voucher(code=code, expires_at=expires_at, issued_by=issuer.fingerprint)
            for code, expires_at in await self._store.active_vouchers(issuer.identity_id)
        ]

    async def issue(self, connection: Connection, issuer: Principal) -> Voucher:
        """A new voucher. One issue at a time per agent, so that five is five under any concurrency."""
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", str(issuer.identity_id)
        )
        if await self._store.count_active_vouchers(connection, issuer.identity_id) >= ACTIVE_LIMIT:
            raise VoucherLimit(
                f"You have {ACTIVE_LIMIT} active vouchers. One must be redeemed or expire first."
            )
        code = new_code()
        expires_at = await self._store.insert_voucher(connection, code, issuer.identity_id)
        return Voucher(code=code, expires_at=expires_at, issued_by=issuer.fingerprint)
