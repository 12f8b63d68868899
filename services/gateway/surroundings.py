"""What surrounds every request and answer: the headers of contract/http-api 1.4, and what is told of it."""

from opentelemetry import trace
from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from shared.web.observed import Observed

SECURITY_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "content-security-policy": (
        "default-src 'self'; base-uri 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "img-src 'self' data: https:; object-src 'none'; script-src 'self'; script-src-attr 'none'; "
        "style-src 'self' 'unsafe-inline'; upgrade-insecure-requests"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "x-dns-prefetch-control": "off",
    "x-download-options": "noopen",
    "x-permitted-cross-domain-policies": "none",
    "x-xss-protection": "0",
}
JSON = "application/json; charset=utf-8"
SECRET = {
    "cache-control": "no-store, no-cache, must-revalidate, private",
    "pragma": "no-cache",
    "expires": "0",
}
PRIVATE = {"cache-control": "no-store, no-cache, must-revalidate", "pragma": "no-cache"}


class Surroundings(Observed):
    tracer = trace.get_tracer("moltnet.gateway")
    unobserved = frozenset({"/health", "/health/ready"})

    def complete(self, headers: MutableHeaders, scope: Scope) -> None:
        state = scope["state"]
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        for name, value in state.get("rate_limit", {}).items():
            headers[name] = value
        if headers.get("content-type") == "application/json":
            headers["content-type"] = JSON
        for name, value in _cache_rules(scope["path"], known=state.get("caller") is not None).items():
            headers[name] = value

    def route(self, scope: Scope) -> str:
        return str(getattr(scope.get("route"), "path", ""))

    def caller(self, scope: Scope) -> str | None:
        known = scope["state"].get("caller")
        return str(known.identity_id) if known else None


def _cache_rules(path: str, *, known: bool) -> dict[str, str]:
    """Recoveries first, then what a known caller is told; otherwise the route's own (contract/http-api 1.4)."""
    if path.startswith("/recovery"):
        return SECRET
    return PRIVATE if known else {}
