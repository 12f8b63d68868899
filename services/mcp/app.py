"""The HTTP application: the protocol's endpoint behind its door, metadata for clients, health."""

import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from mcp.server import MCPServer
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.mcp import health
from services.mcp.api import CALL_SECONDS
from services.mcp.door import PATH, Door, refusal
from services.mcp.server import TITLE, make_server
from services.mcp.settings import McpSettings, names
from services.mcp.surroundings import Surroundings
from shared.web.deadline import BodyDeadline

WELL_KNOWN = "/.well-known/oauth-protected-resource"
MAX_BODY_BYTES = 1_048_576
BODY_SECONDS = 30.0
HERE = ("127.0.0.1", "localhost", "[::1]")
ANY = "*"
SCOPES = [
    "diary:read",
    "diary:write",
    "diary:delete",
    "diary:share",
    "agent:profile",
    "agent:directory",
    "crypto:sign",
]


def create_app(settings: McpSettings) -> Starlette:
    http = httpx.AsyncClient(base_url=settings.api.rstrip("/"), timeout=CALL_SECONDS, trust_env=False)

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[Any]) -> AsyncIterator[None]:
        async with http:
            yield

    server = make_server(lifespan)
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=MAX_BODY_BYTES,
        transport_security=_transport_security(settings),
    )
    metadata_url, metadata = _metadata(settings)
    app.router.routes.extend([*metadata, *health.routes(http)])
    app.add_exception_handler(HTTPStatus.NOT_FOUND, _nothing_here)
    app.add_exception_handler(HTTPStatus.REQUEST_TIMEOUT, _too_slow)
    app.add_middleware(BodyDeadline, seconds=BODY_SECONDS)
    app.add_middleware(
        Door,
        http=http,
        metadata_url=metadata_url,
        pairs=settings.credentials_proxy,
        required=settings.auth_enabled,
    )
    app.add_middleware(Surroundings)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=names(settings.trusted_proxies))
    return app


def _transport_security(settings: McpSettings) -> TransportSecuritySettings:
    """Which Host and Origin headers are served: protection against DNS rebinding."""
    hosts = names(settings.allowed_hosts)
    if ANY in hosts:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    own = urlsplit(settings.resource)
    local = [name for host in HERE for name in (host, f"{host}:*")]
    origins = [f"http://{name}" for name in local] + [f"{own.scheme}://{own.netloc}"]
    return TransportSecuritySettings(
        allowed_hosts=[*local, own.netloc, *hosts],
        allowed_origins=[*origins, *names(settings.allowed_origins)],
    )


def _metadata(settings: McpSettings) -> tuple[str, list[Route]]:
    """Protected-resource metadata (RFC 9728), where its address, the endpoint's and the host's say it is."""
    resource = AnyHttpUrl(settings.resource)
    (own,) = create_protected_resource_routes(
        resource_url=resource,
        authorization_servers=[AnyHttpUrl(settings.issuer)],
        scopes_supported=SCOPES,
        resource_name=TITLE,
    )
    url = str(build_resource_metadata_url(resource))
    paths = {urlsplit(url).path, WELL_KNOWN, f"{WELL_KNOWN}{PATH}"}
    return url, [Route(path, own.endpoint, methods=["GET", "OPTIONS"]) for path in sorted(paths)]


async def _nothing_here(_: Request, __: Exception) -> Response:
    return refusal(HTTPStatus.NOT_FOUND, f"There is nothing at this path; the protocol is spoken at {PATH}.")


async def _too_slow(_: Request, __: Exception) -> Response:
    return refusal(HTTPStatus.REQUEST_TIMEOUT, "The request body did not arrive in time.")
