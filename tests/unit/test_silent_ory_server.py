"""An Ory server that takes calls and never answers: who asks it is told so, and who asks another is not held up."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.ory import connection
from shared.ory.connection import OryServer
from shared.problems import ServiceUnavailable

LOOPBACK = "127.0.0.1"
ASKED = b"\r\n\r\n"
READY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


class Silent:
    """Counts the calls that arrive. `busy` is set once so many have."""

    def __init__(self, busy_at: int) -> None:
        self.calls = 0
        self.busy = asyncio.Event()
        self._busy_at = busy_at
        self._callers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.append(writer)
        await reader.readuntil(ASKED)
        self.calls += 1
        if self.calls == self._busy_at:
            self.busy.set()

    def hang_up(self) -> None:
        for caller in self._callers:
            caller.transport.abort()


async def _ready(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(ASKED)
    writer.write(READY)
    await writer.drain()
    writer.close()


def _asking(server: asyncio.Server) -> OryServer:
    return OryServer(f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", "token server")


@pytest.fixture(autouse=True)
def few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "THREADS", 2)


@pytest_asyncio.fixture
async def silent() -> AsyncIterator[tuple[Silent, OryServer]]:
    peer = Silent(busy_at=connection.THREADS)
    async with await asyncio.start_server(peer.serve, LOOPBACK, 0) as server:
        yield peer, _asking(server)
        peer.hang_up()


async def test_nobody_stands_in_a_row_for_a_silent_server(
    silent: tuple[Silent, OryServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a hundred callers a few wait for an answer; the others give up at the same time, unheard."""
    monkeypatch.setattr(connection, "READ_SECONDS", 0.2)
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.1)
    peer, server = silent
    told = await asyncio.gather(*(server.ready() for _ in range(100)), return_exceptions=True)
    assert {type(one) for one in told} == {ServiceUnavailable}
    assert peer.calls < 100


async def test_a_silent_server_holds_up_no_other(
    silent: tuple[Silent, OryServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 600)
    peer, server = silent
    waiting = [asyncio.create_task(server.ready()) for _ in range(connection.THREADS)]
    await peer.busy.wait()
    async with await asyncio.start_server(_ready, LOOPBACK, 0) as other:
        await _asking(other).ready()
    assert not any(task.done() for task in waiting)
    peer.hang_up()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in told} == {ServiceUnavailable}
