"""What a probe finds is told in safe categories."""

import asyncio

import httpx
import pytest

from services.gateway.readiness import ask_ory
from shared.problems import unavailable
from shared.service import probe


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={}), None),
        (httpx.Response(500), "http_500"),
        (httpx.Response(404), "http_404"),
        (httpx.ReadTimeout("the secret address did not answer"), "timeout"),
        (httpx.ConnectError("the secret address refused"), "connection_failed"),
    ],
)
async def test_the_token_servers_failures_are_told_apart(
    answer: httpx.Response | Exception, error: str | None
) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        found = await probe(lambda: ask_ory(http, "http://ory.test"))
    assert asked == ["/.well-known/openid-configuration"]
    assert (found.status, found.error) == ("error" if error else "ok", error)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (TimeoutError(), "timeout"),
        (unavailable("database"), "unavailable"),
        (OSError("x"), "connection_failed"),
    ],
)
async def test_a_failure_is_told_by_its_kind(failure: Exception, error: str) -> None:
    async def fails() -> None:
        raise failure

    found = await probe(fails)
    assert (found.status, found.error) == ("error", error)


async def _hangs() -> None:
    await asyncio.Event().wait()


async def test_a_probe_that_hangs_is_given_up() -> None:
    found = await probe(_hangs, seconds=0.01)
    assert found.error == "timeout"
