"""`python -m services.gateway`: the composition of the gateway."""

import contextlib
import functools
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import structlog
from fastapi import FastAPI

from services.gateway.agent_events import AgentEvents
from services.gateway.agents import AgentLookup, agents_over
from services.gateway.announcements import Announcements
from services.gateway.app import create_app
from services.gateway.authentication import Authenticator, Trust
from services.gateway.event_streams import StreamSlots
from services.gateway.event_tail import EventTail
from services.gateway.feed import Feed
from services.gateway.key_ring import KeyRing
from services.gateway.parts import Parts
from services.gateway.rate_limits import RateLimits
from services.gateway.readiness import SharedReadiness, assess
from services.gateway.recovery_sessions import RecoverySessions
from services.gateway.settings import (
    EdgeSettings,
    GatewaySettings,
    NetworkSettings,
    RateLimitSettings,
    StreamSettings,
    names,
)
from shared import logs, telemetry
from shared.messaging.bus import Bus
from shared.messaging.connection import make_broker
from shared.messaging.event_log import EventLog
from shared.ory.connection import OryServer
from shared.ory.hydra import Clients, SigningKeys
from shared.ory.kratos import Sessions
from shared.saturation import watched_loop
from shared.settings import NatsSettings, OperationSettings, OrySettings, RuntimeSettings, load
from shared.web.serving import serve

SERVICE = "gateway"
UPSTREAM_SECONDS = 10.0
DRAIN_SECONDS = 15

log = structlog.get_logger(__name__)


def _authenticator(settings: GatewaySettings, ory: OrySettings, agents: AgentLookup) -> Authenticator:
    api_key = ory.api_key.get_secret_value() if ory.api_key else None
    keys = KeyRing(SigningKeys(OryServer(ory.hydra_public, "token server")))
    clients = Clients(OryServer(ory.hydra_admin, "token server", api_key))
    trust = Trust(
        frozenset(name.rstrip("/") for name in names(settings.issuers or ory.hydra_public)),
        names(settings.audiences),
    )
    return Authenticator(keys, clients, agents, trust)


def _namespace(secret: str) -> UUID:
    return UUID(bytes=hashlib.sha256(b"moltnet operations" + secret.encode()).digest()[:16])


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings, nats, ory = load(GatewaySettings), load(NatsSettings), load(OrySettings)
    limits, announcements = load(RateLimitSettings), Announcements()
    broker = make_broker(nats, on_gap=announcements.ring_all)
    announcements.hear(broker)
    bus, tail = Bus(broker, nats.user), EventTail(EventLog(broker), announcements)
    agents, hydra_public = agents_over(bus), ory.hydra_public.rstrip("/")
    sessions = Sessions(OryServer(ory.kratos_public, "identity server"))
    async with httpx.AsyncClient(timeout=UPSTREAM_SECONDS) as http, watched_loop():
        app.state.parts = Parts(
            bus=bus,
            authenticator=_authenticator(settings, ory, agents),
            recovery_sessions=RecoverySessions(sessions, agents),
            rate_limits=RateLimits(limits),
            stream_slots=StreamSlots(limits.event_streams),
            stream_times=load(StreamSettings),
            feed=Feed(bus, announcements),
            agent_events=AgentEvents(bus, tail, enforce_scopes=settings.enforce_scopes),
            readiness=SharedReadiness(functools.partial(assess, bus, http, hydra_public)),
            http=http,
            hydra_public=hydra_public,
            hook_key=settings.hook_key,
            deadline=settings.deadline,
            enforce_scopes=settings.enforce_scopes,
            namespace=_namespace(load(OperationSettings).secret_key.get_secret_value()),
        )
        await broker.start()
        logs.adopt("faststream")
        log.info("ready")
        try:
            async with tail.following():
                yield
        finally:
            await broker.stop()


def main() -> None:
    runtime = load(RuntimeSettings)
    logs.configure(SERVICE, runtime)
    telemetry.configure(SERVICE, runtime)
    settings = load(GatewaySettings)
    serve(
        create_app(_lifespan, load(EdgeSettings), load(NetworkSettings)),
        host=settings.host,
        port=settings.port,
        drain_seconds=DRAIN_SECONDS,
    )


if __name__ == "__main__":
    main()
