"""Requests a minute, by identity for agents and by address for anyone else (fixed windows of a minute).

Counters live in this process. Of n replicas each grants an nth, rounded up: together never more than the limit and
n - 1, and less to a caller whose requests all reach the same one.
"""

import contextlib
import ipaddress
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from enum import StrEnum

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from services.gateway.settings import RateLimitSettings
from shared.contracts.principal import Principal
from shared.problems import RateLimitExceeded, Unauthorized

WINDOW_SECONDS = 60
GUESSES = "guesses"
QUESTIONS_AT_A_TIME = 16
"""About credentials of one address, that may be open uncounted. More of them count as guesses until they have held."""
SUBSCRIBER_BITS = 64
"""Of an IPv6 address: whoever has one address has the rest of its network as well."""


class Bucket(StrEnum):
    GLOBAL = "global"
    EMBEDDING = "embedding"
    VOUCH = "vouch"
    SIGNING = "signing"
    RECOVERY = "recovery"
    PUBLIC_VERIFY = "public_verify"
    PUBLIC_SEARCH = "public_search"
    EXEMPT = "exempt"


COUNTED_BY_ROUTE = frozenset({Bucket.RECOVERY, Bucket.PUBLIC_VERIFY})
"""Each of their routes has a counter of its own; every other bucket has one (contract/http-api 3)."""


class RateLimits:
    def __init__(self, settings: RateLimitSettings) -> None:
        self._settings = settings
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._questions: Counter[str] = Counter()

    async def count(self, request: Request, bucket: Bucket, caller: Principal | None) -> None:
        """Count the request, note the headers for the response, and refuse what is too much."""
        if bucket is Bucket.EXEMPT:
            return
        item = RateLimitItemPerMinute(self._limit(bucket, caller))
        who = str(caller.identity_id) if caller else address_of(request)
        counted = (bucket, request.scope["route"].path, who) if bucket in COUNTED_BY_ROUTE else (bucket, who)
        within = await self._limiter.hit(item, *counted)
        reset_at, remaining = await self._limiter.get_window_stats(item, *counted)
        wait = max(1, math.ceil(reset_at - time.time()))
        request.state.rate_limit = {
            "x-ratelimit-limit": str(item.amount),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-reset": str(wait),
            "ratelimit-policy": f'"{bucket}";q={item.amount};w={WINDOW_SECONDS}',
            "ratelimit": f'"{bucket}";r={remaining};t={wait}',
        }
        if not within:
            raise RateLimitExceeded(f"Too many requests. Try again in {wait} seconds.", retry_after=wait)

    @contextlib.asynccontextmanager
    async def asking(self, request: Request) -> AsyncIterator[None]:
        """Around asking an Ory server about a credential: an address that guesses is not asked for any more.

        As many wrong guesses a minute are allowed as requests without a token; many at one moment do not outrun
        the count.
        """
        address = address_of(request)
        item = RateLimitItemPerMinute(self._limit(Bucket.GLOBAL, None))
        counted = (GUESSES, address)
        open_guesses = max(0, self._questions[address] - QUESTIONS_AT_A_TIME)
        if not await self._limiter.test(item, *counted, cost=1 + open_guesses):
            reset_at, _ = await self._limiter.get_window_stats(item, *counted)
            wait = max(1, math.ceil(reset_at - time.time()))
            raise RateLimitExceeded(
                f"Too many credentials of this address to look into. Try again in {wait} seconds.",
                retry_after=wait,
            )
        self._questions[address] += 1
        try:
            yield
        except Unauthorized:
            await self._limiter.hit(item, *counted)
            raise
        finally:
            self._questions[address] -= 1
            if not self._questions[address]:
                del self._questions[address]

    def _limit(self, bucket: Bucket, caller: Principal | None) -> int:
        """This replica's share."""
        if bucket is Bucket.GLOBAL:
            limit = self._settings.authenticated if caller else self._settings.anonymous
        else:
            limit = getattr(self._settings, bucket.value)
        return math.ceil(limit / self._settings.replicas)


def address_of(request: Request) -> str:
    """Who an anonymous request comes from, as far as counting goes."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, SUBSCRIBER_BITS), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
