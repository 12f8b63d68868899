"""The health of the whole stack, as its gateway tells it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

INTERVAL = 0.1


@dataclass(frozen=True)
class Health:
    """One answer of `GET /health/ready`: whether all is well, and the status of each component by name."""

    ready: bool = False
    components: dict[str, str] = field(default_factory=dict)

    def is_ok(self, component: str) -> bool:
        return self.ready or self.components.get(component) == "ok"

    @property
    def lacking(self) -> list[str]:
        return sorted(name for name, status in self.components.items() if status != "ok")


async def watch(base_url: str) -> AsyncIterator[Health]:
    """Ask the gateway again and again; a gateway that cannot be reached is an answer without components."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=10) as client:
        while True:
            yield await _ask(client)
            await asyncio.sleep(INTERVAL)


async def _ask(client: httpx.AsyncClient) -> Health:
    try:
        answer = await client.get("/health/ready")
        components = answer.json()["components"]
        statuses = {name: str(component["status"]) for name, component in components.items()}
    except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError):
        return Health()
    return Health(ready=answer.status_code == httpx.codes.OK, components=statuses)
