"""What signing asks of identity."""

from uuid import UUID

from shared.contracts.identity import GetAgent
from shared.messaging.bus import Bus
from shared.problems import NotFound


async def current_key(bus: Bus, agent_id: UUID) -> str | None:
    """The agent's public key as it is now; None for an agent without one."""
    try:
        return (await bus.ask(GetAgent(identity_id=agent_id))).public_key
    except NotFound:
        return None
