"""One call to an Ory server is one request: repeated for a redirect, and for nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.ory.connection import OryServer
from shared.problems import ServiceUnavailable

LOOPBACK = "127.0.0.1"


class Peer:
    """Answers whatever it is asked with `answers` by path, and remembers the paths. No answer: it hangs up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split(b" ", 2)[1].decode()
        self.asked.append(path)
        writer.write(self.answers.get(path, b""))
        await writer.drain()
        writer.close()


def _answer(status: str, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, "content-length: 0", "connection: close", "", "")
    return "\r\n".join(lines).encode()


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[tuple[Peer, OryServer]]:
    peer = Peer()
    async with await asyncio.start_server(peer.serve, LOOPBACK, 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield peer, OryServer(f"http://{LOOPBACK}:{port}", "identity server")


async def test_a_redirect_is_followed(peer: tuple[Peer, OryServer]) -> None:
    """As Kratos' admin port gives it."""
    there, server = peer
    there.answers = {
        "/health/ready": _answer("307 Temporary Redirect", "location: /admin/health/ready"),
        "/admin/health/ready": _answer("200 OK"),
    }
    await server.ready()
    assert there.asked == ["/health/ready", "/admin/health/ready"]


async def test_redirects_without_end_are_given_up(peer: tuple[Peer, OryServer]) -> None:
    there, server = peer
    there.answers = {"/health/ready": _answer("307 Temporary Redirect", "location: /health/ready")}
    with pytest.raises(ServiceUnavailable):
        await server.ready()


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_who_is_told_to_come_again_does_not_wait_here(
    peer: tuple[Peer, OryServer], status: str
) -> None:
    there, server = peer
    there.answers = {"/health/ready": _answer(status, "retry-after: 1")}
    with pytest.raises(ServiceUnavailable):
        await server.ready()
    assert there.asked == ["/health/ready"]


async def test_a_broken_answer_is_not_asked_for_again(peer: tuple[Peer, OryServer]) -> None:
    there, server = peer
    with pytest.raises(ServiceUnavailable):
        await server.ready()
    assert there.asked == ["/health/ready"]
