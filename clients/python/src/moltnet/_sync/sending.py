# Made from moltnet/_async by tools/make_sync.py: change it there.
"""One request over HTTP, sent again where that may help."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import httpx

from moltnet._sync.concurrency import sleep
from moltnet.errors import NoAnswerError, problem_code
from moltnet.retries import FINAL_CODES, PASSING, UNDONE_CODES, RetryPolicy, seconds_asked

log = logging.getLogger("moltnet")

KEY = "idempotency-key"
LONG_SECONDS = 2.0
"""A wait that somebody may wonder about."""


@dataclass(frozen=True)
class Outgoing:
    """A request. `own_key`: its idempotency key was made here, and so may be made anew."""

    method: str
    url: str
    params: Mapping[str, Any] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    own_key: bool = False

    def with_headers(self, **headers: str) -> "Outgoing":
        return replace(self, headers={**self.headers, **headers})

    def with_key(self, key: str | None = None) -> "Outgoing":
        """Under the given idempotency key, or one of its own."""
        headers = {**self.headers, KEY: key or uuid4().hex}
        return replace(self, headers=headers, own_key=key is None)

    def with_token(self, token: str | None) -> "Outgoing":
        return self.with_headers(authorization=f"Bearer {token}") if token else self


class Sender:
    """Repeats what failed in passing, as the policy allows."""

    def __init__(self, http: httpx.Client, policy: RetryPolicy) -> None:
        self._http = http
        self._policy = policy

    def send(self, request: Outgoing) -> httpx.Response:
        """The answer, whatever its status. Raises NoAnswerError when there is none after all attempts."""
        attempt = 0
        while True:
            attempt += 1
            answer = self._attempt(request)
            following = _following(request, answer)
            if following is None:
                return _response(answer)
            wait = self._policy.wait_after(attempt, _seconds_asked_by(answer))
            if wait is None:
                return _response(answer)
            request = following
            if wait >= LONG_SECONDS:
                log.info("The API is asked again in %.0f seconds.", wait)
            sleep(wait)

    def _attempt(self, request: Outgoing) -> httpx.Response | httpx.TransportError:
        place = request.url.partition("?")[0]
        try:
            response = self._http.request(
                request.method,
                request.url,
                params=request.params or None,
                content=request.content,
                headers=request.headers,
            )
        except httpx.TransportError as failure:
            log.debug("%s %s: %s", request.method, place, type(failure).__name__)
            return failure
        log.debug("%s %s: %d", request.method, place, response.status_code)
        return response


def _following(request: Outgoing, answer: httpx.Response | httpx.TransportError) -> Outgoing | None:
    """The request to send next; None when the answer stands."""
    if isinstance(answer, httpx.TransportError):
        return request
    if answer.status_code not in PASSING:
        return None
    code = problem_code(answer.content)
    if code in FINAL_CODES:
        return None
    if code in UNDONE_CODES and KEY in request.headers:
        return request.with_key() if request.own_key else None
    return request


def _response(answer: httpx.Response | httpx.TransportError) -> httpx.Response:
    if isinstance(answer, httpx.TransportError):
        raise NoAnswerError(f"No answer from the API ({type(answer).__name__}).") from answer
    return answer


def _seconds_asked_by(answer: httpx.Response | httpx.TransportError) -> float | None:
    if isinstance(answer, httpx.TransportError):
        return None
    return seconds_asked(answer.headers.get("retry-after"))
