"""A client that sends its request too slowly."""

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from shared.web.deadline import BodyDeadline

SCOPE: Scope = {"type": "http"}
PIECE: Message = {"type": "http.request", "body": b"{", "more_body": True}
END: Message = {"type": "http.request", "body": b"}", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


async def _reads(_: Scope, receive: Receive, __: Send) -> None:
    while (await receive()) is not GONE:
        pass


async def _sends(_: Message) -> None: ...


async def test_a_body_that_stalls_ends_its_request() -> None:
    pieces = [PIECE]

    async def receive() -> Message:
        return pieces.pop() if pieces else await asyncio.get_running_loop().create_future()

    with pytest.raises(HTTPException) as refused:
        await BodyDeadline(_reads, seconds=0.01)(SCOPE, receive, _sends)
    assert refused.value.status_code == 408


async def test_after_the_body_a_client_may_wait_as_long_as_it_likes() -> None:
    left, coming = asyncio.Event(), [PIECE, END]

    async def receive() -> Message:
        if coming:
            return coming.pop(0)
        await left.wait()
        return GONE

    request = asyncio.create_task(BodyDeadline(_reads, seconds=0.01)(SCOPE, receive, _sends))
    asyncio.get_running_loop().call_later(0.05, left.set)
    await request
