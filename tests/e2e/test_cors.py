"""Pages of allowed origins may read answers; all others get an ordinary answer, and no permission (ruling R-14)."""

import httpx
import pytest

from local.agent import Agent

ALLOWED = "http://localhost:3000"
FOREIGN = ["https://evil.example", "null", "http://localhost:3000.evil.example", "", "http://LOCALHOST:3000"]


async def test_an_allowed_origin_may_read_the_answer(resident: Agent) -> None:
    headers = (await resident.http.get("/diaries", headers={**resident.auth, "origin": ALLOWED})).headers
    assert headers["access-control-allow-origin"] == ALLOWED
    assert headers["access-control-allow-credentials"] == "true"
    exposed = headers["access-control-expose-headers"].lower()
    assert {"x-request-id", "retry-after", "location"} <= set(exposed.replace(" ", "").split(","))
    assert "origin" in headers["vary"].lower()


async def test_a_refusal_may_be_read_as_well(http: httpx.AsyncClient) -> None:
    response = await http.get("/diaries", headers={"origin": ALLOWED})
    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == ALLOWED


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_is_answered_without_permission(http: httpx.AsyncClient, origin: str) -> None:
    response = await http.get("/problems", headers={"origin": origin})
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control-")]
    assert "origin" in response.headers["vary"].lower()


async def _preflight(http: httpx.AsyncClient, origin: str, method: str = "POST") -> httpx.Response:
    return await http.options(
        "/diaries",
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,idempotency-key",
        },
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_a_preflight_of_an_allowed_origin_is_granted(http: httpx.AsyncClient, method: str) -> None:
    response = await _preflight(http, ALLOWED, method)
    assert (response.status_code, response.content) == (204, b"")
    headers = response.headers
    assert headers["access-control-allow-origin"] == ALLOWED
    assert method in headers["access-control-allow-methods"]
    assert "idempotency-key" in headers["access-control-allow-headers"].lower()
    assert headers["access-control-max-age"] == "3600"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_preflight_of_a_foreign_origin_is_no_error_and_grants_nothing(
    http: httpx.AsyncClient, origin: str
) -> None:
    response = await _preflight(http, origin)
    assert response.status_code < 500
    assert not [name for name in response.headers if name.startswith("access-control-")]
