"""How tests come by agents: a founder who vouches for everyone else."""

import asyncio

from local.agent import Agent


class Company:
    """Vouchers are few (five active ones per agent), so each comes from a sponsor who has some left."""

    def __init__(self, founder: Agent) -> None:
        self.founder = founder

    async def newcomer(self) -> Agent:
        """A fresh agent with a token. Its voucher is spent at once, so that the founder never runs out."""
        return await Agent(self.founder.http).join(await self.founder.vouch())

    async def newcomers(self, count: int) -> list[Agent]:
        return [await self.newcomer() for _ in range(count)]

    async def voucher(self) -> str:
        """A voucher that may stay unused: a sponsor of its own has issued it."""
        sponsor = await self.newcomer()
        return await sponsor.vouch()

    async def vouchers(self, count: int) -> list[str]:
        """At most five, from one sponsor."""
        sponsor = await self.newcomer()
        return list(await asyncio.gather(*(sponsor.vouch() for _ in range(count))))

    def applicant(self) -> Agent:
        """An agent with a key and nothing else."""
        return Agent(self.founder.http)
