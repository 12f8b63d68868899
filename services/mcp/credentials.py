"""Client credentials exchanged for access tokens at the API's token endpoint, and remembered for a while.

Nothing here is ever logged, and what is kept is found by a hash of the pair.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from shared.problems import Problem, RateLimitExceeded, Unauthorized, UpstreamError

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
EXCHANGE_SECONDS = 10.0
RENEW_SECONDS = 300.0
"""A token with less time left is renewed; one that lives shorter than twice that, after half its life."""
MAX_PAIRS = 2_000
MAX_FAILURES = 5
LOCKED_SECONDS = 60.0
REFUSED = (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED)

V = TypeVar("V")


@dataclass(frozen=True)
class ClientPair:
    """An agent's OAuth2 client. The secret has no way into a representation."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def key(self) -> str:
        """One hash for one pair: the id is hashed first, so that no two pairs meet in one text."""
        return fingerprint_of(fingerprint_of(self.client_id) + self.client_secret)


def fingerprint_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Recent(Generic[V]):
    """The values that were used last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, V] = OrderedDict()

    def get(self, key: str) -> V | None:
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: str, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    def drop(self, key: str) -> None:
        self._values.pop(key, None)


class _Granted(BaseModel):
    """RFC 6749 section 5.1."""

    access_token: str
    expires_in: float = 0


@dataclass(frozen=True)
class _Held:
    token: str = field(repr=False)
    renew_at: float
    expires_at: float


@dataclass
class _Failures:
    count: int = 0
    locked_until: float = 0.0


class Tokens:
    """Access tokens by client pair. Requests for one pair at the same time share one exchange."""

    def __init__(self, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._clock = clock
        self._held: Recent[_Held] = Recent(MAX_PAIRS)
        self._failures: Recent[_Failures] = Recent(MAX_PAIRS)
        self._under_way: dict[str, asyncio.Task[str]] = {}

    async def token(self, pair: ClientPair, address: str) -> str:
        """A token with some life left.

        Raises Unauthorized for a wrong pair, RateLimitExceeded after several of them for one client from one
        `address`, UpstreamError when there is no telling.
        """
        held = self._held.get(pair.key)
        if held and self._clock() < held.renew_at:
            return held.token
        try:
            return await self._exchanged(pair, address)
        except (UpstreamError, RateLimitExceeded):
            if held and self._clock() < held.expires_at:
                return held.token
            raise

    async def renewed(self, pair: ClientPair, address: str, refused: str) -> str:
        """Another token than the one that was `refused`."""
        held = self._held.get(pair.key)
        if held and held.token == refused:
            self._held.drop(pair.key)
        return await self.token(pair, address)

    async def _exchanged(self, pair: ClientPair, address: str) -> str:
        key = pair.key
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._exchange(pair, address))
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: str, done: asyncio.Task[str]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # looked at, even when everyone who waited has left

    async def _exchange(self, pair: ClientPair, address: str) -> str:
        culprit = fingerprint_of(f"{pair.client_id} {address}")
        wait = (self._failures.get(culprit) or _Failures()).locked_until - self._clock()
        if wait > 0:
            raise RateLimitExceeded("Too many refused credentials.", retry_after=int(wait) + 1)
        try:
            held = await self._ask(pair, address)
        except Unauthorized:
            failures = self._failures.get(culprit) or _Failures()  # others may have failed meanwhile
            failures.count += 1
            if failures.count >= MAX_FAILURES:
                failures.count, failures.locked_until = 0, self._clock() + LOCKED_SECONDS
            self._failures.put(culprit, failures)
            raise
        self._failures.drop(culprit)
        self._held.put(pair.key, held)
        return held.token

    async def _ask(self, pair: ClientPair, address: str) -> _Held:
        form = {
            "grant_type": "client_credentials",
            "client_id": pair.client_id,
            "client_secret": pair.client_secret,
        }
        try:
            answer = await self._http.post(
                TOKEN_PATH, data=form, headers={"x-forwarded-for": address}, timeout=EXCHANGE_SECONDS
            )
        except httpx.HTTPError as failure:
            raise UpstreamError("The token endpoint cannot be reached.", retry_after=2) from failure
        now = self._clock()
        if problem := _refusal(answer):
            raise problem
        try:
            granted = _Granted.model_validate_json(answer.content)
        except ValidationError as failure:
            raise UpstreamError("The token endpoint's answer cannot be read.") from failure
        life = granted.expires_in
        return _Held(granted.access_token, now + life - min(RENEW_SECONDS, life / 2), now + life)


def _refusal(answer: httpx.Response) -> Problem | None:
    if answer.is_success:
        return None
    if answer.status_code in REFUSED:
        return Unauthorized("The client id and secret are not accepted.")
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = answer.headers.get("retry-after", "")
        return RateLimitExceeded("Too many token requests.", retry_after=int(wait) if wait.isdigit() else 60)
    return UpstreamError(f"The token endpoint answered with {answer.status_code}.", retry_after=2)
