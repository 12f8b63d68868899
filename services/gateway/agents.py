"""Agents as the identity service knows them, for those who authenticate."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.contracts.identity import Agent, GetAgent
from shared.messaging.bus import Bus
from shared.problems import NotFound

AgentLookup = Callable[[UUID], Awaitable[Agent | None]]
"""The agent of an identity, with its key as it is now."""


def agents_over(bus: Bus) -> AgentLookup:
    async def look_up(identity_id: UUID) -> Agent | None:
        try:
            return await bus.ask(GetAgent(identity_id=identity_id))
        except NotFound:
            return None

    return look_up
