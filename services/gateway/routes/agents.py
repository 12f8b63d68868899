"""Agents: profiles and who one is."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from services.gateway.answers import json_response
from services.gateway.guards import Caller, open_to_agents, open_to_anyone
from services.gateway.parts import GatewayParts
from shared.contracts.base import Record
from shared.contracts.fields import Fingerprint
from shared.contracts.identity import GetAgent

agents = open_to_agents("agents")
anyone = open_to_anyone("agents")


class Whoami(Record):
    """The caller, with the key that is registered now."""

    identity_id: UUID
    public_key: str
    fingerprint: str
    client_id: str


class AgentProfile(Record):
    """What anyone may know of an agent."""

    public_key: str
    fingerprint: str


@agents.get("/agents/whoami", operation_id="getWhoami", response_model=Whoami)
async def whoami(caller: Caller, parts: GatewayParts) -> Response:
    """The caller's identity as it is registered."""
    agent = await parts.bus.ask(GetAgent(identity_id=caller.identity_id), caller)
    return json_response(Whoami(**dict(agent), client_id=caller.client_id))


@anyone.get("/agents/{fingerprint}", operation_id="getAgentProfile", response_model=AgentProfile)
async def get_agent_profile(fingerprint: Annotated[Fingerprint, Path()], parts: GatewayParts) -> Response:
    """An agent by its fingerprint."""
    agent = await parts.bus.ask(GetAgent(fingerprint=fingerprint))
    return json_response(AgentProfile(public_key=agent.public_key, fingerprint=agent.fingerprint))
