"""Readiness of the whole: the bus, the token server, and what each service says of itself."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx

from shared.contracts.base import Record
from shared.contracts.fields import iso_timestamp
from shared.contracts.health import ComponentHealth, ServiceHealth, health_subject
from shared.messaging.bus import Bus
from shared.service import NotWellError, probe

SERVICES = ("identity", "diary", "signing", "embedder")
DATABASE = "database"
PROBE_SECONDS = 5.0
KEPT_SECONDS = 1.0


class Readiness(Record):
    """`ok` when every component is; otherwise `degraded`. `timestamp`: when they were asked."""

    status: str
    timestamp: str
    components: dict[str, ComponentHealth]


Assess = Callable[[], Coroutine[Any, Any, Readiness]]


class SharedReadiness:
    """One assessment at a time, for all who ask meanwhile and for so many seconds after: anyone may ask."""

    def __init__(self, assess: Assess, kept_seconds: float = KEPT_SECONDS) -> None:
        self._assess = assess
        self._kept_seconds = kept_seconds
        self._latest: asyncio.Task[Readiness] | None = None

    async def read(self) -> Readiness:
        if self._latest is None:
            self._latest = asyncio.create_task(self._assess())
            self._latest.add_done_callback(self._keep)
        return await asyncio.shield(self._latest)

    def _keep(self, _: asyncio.Task[Readiness]) -> None:
        asyncio.get_running_loop().call_later(self._kept_seconds, self._forget)

    def _forget(self) -> None:
        self._latest = None


async def assess(bus: Bus, http: httpx.AsyncClient, hydra_public: str) -> Readiness:
    asked_at = datetime.now(UTC)
    (message_bus, ory), services = await asyncio.gather(
        asyncio.gather(probe(bus.ping), probe(lambda: ask_ory(http, hydra_public))),
        asyncio.gather(*(_service(bus, name) for name in SERVICES)),
    )
    components = {DATABASE: _worst_database(services), "ory": ory, "message_bus": message_bus}
    for name, (own, inner) in zip(SERVICES, services, strict=True):
        components[name] = own
        components |= {f"{name}.{part}": state for part, state in inner.items() if part != DATABASE}
    fine = all(state.status == "ok" for state in components.values())
    return Readiness(
        status="ok" if fine else "degraded",
        timestamp=iso_timestamp(asked_at),
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
