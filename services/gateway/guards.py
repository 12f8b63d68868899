"""What happens before a route does its work: authentication, rate limits, validation, scope (ruling A-01).

A router is made by one of the `open_to_...` functions, which says who may enter. A route names with
`openapi_extra=rules(...)` the scope that a token needs for it, and its bucket when it is not the global one.
"""

import functools
import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer

from services.gateway.authentication import bearer_token
from services.gateway.parts import Parts
from services.gateway.rate_limits import Bucket
from shared.contracts.principal import Principal
from shared.contracts.scopes import Scope
from shared.problems import Forbidden, Unauthorized, UnsupportedMediaType

BUCKET = "x-moltnet-bucket"
SCOPE = "x-moltnet-scope"
HOOK_KEY_HEADER = "x-ory-api-key"
JSON = "application/json"
NO_CREDENTIALS: dict[str, list[str]] = {}
"""As an alternative to the security requirements that FastAPI finds (OpenAPI 3.1, 4.8.30)."""
DOCUMENTED = HTTPBearer(auto_error=False, scheme_name="bearerAuth", bearerFormat="JWT")
"""Only tells the OpenAPI page that a token belongs here; the route class does the work."""
SESSION_HEADER = "x-session-token"
SESSION_DOCUMENTED = APIKeyHeader(name="X-Session-Token", auto_error=False, scheme_name="recoverySession")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def rules(scope: Scope | None = None, *, bucket: Bucket = Bucket.GLOBAL) -> dict[str, Any]:
    """Route argument `openapi_extra`. Without a scope any valid token is good enough."""
    return {BUCKET: bucket.value, SCOPE: scope and scope.value}


class _GuardedRoute(APIRoute):
    """Admits anyone. Subclasses say who else."""

    async def identify(self, request: Request, parts: Parts) -> Principal | None:
        return None

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        told = self.openapi_extra or {}
        limit, scope = Bucket(told.get(BUCKET, Bucket.GLOBAL)), told.get(SCOPE)
        refuse = self._refusing(scope) if scope else handle

        async def guarded(request: Request) -> Response:
            parts: Parts = request.app.state.parts
            caller = await self._identified(request, parts)
            request.state.caller = caller
            await parts.rate_limits.count(request, limit, caller)
            if self.body_field is not None:
                _require_json(request)
            lacking = scope and caller and parts.enforce_scopes and not _allows(caller, scope)
            return await (refuse if lacking else handle)(request)

        return guarded

    def _refusing(self, scope: str) -> Handler:
        """For tokens without the scope: reads the request as the route does, and ends where its work would begin."""

        @functools.wraps(self.endpoint)
        async def refuse(**_: Any) -> Response:
            raise Forbidden(f"The access token lacks the scope {scope}.")

        route = APIRoute(self.path, refuse, dependencies=self.dependencies, response_model=None)
        return route.get_route_handler()

    async def _identified(self, request: Request, parts: Parts) -> Principal | None:
        """Whoever fails to prove who they are is counted by address: guessing is not free."""
        try:
            return await self.identify(request, parts)
        except Unauthorized:
            await parts.rate_limits.count(request, Bucket.GLOBAL, None)
            raise


def _allows(caller: Principal, scope: str) -> bool:
    """A token without any scope stands for all that its client has."""
    return not caller.scopes or scope in caller.scopes


def _require_json(request: Request) -> None:
    if not request.headers.get("content-type") and request.headers.get("content-length", "0") == "0":
        return  # no body at all: the route says what is missing
    kind = request.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
    if kind != JSON and not kind.endswith("+json"):
        raise UnsupportedMediaType(f"This route takes {JSON}, not {kind[:100]}.")


class _HookRoute(_GuardedRoute):
    """For the Ory servers: the shared key comes before anything else, and nothing is counted."""

    async def identify(self, request: Request, parts: Parts) -> Principal | None:
        given = request.headers.get(HOOK_KEY_HEADER, "").encode()
        if not hmac.compare_digest(given, parts.hook_key.get_secret_value().encode()):
            raise Unauthorized("The webhook key is missing or wrong.")
        return None


class _TokenRequiredRoute(_GuardedRoute):
    async def identify(self, request: Request, parts: Parts) -> Principal | None:
        return await _of_token(request, parts)


class _TokenOptionalRoute(_GuardedRoute):
    def __init__(self, *arguments: Any, openapi_extra: dict[str, Any] | None = None, **options: Any) -> None:
        documented = {**(openapi_extra or {}), "security": [NO_CREDENTIALS]}
        super().__init__(*arguments, openapi_extra=documented, **options)

    async def identify(self, request: Request, parts: Parts) -> Principal | None:
        if "authorization" not in request.headers:
            return None
        try:
            return await _of_token(request, parts)
        except Unauthorized:
            return None


class _SessionRoute(_GuardedRoute):
    """For who has just recovered its account at the identity server."""

    async def identify(self, request: Request, parts: Parts) -> Principal | None:
        return await _of_session(request, parts)


class _OutcomeRoute(_TokenOptionalRoute):
    """For whoever sent a command: with a token, a fresh session of a recovery, or neither."""

    async def identify(self, request: Request, parts: Parts) -> Principal | None:
        if "authorization" in request.headers or SESSION_HEADER not in request.headers:
            return await super().identify(request, parts)
        try:
            return await _of_session(request, parts)
        except Unauthorized:
            return None


async def _of_token(request: Request, parts: Parts) -> Principal:
    token = bearer_token(request.headers.get("authorization"))
    return await parts.authenticator.principal(token, functools.partial(parts.rate_limits.asking, request))


async def _of_session(request: Request, parts: Parts) -> Principal:
    token = request.headers.get(SESSION_HEADER, "")
    return await parts.recovery_sessions.principal(
        token, functools.partial(parts.rate_limits.asking, request)
    )


def open_to_anyone(tag: str) -> APIRouter:
    return APIRouter(route_class=_GuardedRoute, tags=[tag])


def open_to_agents(tag: str) -> APIRouter:
    """A token is required."""
    return APIRouter(route_class=_TokenRequiredRoute, tags=[tag], dependencies=[Depends(DOCUMENTED)])


def open_to_ory(tag: str) -> APIRouter:
    return APIRouter(route_class=_HookRoute, tags=[tag], include_in_schema=False)


def open_to_readers(tag: str) -> APIRouter:
    """A token is used if it is valid; otherwise the caller is anonymous."""
    return APIRouter(route_class=_TokenOptionalRoute, tags=[tag], dependencies=[Depends(DOCUMENTED)])


def open_to_senders(tag: str) -> APIRouter:
    """Whoever sent a command: with a token, with the session of a recovery, or as anyone."""
    return APIRouter(
        route_class=_OutcomeRoute, tags=[tag], dependencies=[Depends(DOCUMENTED), Depends(SESSION_DOCUMENTED)]
    )


def open_to_recovered(tag: str) -> APIRouter:
    """A fresh session of the identity server is required, begun with a recovery code."""
    return APIRouter(route_class=_SessionRoute, tags=[tag], dependencies=[Depends(SESSION_DOCUMENTED)])


def _caller(request: Request) -> Principal:
    caller: Principal | None = request.state.caller
    if caller is None:
        raise Unauthorized("This needs an access token.")
    return caller


def _reader(request: Request) -> Principal | None:
    caller: Principal | None = request.state.caller
    return caller


Caller = Annotated[Principal, Depends(_caller)]
Reader = Annotated[Principal | None, Depends(_reader)]
