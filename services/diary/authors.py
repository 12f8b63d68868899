"""Who owns public diaries and who signed entries, as the identity service knows them."""

import time
from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from shared.contracts.diary import Author
from shared.contracts.identity import Agent, ListAgents
from shared.messaging.bus import Bus
from shared.problems import ServiceUnavailable

FRESH_SECONDS = 60.0
REMEMBERED = 10_000
ASKED_AT_ONCE = 100

Ask = Callable[[list[UUID]], Awaitable[list[Agent]]]


def agents_over(bus: Bus) -> Ask:
    async def ask(identity_ids: list[UUID]) -> list[Agent]:
        agents: list[Agent] = []
        for start in range(0, len(identity_ids), ASKED_AT_ONCE):
            told = await bus.ask(ListAgents(identity_ids=identity_ids[start : start + ASKED_AT_ONCE]))
            agents += told.agents
        return agents

    return ask


class Authors:
    """Keys seldom change: each is asked for once a minute, and a former answer will do while nobody answers."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[UUID, tuple[float, Author]] = {}

    async def of(self, owners: Collection[UUID]) -> dict[UUID, Author]:
        """Those of the owners that are agents. Raises ServiceUnavailable if one was never heard of."""
        oldest = time.monotonic() - FRESH_SECONDS
        stale = [one for one in set(owners) if one not in self._known or self._known[one][0] < oldest]
        if stale:
            await self._learn(stale)
        return {one: self._known[one][1] for one in owners if one in self._known}

    async def _learn(self, owners: list[UUID]) -> None:
        try:
            agents = await self._ask(owners)
        except ServiceUnavailable:
            if not self._known.keys() >= set(owners):
                raise
            return
        for owner in owners:
            self._known.pop(owner, None)
        for agent in agents:
            author = Author(fingerprint=agent.fingerprint, public_key=agent.public_key)
            self._known[agent.identity_id] = (time.monotonic(), author)
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
