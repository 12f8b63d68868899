"""What becomes of a token: introspection (RFC 7662), revocation (RFC 7009), and ending all of a client's."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local.ory.client_auth import authenticate
from local.ory.client_store import ClientStore
from local.ory.errors import FlatError
from local.ory.token_store import IssuedToken, TokenStore
from local.ory.wire import first, form_body


class IntrospectionRoutes:
    """Asks about and ends tokens."""

    def __init__(self, tokens: TokenStore, clients: ClientStore, issuer: str) -> None:
        self._tokens = tokens
        self._clients = clients
        self._issuer = issuer

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/admin/oauth2/introspect", self._introspect, methods=["POST"]),
            Route("/admin/oauth2/tokens", self._end_all, methods=["DELETE"]),
            Route("/oauth2/revoke", self._revoke, methods=["POST"]),
        ]

    async def _introspect(self, request: Request) -> Response:
        form = await form_body(request)
        if not form:
            raise FlatError(400, "invalid_request", "The POST body can not be empty.")
        issued = await self._tokens.find(first(form, "token"))
        if issued is None or not set(first(form, "scope").split()) <= set(issued.scopes):
            return JSONResponse({"active": False})
        return JSONResponse(self._active(issued))

    def _active(self, issued: IssuedToken) -> dict[str, Any]:
        issued_at = int(issued.issued_at.timestamp())
        answer: dict[str, Any] = {
            "active": True,
            "client_id": issued.client_id,
            "sub": issued.client_id,
            "exp": int(issued.expires_at.timestamp()),
            "iat": issued_at,
            "nbf": issued_at,
            "aud": issued.audience,
            "iss": self._issuer,
            "token_type": "Bearer",
            "token_use": "access_token",
        }
        optional = {"scope": " ".join(issued.scopes), "ext": issued.ext}
        return answer | {name: value for name, value in optional.items() if value}

    async def _revoke(self, request: Request) -> Response:
        form = await form_body(request)
        stored = await authenticate(request, form, self._clients)
        token = first(form, "token")
        issued = await self._tokens.find(token)
        if issued is not None and issued.client_id != stored.id:
            raise FlatError(400, "unauthorized_client", "The token was issued to another client.")
        await self._tokens.end(token)
        return Response(status_code=200)

    async def _end_all(self, request: Request) -> Response:
        client_id = request.query_params.get("client_id")
        if not client_id:
            raise FlatError(400, "invalid_request", "Query parameter 'client_id' is not defined.")
        await self._tokens.end_all(client_id)
        return Response(status_code=204)
