"""What routes work with, put together once at start."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import Depends, Request
from pydantic import SecretStr

from services.gateway.agent_events import AgentEvents
from services.gateway.authentication import Authenticator
from services.gateway.event_streams import StreamSlots
from services.gateway.feed import Feed
from services.gateway.rate_limits import RateLimits
from services.gateway.readiness import SharedReadiness
from services.gateway.recovery_sessions import RecoverySessions
from services.gateway.settings import StreamSettings
from shared.messaging.bus import Bus


@dataclass(frozen=True)
class Parts:
    """`namespace` is secret: operation ids derived from an Idempotency-Key cannot be guessed without it."""

    bus: Bus
    authenticator: Authenticator
    recovery_sessions: RecoverySessions
    rate_limits: RateLimits
    stream_slots: StreamSlots
    stream_times: StreamSettings
    feed: Feed
    agent_events: AgentEvents
    readiness: SharedReadiness
    http: httpx.AsyncClient
    hydra_public: str
    hook_key: SecretStr
    deadline: float
    enforce_scopes: bool
    namespace: UUID


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


GatewayParts = Annotated[Parts, Depends(_parts)]
