"""A reverse proxy in front of the Ory servers, which fails chosen calls in a chosen way."""

import asyncio
import contextlib
import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"


class Fault(StrEnum):
    """`LOST_ANSWER`: the call had its effect, and the connection is cut before anything is told."""

    ERROR = "error"
    REFUSAL = "refusal"
    LOST_ANSWER = "lost-answer"


@dataclass(frozen=True)
class Call:
    """Calls of a method on a path (`*` stands for one member of it), with `needle` in the body."""

    method: str
    path: str
    needle: bytes = b""


CREATE_IDENTITY = Call("POST", "/admin/identities")
WRITE_SELF_TUPLE = Call("PUT", "/admin/relation-tuples", b'"self"')
WRITE_OWNER_TUPLE = Call("PUT", "/admin/relation-tuples", b'"owner"')
DELETE_TUPLES = Call("DELETE", "/admin/relation-tuples")
CHECK = Call("POST", "/relation-tuples/batch/check")
CREATE_CLIENT = Call("POST", "/admin/clients")
SET_SECRET = Call("PATCH", "/admin/clients/*")
CREATE_CODE = Call("POST", "/admin/recovery/code")


@dataclass(frozen=True)
class _Request:
    head: bytes
    body: bytes

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Self:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        return cls(head, await reader.readexactly(int(length[1]) if length else 0))

    def is_a(self, call: Call) -> bool:
        method, target, _ = self.head.split(b" ", 2)
        path = target.partition(b"?")[0]
        return (
            method.decode() == call.method
            and fnmatch.fnmatchcase(path.decode(), call.path)
            and call.needle in self.body
        )

    @property
    def closing(self) -> bytes:
        """The request as it goes on: one for each connection."""
        line, _, rest = self.head.partition(b"\r\n")
        kept = re.sub(rb"(?i)connection: [^\r]*\r\n", b"", rest)
        return line + b"\r\nConnection: close\r\n" + kept + self.body


class FaultProxy:
    """Passes everything on to `upstream_port`, except what is made to fail."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._faults: dict[Call, Fault] = {}
        self._times: dict[Call, int | None] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    @contextlib.contextmanager
    def failing(self, call: Call, fault: Fault, times: int | None = None) -> Iterator[None]:
        """Fail these calls while the context lasts; with `times`, only the first ones."""
        self._faults[call], self._times[call] = fault, times
        try:
            yield
        finally:
            del self._faults[call], self._times[call]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _Request.read(reader)
            writer.write(await self._answer(request))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # nobody upstream, or the caller went away: the connection just ends
        finally:
            writer.close()

    async def _answer(self, request: _Request) -> bytes:
        fault = self._fault_for(request)
        if fault is Fault.ERROR:
            return _error("500 Internal Server Error", 500)
        if fault is Fault.REFUSAL:
            return _error("400 Bad Request", 400)
        answer = await self._forward(request)
        return b"" if fault is Fault.LOST_ANSWER else answer

    def _fault_for(self, request: _Request) -> Fault | None:
        for call, fault in self._faults.items():
            left = self._times[call]
            if request.is_a(call) and left != 0:
                self._times[call] = None if left is None else left - 1
                return fault
        return None

    async def _forward(self, request: _Request) -> bytes:
        reader, writer = await asyncio.open_connection(LOOPBACK, self._upstream_port)
        with contextlib.closing(writer):
            writer.write(request.closing)
            await writer.drain()
            return await reader.read(-1)


def _error(line: str, status: int) -> bytes:
    body = b'{"error": {"code": %d, "message": "made to fail"}}' % status
    head = f"HTTP/1.1 {line}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + body
