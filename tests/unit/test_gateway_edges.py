"""What the gateway tells when something fails that nobody expected."""

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from services.gateway.app import create_app
from services.gateway.edges import Defects
from shared.problems import InternalServerError
from tests.e2e.answers import expect_problem

ORIGIN = "http://localhost:3000"


async def test_a_defect_is_a_problem_that_an_allowed_page_may_read() -> None:
    """The gateway is not started, so its routes find nothing to work with."""
    transport = httpx.ASGITransport(create_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(base_url="http://gateway", transport=transport) as http:
        response = await http.get("/diaries", headers={"origin": ORIGIN})
    expect_problem(response, InternalServerError)
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["x-request-id"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_defect_in_the_middle_of_an_answer_breaks_it_off() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(LookupError):
        await Defects(broken)({"type": "http"}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
