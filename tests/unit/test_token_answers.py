"""What the token server says is passed on as it is, as long as it says something that a client can read."""

from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest

from services.gateway.app import create_app
from services.gateway.rate_limits import RateLimits
from services.gateway.settings import RateLimitSettings
from shared.problems import UpstreamError
from tests.e2e.answers import expect_problem

FORM = {"grant_type": "client_credentials", "client_id": "agent", "client_secret": "secret"}
Said = Callable[[httpx.Request], httpx.Response]


async def _asked(said: Said) -> httpx.Response:
    """The gateway's answer when the token server says this."""
    app = create_app()
    gateway = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(said)) as upstream,
        httpx.AsyncClient(base_url="http://gateway", transport=gateway) as http,
    ):
        app.state.parts = SimpleNamespace(
            rate_limits=RateLimits(RateLimitSettings()), http=upstream, hydra_public="http://token-server"
        )
        return await http.post("/oauth2/token", data=FORM)


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 503])
async def test_status_and_json_are_passed_on(status: int) -> None:
    told = {"error": "server_error", "error_description": "Try later.", "more": [1, None]}
    answer = await _asked(lambda _: httpx.Response(status, json=told))
    assert (answer.status_code, answer.json()) == (status, told)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert "no-store" in answer.headers["cache-control"]


async def test_the_fields_reach_it_unchanged() -> None:
    asked: list[httpx.Request] = []

    def noted(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    await _asked(noted)
    assert dict(httpx.QueryParams(asked[0].content.decode())) == FORM


@pytest.mark.parametrize("status", [200, 401, 503])
@pytest.mark.parametrize("body", ["", "<html>Bad gateway</html>", "\xff"])
async def test_what_is_no_json_is_told_as_a_problem(status: int, body: str) -> None:
    answer = await _asked(lambda _: httpx.Response(status, content=body.encode("latin-1")))
    problem = expect_problem(answer, UpstreamError)
    assert problem["retryAfter"] == int(answer.headers["retry-after"])


async def test_a_server_that_cannot_be_reached_is_told_as_a_problem() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    expect_problem(await _asked(away), UpstreamError)
