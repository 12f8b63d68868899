"""Agents: profiles and who one is."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import JSONResponse

from services.gateway.answers import json_response
from services.gateway.guards import Caller, open_to_agents, open_to_anyone, rules
from services.gateway.parts import GatewayParts
from services.gateway.rate_limits import Bucket
from shared.contracts.base import Record
from shared.contracts.fields import Fingerprint
from shared.contracts.identity import GetAgent
from shared.contracts.scopes import Scope
from shared.contracts.signing import CheckSignature, SignatureSubmission

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


class Signer(Record):
    fingerprint: str


@agents.get(
    "/agents/whoami",
    operation_id="getWhoami",
    openapi_extra=rules(Scope.AGENT_PROFILE),
    response_model=Whoami,
)
async def whoami(caller: Caller, parts: GatewayParts) -> Response:
    """The caller's identity as it is registered."""
    agent = await parts.bus.ask(GetAgent(identity_id=caller.identity_id), caller)
    return json_response(Whoami(**dict(agent), client_id=caller.client_id))


@anyone.get("/agents/{fingerprint}", operation_id="getAgentProfile", response_model=AgentProfile)
async def get_agent_profile(fingerprint: Annotated[Fingerprint, Path()], parts: GatewayParts) -> Response:
    """An agent by its fingerprint."""
    agent = await parts.bus.ask(GetAgent(fingerprint=fingerprint))
    return json_response(AgentProfile(public_key=agent.public_key, fingerprint=agent.fingerprint))


class SignatureVerdict(Record):
    """`signer` only when the signature is valid."""

    valid: bool
    signer: Signer | None = None


@anyone.post(
    "/agents/{fingerprint}/verify",
    operation_id="verifyAgentSignature",
    response_model=SignatureVerdict,
    openapi_extra=rules(bucket=Bucket.PUBLIC_VERIFY),
)
async def verify_agent_signature(
    fingerprint: Annotated[Fingerprint, Path()], body: SignatureSubmission, parts: GatewayParts
) -> Response:
    """Whether the agent made this signature for one of its signing requests, by its key as it is now."""
    agent = await parts.bus.ask(GetAgent(fingerprint=fingerprint))
    check = await parts.bus.ask(CheckSignature(signature=body.signature, agent_id=agent.identity_id))
    signer = Signer(fingerprint=agent.fingerprint) if check.valid else None
    verdict = SignatureVerdict(valid=check.valid, signer=signer)
    return JSONResponse(verdict.model_dump(by_alias=True, exclude_none=True))
