"""Whom the door of the MCP server takes a request to come from."""

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from services.mcp.api import api
from services.mcp.door import PATH, Door
from tests.unit.mcp_stand_in import StandIn, problem

PAIR = {"x-client-id": "agent", "x-client-secret": "right"}
BEARER = {"authorization": "Bearer given"}
Seen = list[bool]


async def _knock(stand_in: StandIn, seen: Seen, headers: dict[str, str], *, pairs: bool = True) -> int:
    """The status of a request with these headers; `seen` learns whether a caller with credentials got in."""

    async def inside(_: Scope, __: Receive, send: Send) -> None:
        seen.append(api().is_agents)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    answered: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    scope: Scope = {
        "type": "http",
        "path": PATH,
        "method": "POST",
        "client": ("192.0.2.1", 1234),
        "state": {"request_id": "1"},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    door = Door(inside, stand_in.client(), "https://mcp.test/metadata", pairs=pairs, required=False)
    await door(scope, _nothing_more, send)
    return answered[0]


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


async def test_a_pair_is_exchanged_unless_that_is_switched_off() -> None:
    stand_in, seen = StandIn(), Seen()
    assert await _knock(stand_in, seen, PAIR) == 200
    assert await _knock(stand_in, seen, PAIR, pairs=False) == 200
    assert seen == [True, False]
    assert len(stand_in.exchanges) == 1


async def test_a_bearer_token_goes_before_a_pair() -> None:
    stand_in, seen = StandIn([lambda _: httpx.Response(200, json={})]), Seen()
    assert await _knock(stand_in, seen, {**BEARER, **PAIR}) == 200
    assert (seen, stand_in.exchanges) == ([True], [])


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx.Response(403, json={}), 200),
        (problem(401, "UNAUTHORIZED", "expired"), 401),
        (httpx.Response(429, headers={"retry-after": "7"}, json={}), 429),
        (httpx.Response(503, json={}), 502),
    ],
)
async def test_what_the_api_says_of_a_token_decides(answer: httpx.Response, status: int) -> None:
    seen = Seen()
    assert await _knock(StandIn([lambda _: answer]), seen, BEARER) == status
    assert len(seen) == (1 if status == 200 else 0)
