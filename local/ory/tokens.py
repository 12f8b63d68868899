"""Hydra's token endpoint, for the client_credentials grant (RFC 6749, section 4.4)."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local.ory.client_auth import authenticate
from local.ory.client_model import Client
from local.ory.client_store import ClientStore, StoredClient
from local.ory.errors import FlatError
from local.ory.grant import Grant
from local.ory.keys import ACCESS_TOKEN_SET, ALGORITHM, KeyStore
from local.ory.settings import AccessTokenStrategy
from local.ory.token_hook import TokenHook
from local.ory.token_store import TokenStore
from local.ory.wire import Form, first, form_body, parse_duration

GRANT_TYPE = "client_credentials"


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """What the server itself decides about tokens."""

    issuer: str
    lifespan: timedelta
    strategy: AccessTokenStrategy


class TokenIssuer:
    """Makes access tokens of grants, and keeps them for introspection."""

    def __init__(
        self, policy: TokenPolicy, keys: KeyStore, tokens: TokenStore, hook: TokenHook | None
    ) -> None:
        self.policy = policy
        self._keys = keys
        self._tokens = tokens
        self._hook = hook

    async def issue(self, grant: Grant, client: Client) -> str:
        """An access token with the hook's claims.

        Raises:
            FlatError: the hook refused or failed, or the client may not use this grant; in that order.
        """
        kid, key = await self._keys.signing_key(ACCESS_TOKEN_SET)
        ext = await self._hook.claims(grant, self.policy.issuer, kid) if self._hook else {}
        if GRANT_TYPE not in client.grant_types:
            description = f"The OAuth 2.0 Client is not allowed to use authorization grant '{GRANT_TYPE}'."
            raise FlatError(400, "unauthorized_client", description)
        if (client.access_token_strategy or self.policy.strategy) == "opaque":
            token = f"ory_at_{secrets.token_urlsafe(32)}.{secrets.token_urlsafe(32)}"
        else:
            claims = grant.claims(self.policy.issuer, str(uuid4()), ext)
            token = jwt.encode(claims, key, ALGORITHM, headers={"kid": kid})
        await self._tokens.add(token, grant, ext)
        return token


class TokenRoutes:
    """The token endpoint."""

    def __init__(self, clients: ClientStore, issuer: TokenIssuer) -> None:
        self._clients = clients
        self._issuer = issuer

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [Route("/oauth2/token", self._token, methods=["POST"])]

    async def _token(self, request: Request) -> Response:
        form = await form_body(request)
        if first(form, "grant_type") != GRANT_TYPE:
            description = "The POST body is empty, or grant_type is missing or not supported."
            raise FlatError(400, "invalid_request", description)
        stored = await authenticate(request, form, self._clients)
        if not stored.client.has_secret:
            raise FlatError(400, "invalid_grant", "The OAuth 2.0 Client is public.")
        grant = _grant(stored, form, self._issuer.policy.lifespan)
        token = await self._issuer.issue(grant, stored.client)
        answer = {
            "access_token": token,
            "expires_in": int((grant.expires_at - datetime.now(UTC)).total_seconds()),
            "scope": " ".join(grant.scopes),
            "token_type": "bearer",
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _grant(stored: StoredClient, form: Form, lifespan: timedelta) -> Grant:
    requested = tuple(dict.fromkeys(first(form, "scope").split()))
    for scope in requested:
        if scope not in stored.client.scopes:
            description = f"The OAuth 2.0 Client is not allowed to request scope '{scope}'."
            raise FlatError(400, "invalid_scope", description)
    now = datetime.now(UTC)
    own_lifespan = stored.client.client_credentials_grant_access_token_lifespan
    return Grant(
        client_id=stored.id,
        requested_scopes=requested,
        scopes=requested or tuple(stored.client.scopes),
        audience=_audience(stored.client, form),
        payload=_payload(form),
        issued_at=now,
        expires_at=now + (parse_duration(own_lifespan) if own_lifespan else lifespan),
    )


def _audience(client: Client, form: Form) -> tuple[str, ...]:
    """The audience asked for, whether separated by spaces or in fields of its own."""
    requested = [audience for value in form.get("audience", []) for audience in value.split()]
    for audience in requested:
        if audience not in client.audience:
            description = f"Requested audience '{audience}' has not been whitelisted by the OAuth 2.0 Client."
            raise FlatError(400, "invalid_request", description)
    return tuple(dict.fromkeys(requested))


def _payload(form: Form) -> dict[str, Any]:
    return {name: values for name, values in form.items() if name != "client_secret"}
