"""Who may speak to `/mcp`, as plain ASGI: credentials become a caller, or the request is refused.

A bearer token is shown to the API once a minute, so that a client learns of a dead one by a 401, as MCP's
authorization asks for. What a caller may do is decided by the API, call by call.
"""

import time
from http import HTTPStatus

import httpx
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.mcp.api import Api, Caller, current
from services.mcp.credentials import ClientPair, Recent, Tokens, fingerprint_of
from shared.problems import Problem, RateLimitExceeded, Unauthorized, UpstreamError

CLIENT_ID = "x-client-id"
CLIENT_SECRET = "x-client-secret"  # noqa: S105 - a header's name
PATH = "/mcp"
WHO = "/crypto/identity"
KNOWN_SECONDS = 60.0
MAX_TOKENS = 5_000
VALID = (httpx.codes.OK, httpx.codes.FORBIDDEN)
"""Forbidden: the token holds, for other things than telling who its owner is."""

CODES = {
    HTTPStatus.UNAUTHORIZED: "UNAUTHORIZED",
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMITED",
    HTTPStatus.BAD_GATEWAY: "BAD_GATEWAY",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
}


def refusal(status: HTTPStatus, message: str, headers: dict[str, str] | None = None) -> Response:
    """The form in which a request is refused before it is a message of the protocol."""
    return JSONResponse({"error": CODES[status], "message": message}, status, headers)


class BearerTokens:
    """Which bearer tokens the API accepts."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._known_until: Recent[float] = Recent(MAX_TOKENS)

    async def check(self, caller: Caller, token: str) -> None:
        """Raises Unauthorized for a token that does not hold, UpstreamError when there is no telling."""
        key = fingerprint_of(token)
        if (self._known_until.get(key) or 0) > time.monotonic():
            return
        try:
            answer = await self._http.get(
                WHO,
                headers={
                    "authorization": f"Bearer {token}",
                    "x-forwarded-for": caller.address,
                    "x-request-id": caller.request_id,
                },
            )
        except httpx.HTTPError as failure:
            raise UpstreamError("The MoltNet API cannot be reached.", retry_after=2) from failure
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise Unauthorized("The access token is not valid, or no longer.")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise RateLimitExceeded("Too many requests.", retry_after=int(answer.headers["retry-after"]))
        if answer.status_code not in VALID:
            raise UpstreamError(f"The MoltNet API answered with {answer.status_code}.", retry_after=2)
        self._known_until.put(key, time.monotonic() + KNOWN_SECONDS)


class Door:
    """In front of the protocol's endpoint; everything else passes."""

    def __init__(
        self,
        app: ASGIApp,
        http: httpx.AsyncClient,
        metadata_url: str,
        *,
        pairs: bool,
        required: bool,
    ) -> None:
        self._app = app
        self._http = http
        self._tokens = Tokens(http)
        self._bearers = BearerTokens(http)
        self._metadata_url = metadata_url
        self._pairs = pairs
        self._required = required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            return await self._app(scope, receive, send)
        if scope["method"] != "POST":
            message = "The server keeps no sessions and opens no streams: send a POST."
            refused = refusal(HTTPStatus.METHOD_NOT_ALLOWED, message, {"allow": "POST"})
            return await refused(scope, receive, send)
        try:
            caller = await self._admit(scope)
        except Problem as problem:
            return await self._refused(problem)(scope, receive, send)
        bound = current.set(Api(self._http, self._tokens, caller))
        try:
            await self._app(scope, receive, send)
        finally:
            current.reset(bound)

    async def _admit(self, scope: Scope) -> Caller:
        """The caller with credentials that hold, or without any."""
        headers = Headers(scope=scope)
        address = scope["client"][0] if scope["client"] else "unknown"
        caller = Caller(address, scope["state"]["request_id"])
        authorization = headers.get("authorization")
        if authorization is not None:
            token = _bearer(authorization)
            await self._bearers.check(caller, token)
            return Caller(caller.address, caller.request_id, bearer=token)
        pair = self._pair(headers)
        if pair is not None:
            await self._tokens.token(pair, caller.address)
            return Caller(caller.address, caller.request_id, pair=pair)
        if self._required:
            raise Unauthorized("Send X-Client-Id and X-Client-Secret, or a bearer token.")
        return caller

    def _pair(self, headers: Headers) -> ClientPair | None:
        client_id, secret = headers.get(CLIENT_ID), headers.get(CLIENT_SECRET)
        return ClientPair(client_id, secret) if self._pairs and client_id and secret else None

    def _refused(self, problem: Problem) -> Response:
        headers = {"retry-after": str(problem.retry_after)} if problem.retry_after is not None else {}
        if isinstance(problem, Unauthorized):
            headers["www-authenticate"] = self._challenge(problem)
        return refusal(HTTPStatus(problem.kind.status), problem.detail, headers)

    def _challenge(self, problem: Unauthorized) -> str:
        """RFC 9728 section 5.1."""
        return (
            f'Bearer error="invalid_token", error_description="{problem.detail}", '
            f'resource_metadata="{self._metadata_url}"'
        )


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token:
        raise Unauthorized("The Authorization header must be: Bearer, a space, and an access token.")
    return token
