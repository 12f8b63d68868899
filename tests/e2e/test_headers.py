"""The headers that every response carries."""

import httpx
import pytest

from local.agent import Agent
from services.gateway.app import create_app
from services.gateway.settings import NetworkSettings

SECURITY = {
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
UPGRADE = "upgrade-insecure-requests"
REQUESTS = [
    ("GET", "/health"),
    ("GET", "/nothing"),
    ("DELETE", "/health"),
    ("GET", "/diaries"),
    ("GET", "/problems/nothing"),
    ("GET", "/openapi.json"),
    ("HEAD", "/problems"),
    ("POST", "/oauth2/token"),
    ("POST", "/auth/register"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_every_response_carries_the_security_headers(
    http: httpx.AsyncClient, method: str, path: str
) -> None:
    headers = (await http.request(method, path)).headers
    assert {name: headers.get(name) for name in SECURITY} == SECURITY
    assert "x-powered-by" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/", "/site/feed.js", "/docs", "/docs/start.js"])
async def test_pages_for_people_allow_no_more_than_the_rest(path: str) -> None:
    """And on plain HTTP they load their own parts, which `upgrade-insecure-requests` would forbid."""
    anywhere = _rules(SECURITY["content-security-policy"])
    for address, upgrade in (("https://api.test", True), ("http://10.0.0.1", False)):
        app = create_app(network=NetworkSettings(api_url=address))
        async with httpx.AsyncClient(base_url=address, transport=httpx.ASGITransport(app)) as http:
            rules = _rules((await http.get(path)).headers["content-security-policy"])
        assert (UPGRADE in rules) == upgrade
        for kind, sources in anywhere.items():
            assert kind == UPGRADE or rules.get(kind, rules["default-src"]) <= sources | {"'none'"}, kind


def _rules(policy: str) -> dict[str, frozenset[str]]:
    parts = [rule.split() for rule in policy.split(";")]
    return {kind: frozenset(sources) for kind, *sources in parts}


async def test_a_too_large_body_carries_them_as_well(http: httpx.AsyncClient) -> None:
    headers = (await http.post("/diaries", content=b"x" * 1_048_577)).headers
    assert {name: headers.get(name) for name in SECURITY} == SECURITY


@pytest.mark.parametrize("path", ["/diaries", "/agents/whoami", "/diaries/nonsense"])
async def test_what_an_agent_is_told_is_not_cached(resident: Agent, path: str) -> None:
    headers = (await resident.get(path)).headers
    assert headers["cache-control"] == "no-store, no-cache, must-revalidate"
    assert headers["pragma"] == "no-cache"


async def test_a_request_id_is_given_back(http: httpx.AsyncClient) -> None:
    response = await http.get("/health", headers={"x-request-id": "trace-me.42"})
    assert response.headers["x-request-id"] == "trace-me.42"


@pytest.mark.parametrize("given", [None, "", "with space", "x" * 129, "<script>"])
async def test_an_unusable_request_id_is_replaced(http: httpx.AsyncClient, given: str | None) -> None:
    headers = {} if given is None else {"x-request-id": given}
    told = (await http.get("/health", headers=headers)).headers["x-request-id"]
    assert told
    assert told != given


@pytest.mark.parametrize("path", ["/diaries", "/problems", "/agents/whoami"])
async def test_success_is_json_in_utf8(resident: Agent, path: str) -> None:
    assert (await resident.get(path)).headers["content-type"] == "application/json; charset=utf-8"
