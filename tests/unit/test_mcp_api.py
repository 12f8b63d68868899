"""How the MCP server speaks to the API: what it passes on, and how it goes on when something breaks."""

import httpx
import pytest

from services.mcp.api import Api, Caller
from services.mcp.credentials import ClientPair, Tokens
from shared.problems import NotFound, ServiceUnavailable, Unauthorized, UpstreamError, ValidationFailed
from tests.unit.mcp_stand_in import StandIn, problem

PAIR = ClientPair("agent", "right")
AGENT = Caller("192.0.2.1", "request-1", pair=PAIR)


def _api(stand_in: StandIn, caller: Caller = AGENT) -> Api:
    http = stand_in.client()
    return Api(http, Tokens(http), caller)


def _fine(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"fine": True})


def _dead(_: httpx.Request) -> httpx.Response:
    return problem(401, "UNAUTHORIZED", "The token has expired.")


def _broken(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("closed", request=request)


def _pending(_: httpx.Request) -> httpx.Response:
    return httpx.Response(202, headers={"location": "/operations/1", "retry-after": "0"}, json={})


async def test_the_api_is_told_who_asks_from_where() -> None:
    stand_in = StandIn([_fine])
    assert await _api(stand_in).get("/diaries", limit=1, tag=None) == {"fine": True}
    (sent,) = stand_in.requests
    assert sent.url == "http://api.test/diaries?limit=1"
    assert sent.headers["authorization"] == "Bearer token 1"
    assert (sent.headers["x-forwarded-for"], sent.headers["x-request-id"]) == ("192.0.2.1", "request-1")


async def test_a_bearer_token_is_passed_on_as_it_is() -> None:
    stand_in = StandIn([_fine])
    await _api(stand_in, Caller("192.0.2.1", "1", bearer="given")).get("/diaries")
    assert stand_in.requests[0].headers["authorization"] == "Bearer given"
    assert stand_in.exchanges == []


async def test_who_has_no_credentials_sends_none() -> None:
    stand_in = StandIn([_fine])
    await _api(stand_in, Caller("192.0.2.1", "1")).get("/vouch/graph")
    assert "authorization" not in stand_in.requests[0].headers


async def test_a_dead_token_is_renewed_and_the_call_made_again() -> None:
    stand_in = StandIn([_dead, _fine])
    assert await _api(stand_in).post("/diaries", {"name": "x"}) == {"fine": True}
    first, second = stand_in.requests
    assert (first.headers["authorization"], second.headers["authorization"]) == (
        "Bearer token 1",
        "Bearer token 2",
    )
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_second_refusal_is_told() -> None:
    with pytest.raises(Unauthorized, match="expired"):
        await _api(StandIn([_dead, _dead])).get("/diaries")


async def test_a_given_token_that_is_dead_is_told_at_once() -> None:
    stand_in = StandIn([_dead])
    with pytest.raises(Unauthorized):
        await _api(stand_in, Caller("192.0.2.1", "1", bearer="given")).get("/diaries")


async def test_a_broken_connection_is_tried_again_under_the_same_key() -> None:
    stand_in = StandIn([_broken, _fine])
    await _api(stand_in).delete("/diaries/1")
    assert len({request.headers["idempotency-key"] for request in stand_in.requests}) == 1
    assert len(stand_in.requests) == 2


async def test_an_api_that_is_away_is_a_clear_503() -> None:
    with pytest.raises(ServiceUnavailable, match="MoltNet API"):
        await _api(StandIn([_broken, _broken])).get("/diaries")


async def test_work_that_takes_long_is_followed_to_its_end() -> None:
    stand_in = StandIn([_pending, _pending, _fine])
    assert await _api(stand_in).post("/vouch") == {"fine": True}
    assert [request.url.path for request in stand_in.requests] == ["/vouch", "/operations/1", "/operations/1"]


async def test_a_problem_keeps_its_kind_its_reason_and_its_fields() -> None:
    errors = [{"field": "/name", "message": "must NOT be blank"}]
    stand_in = StandIn(
        [
            lambda _: problem(404, "NOT_FOUND", "No such diary."),
            lambda _: problem(400, "VALIDATION_FAILED", "body/name", errors=errors),
            lambda _: problem(503, "SERVICE_UNAVAILABLE", "away", retryAfter=2),
        ]
    )
    with pytest.raises(NotFound, match="No such diary"):
        await _api(stand_in).get("/diaries/1")
    with pytest.raises(ValidationFailed) as refused:
        await _api(stand_in).post("/diaries", {})
    assert refused.value.errors
    assert refused.value.errors[0].field == "/name"
    with pytest.raises(ServiceUnavailable) as away:
        await _api(stand_in).get("/diaries")
    assert away.value.retry_after == 2


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null", b'{"detail": 1}'])
async def test_an_error_without_a_reason_is_told_by_its_status(body: bytes) -> None:
    stand_in = StandIn([lambda _: httpx.Response(502, content=body)])
    with pytest.raises(UpstreamError, match="502"):
        await _api(stand_in).get("/diaries")
