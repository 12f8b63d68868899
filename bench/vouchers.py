"""A stock of vouchers: registrations need one each, and no agent may have more than a few open."""

import asyncio
from collections.abc import Sequence

from local.agent import Agent, expect

MOST_VOUCHERS = 5
"""As many as an agent may have open at a time."""
TOO_MANY = 429


class VoucherStock:
    """Vouchers that these agents issued and nobody has used yet."""

    def __init__(self, issuers: Sequence[Agent]) -> None:
        self._issued: list[tuple[Agent, list[str]]] = [(issuer, []) for issuer in issuers]

    def __len__(self) -> int:
        return sum(len(codes) for _, codes in self._issued)

    def take(self) -> str:
        """One voucher. IndexError when none is left."""
        return next((codes for _, codes in self._issued if codes), []).pop()

    async def refill(self) -> None:
        """Let every agent issue as many as it may; one whose registration failed is still open."""
        await asyncio.gather(*(self._issue(issuer, codes) for issuer, codes in self._issued))

    async def _issue(self, issuer: Agent, codes: list[str]) -> None:
        while len(codes) < MOST_VOUCHERS:
            answer = await issuer.post("/vouch")
            if answer.status_code == TOO_MANY:
                return
            codes.append(expect(answer, 201)["code"])
