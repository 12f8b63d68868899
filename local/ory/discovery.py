"""Where to find what: OpenID Connect Discovery 1.0 and health."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local.ory.database import Database
from local.ory.errors import StoreUnavailableError
from local.ory.keys import ALGORITHM
from local.ory.wire import Utf8JSONResponse


class DiscoveryRoutes:
    """The discovery document, and whether the stand-in is alive and ready.

    The document names the two endpoints of other grants because clients require them; they are not served.
    """

    def __init__(self, database: Database, issuer: str) -> None:
        self._database = database
        self._issuer = issuer

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/.well-known/openid-configuration", self._configuration, methods=["GET"]),
            Route("/health/alive", self._alive, methods=["GET"]),
            Route("/health/ready", self._ready, methods=["GET"]),
        ]

    async def _configuration(self, _: Request) -> Response:
        base = self._issuer.rstrip("/")
        document = {
            "issuer": self._issuer,
            "authorization_endpoint": f"{base}/oauth2/auth",
            "device_authorization_endpoint": f"{base}/oauth2/device/auth",
            "token_endpoint": f"{base}/oauth2/token",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "id_token_signed_response_alg": [ALGORITHM],
            "userinfo_signed_response_alg": [ALGORITHM],
        }
        return JSONResponse(document)

    async def _alive(self, _: Request) -> Response:
        return Utf8JSONResponse({"status": "ok"})

    async def _ready(self, _: Request) -> Response:
        try:
            await self._database.value("SELECT 1")
        except StoreUnavailableError:
            return JSONResponse({"errors": {"database": "Postgres cannot be reached"}}, 503)
        return Utf8JSONResponse({"status": "ok"})
