"""Health and readiness."""

import httpx

from local.agent import expect
from tests.e2e.answers import is_timestamp


async def test_the_door_says_that_it_is_open(http: httpx.AsyncClient) -> None:
    told = expect(await http.get("/health"), 200)
    assert list(told) == ["status", "timestamp"]
    assert told["status"] == "ok"
    assert is_timestamp(told["timestamp"])


async def test_readiness_names_every_component(http: httpx.AsyncClient) -> None:
    told = expect(await http.get("/health/ready"), 200)
    assert told["status"] == "ok"
    assert is_timestamp(told["timestamp"])
    assert {"database", "ory", "identity", "diary", "signing", "embedder"} <= set(told["components"])


async def test_each_component_tells_its_state_and_latency(http: httpx.AsyncClient) -> None:
    for component in expect(await http.get("/health/ready"), 200)["components"].values():
        assert component["status"] == "ok"
        assert isinstance(component["latencyMs"], int)
        assert set(component) <= {"status", "latencyMs", "error"}


async def test_health_is_never_counted_against_a_limit(http: httpx.AsyncClient) -> None:
    for path in ("/health", "/health?x=1", "/health/ready", "/problems", "/openapi.json"):
        assert "x-ratelimit-limit" not in (await http.get(path)).headers
