"""Server-sent events (WHATWG HTML, section 9.2) that go on over broken connections.

Each event has an id; after a break the API is asked for what came after the last one.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse

from moltnet._async.api import UNAUTHORIZED, Api, refusal
from moltnet._async.concurrency import sleep
from moltnet.errors import MoltNetError, NoAnswerError, ProblemError, UnreadableAnswerError
from moltnet.retries import PASSING
from moltnet.routes import Route

SILENCE_SECONDS = 75.0
"""A living stream has a heartbeat every 30 seconds."""

FAILED = "error"
"""The kind of event with which the API ends a stream that it can not go on with."""


@dataclass
class _Progress:
    """Where a stream is, across its connections. `broken`: breaks since the last event or opening."""

    last_id: str = ""
    pause: float = 1.0
    broken: int = 0
    replaced_token: bool = False

    def note(self, event: ServerSentEvent) -> bool:
        """Remember its place. Whether there is something in it for the user."""
        self.last_id = event.id or self.last_id
        if event.retry is not None:
            self.pause = event.retry / 1000
        return bool(event.data) and event.event != FAILED


class Streams:
    """Opens an event stream again as often as it ends, until the user stops reading."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def events(
        self, route: Route, query: Mapping[str, Any], *, after: str = ""
    ) -> AsyncIterator[ServerSentEvent]:
        """Each event once, in order. Raises ProblemError when the API refuses, NoAnswerError when it stays away."""
        progress = _Progress(last_id=after)
        while True:
            try:
                async for event in self._one_connection(route, query, progress):
                    yield event
            except (httpx.TransportError, ProblemError) as failure:
                await self._after_break(progress, failure)
            except SSEError as failure:
                raise UnreadableAnswerError("This is no event stream.") from failure
            else:
                pause = self._api.settings.stream_pause
                await sleep(progress.pause if pause is None else pause)

    async def _one_connection(
        self, route: Route, query: Mapping[str, Any], progress: _Progress
    ) -> AsyncIterator[ServerSentEvent]:
        token = await self._api.token_for(route.access)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if progress.last_id:
            headers["last-event-id"] = progress.last_id
        async with aconnect_sse(
            self._api.http,
            route.method,
            self._api.login.base_url + route.path(),
            params=dict(query),
            headers=headers,
            timeout=httpx.Timeout(self._api.settings.timeout, read=SILENCE_SECONDS),
        ) as source:
            await self._require_success(source.response, token, progress)
            async for event in source.aiter_sse():
                progress.broken, progress.replaced_token = 0, False
                if progress.note(event):
                    yield event

    async def _require_success(
        self, response: httpx.Response, token: str | None, progress: _Progress
    ) -> None:
        if response.is_success:
            return
        await response.aread()
        if response.status_code == UNAUTHORIZED and token and not progress.replaced_token:
            progress.replaced_token = True
            self._api.forget(token)
            raise httpx.ReadError("The token was refused, and is replaced.")
        raise refusal(response)

    async def _after_break(self, progress: _Progress, failure: httpx.TransportError | ProblemError) -> None:
        """Wait before the next attempt, or raise what ends the stream."""
        progress.broken += 1
        asked = None
        if isinstance(failure, ProblemError):
            if failure.status not in PASSING:
                raise failure
            asked = failure.retry_after
        wait = self._api.settings.retries.wait_after(progress.broken, asked)
        if wait is None:
            raise _final(failure) from failure
        await sleep(wait)


def _final(failure: httpx.TransportError | ProblemError) -> MoltNetError:
    if isinstance(failure, ProblemError):
        return failure
    return NoAnswerError(f"The event stream is gone ({type(failure).__name__}).")
