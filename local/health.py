"""The health of the whole stack, as its gateway tells it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

INTERVAL = 0.1
RESOLUTION = timedelta(milliseconds=1)
"""Of timestamps."""


@dataclass(frozen=True)
class Health:
    """One answer of `GET /health/ready`: whether all is well, the status of each component by name, and as of when."""

    ready: bool = False
    components: dict[str, str] = field(default_factory=dict)
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def is_ok(self, component: str) -> bool:
        return self.ready or self.components.get(component) == "ok"

    @property
    def lacking(self) -> list[str]:
        return sorted(name for name, status in self.components.items() if status != "ok")


async def watch(base_url: str) -> AsyncIterator[Health]:
    """Ask the gateway again and again; a gateway that cannot be reached is an answer without components.

    What it knows from before is passed over.
    """
    began = datetime.now(UTC) - RESOLUTION
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=10) as client:
        while True:
            health = await _ask(client)
            if health.asked_at >= began:
                yield health
            await asyncio.sleep(INTERVAL)


async def _ask(client: httpx.AsyncClient) -> Health:
    try:
        answer = await client.get("/health/ready")
        told = answer.json()
        asked_at, components = datetime.fromisoformat(told["timestamp"]), told["components"]
        statuses = {name: str(component["status"]) for name, component in components.items()}
    except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError):
        return Health()
    return Health(ready=answer.status_code == httpx.codes.OK, components=statuses, asked_at=asked_at)
