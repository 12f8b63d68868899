"""A line to the API that can be cut, and told what else to do wrong. Streams pass through as they come."""

import asyncio
import contextlib
import re
from collections import Counter
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
CHUNK = 65536
UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n"
    b'{"title": "Service Unavailable", "status": 503, "code": "SERVICE_UNAVAILABLE"}'
)
Route = tuple[str, str]


class WeakLine:
    """Passes requests on to `upstream`, one for each connection.

    passed: how often each method and path was passed on.
    lost: how many more answers to them are lost after the request had its effect.
    failed: how many more of them are replaced by a 503, after the request had its effect.
    spoiled: how many more of them arrive with a token that is worth nothing.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.passed: Counter[Route] = Counter()
        self.lost: Counter[Route] = Counter()
        self.failed: Counter[Route] = Counter()
        self.spoiled: Counter[Route] = Counter()
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        passing = list(self._open.values())
        self.cut()
        await asyncio.gather(*passing, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Every connection that is open now."""
        for writer, passing in self._open.items():
            writer.transport.abort()
            passing.cancel()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[writer] = asyncio.create_task(self._serve_one(reader, writer))

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two sides went away: the connection just ends
        finally:
            del self._open[writer]
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1]) if length else 0)
        method, target, _ = head.decode().split(" ", 2)
        route = (method, target.partition("?")[0])
        self.passed[route] += 1
        if _take(self.spoiled, route):
            head = re.sub(rb"(?i)(authorization: bearer )\S+", rb"\1nonsense", head)
        failed = _take(self.failed, route)
        answer = _Kept() if failed or _take(self.lost, route) else writer
        address = urlsplit(self.upstream)
        source, sink = await asyncio.open_connection(address.hostname, address.port)
        with contextlib.closing(sink):
            sink.write(_closing(head) + body)
            while chunk := await source.read(CHUNK):
                answer.write(chunk)
                await answer.drain()
        if failed:
            writer.write(UNAVAILABLE)
            await writer.drain()


class _Kept:
    """Where lost answers go."""

    def write(self, data: bytes) -> None: ...
    async def drain(self) -> None: ...


def _take(counter: Counter[Route], route: Route) -> bool:
    due = counter[route] > 0
    counter[route] -= due
    return due


def _closing(head: bytes) -> bytes:
    """The head of a request after which the server closes."""
    line, _, rest = head.partition(b"\r\n")
    return line + b"\r\nConnection: close\r\n" + re.sub(rb"(?i)connection: [^\r]*\r\n", b"", rest)
