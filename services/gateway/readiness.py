"""Readiness of the whole: the bus, the token server, and what each service says of itself."""

import asyncio
from datetime import UTC, datetime

import httpx

from services.gateway.parts import Parts
from shared.contracts.base import Record
from shared.contracts.fields import iso_timestamp
from shared.contracts.health import ComponentHealth, ServiceHealth, health_subject
from shared.messaging.bus import Bus
from shared.service import NotWellError, probe

SERVICES = ("identity", "diary", "signing", "embedder")
DATABASE = "database"
PROBE_SECONDS = 5.0


class Readiness(Record):
    """`ok` when every component is; otherwise `degraded`."""

    status: str
    timestamp: str
    components: dict[str, ComponentHealth]


async def assess(parts: Parts) -> Readiness:
    (bus, ory), services = await asyncio.gather(
        asyncio.gather(probe(parts.bus.ping), probe(lambda: ask_ory(parts.http, parts.hydra_public))),
        asyncio.gather(*(_service(parts.bus, name) for name in SERVICES)),
    )
    components = {DATABASE: _worst_database(services), "ory": ory, "message_bus": bus}
    for name, (own, inner) in zip(SERVICES, services, strict=True):
        components[name] = own
        components |= {f"{name}.{part}": state for part, state in inner.items() if part != DATABASE}
    fine = all(state.status == "ok" for state in components.values())
    return Readiness(
        status="ok" if fine else "degraded",
        timestamp=iso_timestamp(datetime.now(UTC)),
        components=components,
    )


Told = tuple[ComponentHealth, dict[str, ComponentHealth]]


async def _service(bus: Bus, name: str) -> Told:
    """Whether the service answers, and what it says of its components."""
    inner: dict[str, ComponentHealth] = {}

    async def ask() -> None:
        answer = await bus.request(health_subject(name), b"{}", seconds=PROBE_SECONDS)
        inner.update(answer.unwrap(ServiceHealth).components)

    return await probe(ask), inner


async def ask_ory(http: httpx.AsyncClient, url: str) -> None:
    """Whether the token server describes itself (contract/operations 1)."""
    try:
        answer = await http.get(f"{url}/.well-known/openid-configuration", timeout=PROBE_SECONDS)
    except httpx.TimeoutException as failure:
        raise TimeoutError from failure
    if not answer.is_success:
        raise NotWellError(f"http_{answer.status_code}")


def _worst_database(services: list[Told]) -> ComponentHealth:
    told = [inner[DATABASE] for _, inner in services if DATABASE in inner]
    if not told:
        return ComponentHealth(status="error", latency_ms=0, error="unavailable")
    return max(told, key=lambda state: (state.status != "ok", state.latency_ms))
