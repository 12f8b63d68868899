"""Which pages of other origins may read answers (contract/http-api 1.5)."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Send

NO_CONTENT = 204
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REQUEST_HEADERS = (
    "Content-Type",
    "Authorization",
    "X-Request-ID",
    "X-Correlation-ID",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-Session-Token",
)
EXPOSED_HEADERS = (
    "X-Request-ID",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Location",
    "Idempotency-Replayed",
)
PREFLIGHT_SECONDS = 3600


class Cors(CORSMiddleware):
    """Exact origins only. A foreign one is answered like any other request, without the headers that allow."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        super().__init__(
            app,
            allow_origins=sorted(origins - {"*"}),
            allow_credentials=True,
            allow_methods=METHODS,
            allow_headers=REQUEST_HEADERS,
            expose_headers=EXPOSED_HEADERS,
            max_age=PREFLIGHT_SECONDS,
        )

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        allowed = self.is_allowed_origin(request_headers.get("origin", ""))
        if allowed or message["type"] != "http.response.start":
            return await super().send(message, send, request_headers)
        MutableHeaders(scope=message).add_vary_header("Origin")
        return await send(message)

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code >= 400:
            return Response(status_code=NO_CONTENT, headers={"vary": "Origin"})
        allowed = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return Response(status_code=NO_CONTENT, headers=allowed)
