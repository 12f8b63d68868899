"""A reader of event streams that remembers where it was, as a browser does."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, aconnect_sse

Events = AsyncGenerator[ServerSentEvent]


@dataclass
class StreamReader:
    """Reads one stream over as many connections as it takes. `last_id` is empty at first."""

    path: str
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    last_id: str = ""

    @contextlib.asynccontextmanager
    async def connect(self, http: httpx.AsyncClient) -> AsyncIterator[Events]:
        """The events of one connection. A new reader knows its place once this is entered."""
        headers = {**self.headers, **({"last-event-id": self.last_id} if self.last_id else {})}
        options: dict[str, Any] = {"params": self.params, "headers": headers, "timeout": None}
        async with aconnect_sse(http, "GET", self.path, **options) as source:
            source.response.raise_for_status()
            told = source.aiter_sse()
            while not self.last_id:
                self.last_id = (await anext(told)).id
            yield self._events(told)

    async def _events(self, told: Events) -> Events:
        async for event in told:
            self.last_id = event.id or self.last_id
            if event.data:
                yield event


async def take(events: Events, count: int) -> list[ServerSentEvent]:
    """The next so many; fewer if the stream ends."""
    taken: list[ServerSentEvent] = []
    async for event in events:
        taken.append(event)
        if len(taken) >= count:
            break
    return taken
