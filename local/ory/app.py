"""All parts put together into one application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from local.ory.checks import CheckRoutes
from local.ory.client_store import ClientStore
from local.ory.clients import ClientRoutes
from local.ory.database import Database
from local.ory.discovery import DiscoveryRoutes
from local.ory.errors import FlatError, NestedError, StoreUnavailableError, failure
from local.ory.identities import IdentityRoutes
from local.ory.introspection import IntrospectionRoutes
from local.ory.keys import KeyRoutes, KeyStore
from local.ory.permissions import Permissions
from local.ory.recovery import RecoveryRoutes
from local.ory.sessions import SessionRoutes
from local.ory.settings import Settings
from local.ory.token_hook import TokenHook
from local.ory.token_store import TokenStore
from local.ory.tokens import TokenIssuer, TokenPolicy, TokenRoutes
from local.ory.tuple_store import TupleStore
from local.ory.tuples import TupleRoutes


def build_app(settings: Settings) -> Starlette:
    """The application; it opens its database when it is started, and waits for it then."""
    database = Database(settings.database_url.get_secret_value())
    keys = KeyStore(database)
    http = httpx.AsyncClient(trust_env=False)  # the hook is on this machine, never behind a proxy

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await database.open()
        await keys.ensure_published_sets()
        async with http:
            yield
        await database.close()

    routes = [
        *_keto_routes(database, strict=settings.keto_strict),
        *_hydra_routes(settings, database, keys, _token_hook(settings, http)),
        *_kratos_routes(settings, database),
        *DiscoveryRoutes(database, settings.base_url).routes(),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=_EXCEPTION_HANDLERS)


def _keto_routes(database: Database, *, strict: bool) -> list[BaseRoute]:
    store = TupleStore(database)
    return [*CheckRoutes(Permissions(store, strict=strict)).routes(), *TupleRoutes(store).routes()]


def _hydra_routes(
    settings: Settings, database: Database, keys: KeyStore, hook: TokenHook | None
) -> list[BaseRoute]:
    issuer = settings.base_url
    clients, tokens = ClientStore(database), TokenStore(database)
    policy = TokenPolicy(issuer, timedelta(seconds=settings.access_token_ttl), settings.access_token_strategy)
    return [
        *TokenRoutes(clients, TokenIssuer(policy, keys, tokens, hook)).routes(),
        *IntrospectionRoutes(tokens, clients, issuer).routes(),
        *ClientRoutes(clients, issuer).routes(),
        *KeyRoutes(keys).routes(),
    ]


def _kratos_routes(settings: Settings, database: Database) -> list[BaseRoute]:
    base_url = settings.base_url.rstrip("/")
    return [
        *IdentityRoutes(database, base_url).routes(),
        *RecoveryRoutes(database, base_url).routes(),
        *SessionRoutes(database, base_url).routes(),
    ]


def _token_hook(settings: Settings, http: httpx.AsyncClient) -> TokenHook | None:
    if not settings.token_hook_url or settings.action_api_key is None:
        return None
    return TokenHook(http, settings.token_hook_url, settings.action_api_key.get_secret_value())


async def _known_failure(_: Request, error: Exception) -> Response:
    if not isinstance(error, (NestedError, FlatError)):
        raise error
    return JSONResponse(error.body(), error.status)


async def _http_failure(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return failure(request, error.status_code, error.detail)


async def _store_failure(request: Request, _: Exception) -> Response:
    return failure(request, 503, "The store cannot be reached.")


async def _data_failure(request: Request, _: Exception) -> Response:
    return failure(request, 400, "A value cannot be stored, such as a text with a NUL character.")


async def _bug(request: Request, _: Exception) -> Response:
    return failure(request, 500, "An unexpected error occurred; the log tells more.")


_EXCEPTION_HANDLERS: dict[Any, Callable[[Request, Exception], Any]] = {
    NestedError: _known_failure,
    FlatError: _known_failure,
    HTTPException: _http_failure,
    StoreUnavailableError: _store_failure,
    asyncpg.DataError: _data_failure,
    UnicodeEncodeError: _data_failure,
    Exception: _bug,
}
