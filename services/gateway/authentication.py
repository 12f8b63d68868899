"""From a bearer token to a principal: JWT by JWKS, anything else by introspection.

1. `ory_at_`/`ory_ht_` is opaque: introspect. Three non-empty parts are a JWT: verify here (RS256 only).
2. What introspection tells of issuer and audience counts as in a JWT; if it names no issuer, it is its own.
3. A JWT that is well signed but expired, not yet valid, from a wrong issuer or for another audience is refused
   at once. One whose key or form is unknown here may still be known to Hydra: introspect.
4. The three `moltnet:` claims at the top, under `ext`, or else the agent that the OAuth2 client's metadata name.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
import structlog
from pydantic import ValidationError

from services.gateway.agents import AgentLookup
from services.gateway.key_ring import ISSUER_SERVER, KeyRing
from shared.contracts.principal import Principal
from shared.ory.hydra import Clients
from shared.ory.refusal import OryRefused
from shared.problems import Unauthorized, UpstreamError, unavailable

log = structlog.get_logger(__name__)

OPAQUE = ("ory_at_", "ory_ht_")
ALGORITHM = "RS256"
LEEWAY_SECONDS = 5
CLAIMS = ("identity_id", "public_key", "fingerprint")
REFUSED = "The access token is invalid or expired."

Asking = Callable[[], contextlib.AbstractAsyncContextManager[None]]
"""Surrounds a question to an Ory server about a credential: may refuse it, and sees whether it was any good."""


@dataclass(frozen=True)
class Trust:
    """Issuers whose tokens are taken (without a slash at the end), and for which audiences; none: for any.

    With audiences, a token that names none is refused, whichever form it has.
    """

    issuers: frozenset[str]
    audiences: frozenset[str] = frozenset()


class Authenticator:
    """Turns tokens into principals. Raises Unauthorized; a silent token server is a 503."""

    def __init__(self, keys: KeyRing, clients: Clients, agents: AgentLookup, trust: Trust) -> None:
        self._keys = keys
        self._clients = clients
        self._agents = agents
        self._trust = trust

    async def principal(self, token: str, asking: Asking = contextlib.nullcontext) -> Principal:
        claims = await self._claims(token, asking)
        client_id = claims.get("client_id") or claims.get("sub")
        if not isinstance(client_id, str) or not client_id:
            raise Unauthorized(REFUSED)
        agent = _agent_claims(claims) or await self._agent_of_client(client_id)
        try:
            return Principal(**agent, client_id=client_id, scopes=_scopes(claims))
        except (ValidationError, TypeError) as failure:
            raise Unauthorized(REFUSED) from failure

    async def _claims(self, token: str, asking: Asking) -> dict[str, Any]:
        if not token.startswith(OPAQUE) and len(parts := token.split(".")) == 3 and all(parts):
            verified = await self._verified(token)
            if verified is not None:
                return verified
        async with asking():
            return await self._introspected(token)

    async def _verified(self, token: str) -> dict[str, Any] | None:
        """The claims of a JWT of ours; None when this is no JWT that can be judged here."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            return None
        if header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
            return None
        key = await self._keys.key(header["kid"])
        if key is None:
            return None
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                leeway=LEEWAY_SECONDS,
                options={"verify_aud": False, "require": ["exp", "iss"]},
            )
        except jwt.InvalidSignatureError:
            return None
        except jwt.InvalidTokenError as failure:
            raise Unauthorized(REFUSED) from failure
        self._check_issuer(claims["iss"])
        self._check_audience(claims)
        return claims

    def _check_issuer(self, issuer: Any) -> None:
        if str(issuer).rstrip("/") not in self._trust.issuers:
            raise Unauthorized(REFUSED)

    def _check_audience(self, claims: dict[str, Any]) -> None:
        audience = claims.get("aud") or []
        audiences = {audience} if isinstance(audience, str) else set(audience)
        if self._trust.audiences and not audiences & self._trust.audiences:
            raise Unauthorized(REFUSED)

    async def _introspected(self, token: str) -> dict[str, Any]:
        try:
            answer = await self._clients.introspect(token)
        except OryRefused as failure:
            raise Unauthorized(REFUSED) from failure
        except UpstreamError as failure:
            raise unavailable(ISSUER_SERVER) from failure
        if not answer.get("active"):
            raise Unauthorized(REFUSED)
        if answer.get("iss"):
            self._check_issuer(answer["iss"])
        self._check_audience(answer)
        return answer

    async def _agent_of_client(self, client_id: str) -> dict[str, Any]:
        """Whom the client belongs to. The key is asked for: in the client's metadata it may be a former one (R-23)."""
        try:
            metadata = await self._clients.metadata(client_id)
        except OryRefused as failure:
            raise Unauthorized(REFUSED) from failure
        except UpstreamError as failure:
            raise unavailable(ISSUER_SERVER) from failure
        try:
            agent = await self._agents(UUID(str((metadata or {}).get("identity_id"))))
        except ValueError as failure:
            raise Unauthorized(REFUSED) from failure
        if agent is None:
            raise Unauthorized(REFUSED)
        return dict(agent)


def _agent_claims(claims: dict[str, Any]) -> dict[str, Any] | None:
    extra = claims.get("ext")
    for place in (claims, extra if isinstance(extra, dict) else {}):
        found = {name: place.get(f"moltnet:{name}") for name in CLAIMS}
        if all(isinstance(value, str | UUID) for value in found.values()):
            return found
    return None


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    scopes = claims.get("scope") or claims.get("scp") or []
    return frozenset(scopes.split() if isinstance(scopes, str) else map(str, scopes))


def bearer_token(header: str | None) -> str:
    """The token of an Authorization header. Raises Unauthorized saying what is wrong with it."""
    if not header:
        raise Unauthorized("The Authorization header is missing.")
    parts = header.split(" ")
    if len(parts) != 2 or not parts[1]:
        raise Unauthorized("The Authorization header is missing a token: Bearer <token>.")
    if parts[0] != "Bearer":
        raise Unauthorized("The Authorization scheme must be Bearer.")
    return parts[1]
