"""The token server's public signing keys (JWKS, RFC 7517), kept and looked up anew when they must be."""

import asyncio
import time

import jwt
import structlog

from shared.ory.hydra import SigningKeys
from shared.ory.refusal import OryRefused
from shared.problems import ServiceUnavailable, UpstreamError, unavailable

log = structlog.get_logger(__name__)

KEYS_LIVE_SECONDS = 600
REFETCH_PAUSE_SECONDS = 10.0
RETRY_PAUSE_SECONDS = 1.0
"""After a look-up that failed."""
ISSUER_SERVER = "token server"
FAILURES = (ServiceUnavailable, UpstreamError, OryRefused, jwt.PyJWKSetError)


class KeyRing:
    """One look-up at a time, shared by all who wait for it, and followed by a pause: however many key ids are forged
    and however silent the token server is. A known key stays good meanwhile."""

    def __init__(self, source: SigningKeys) -> None:
        self._source = source
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._failed = False
        self._look_up: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """None: the token server has no such key. Raises ServiceUnavailable if it cannot be asked."""
        known = self._keys.get(kid)
        if known is None:
            await self._looked_up()
            known = self._keys.get(kid)
        elif _age(self._fetched_at) > KEYS_LIVE_SECONDS:
            self._begin()
        if known is None and self._failed:
            raise unavailable(ISSUER_SERVER)
        return known

    async def _looked_up(self) -> None:
        self._begin()
        if self._look_up is not None:
            await asyncio.shield(self._look_up)

    def _begin(self) -> None:
        """A look-up, unless one is under way or there was one just now."""
        pause = RETRY_PAUSE_SECONDS if self._failed else REFETCH_PAUSE_SECONDS
        if self._look_up is None and _age(self._tried_at) >= pause:
            self._look_up = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        try:
            found = jwt.PyJWKSet.from_dict(await self._source.fetch())
        except FAILURES as failure:
            log.warning("signing_keys_not_fetched", error=type(failure).__name__)
            self._failed = True
        else:
            self._keys = {key.key_id: key for key in found.keys if key.key_id}
            self._fetched_at = time.monotonic()
            self._failed = False
        finally:
            self._tried_at = time.monotonic()
            self._look_up = None


def _age(moment: float) -> float:
    return time.monotonic() - moment
