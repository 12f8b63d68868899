"""What surrounds every request and answer: headers, and what is told of it."""

from opentelemetry import trace
from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from shared.web.observed import Observed

HEALTH = frozenset({"/healthz", "/healthz/ready"})
ROUTES = frozenset({"/mcp", *HEALTH})
HEADERS = {
    "cache-control": "no-store",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


class Surroundings(Observed):
    tracer = trace.get_tracer("moltnet.mcp")
    unobserved = HEALTH

    def complete(self, headers: MutableHeaders, scope: Scope) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)

    def route(self, scope: Scope) -> str:
        return scope["path"] if scope["path"] in ROUTES else ""
