"""A small HTTP/1.1 client, so that a benchmark measures the server rather than its client."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

TIMEOUT_SECONDS = 30.0


class UnexpectedStatusError(Exception):
    """The server answered otherwise than the benchmark relies on; the text holds the answer."""


@dataclass
class Answer:
    status: int
    body: bytes = field(repr=False)

    def expect(self, status: int) -> Any:
        """The JSON body of an answer that must have this status."""
        if self.status != status:
            raise UnexpectedStatusError(f"{self.status} {self.body[:300].decode(errors='replace')}")
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """One kept-alive connection with one request at a time. Raises OSError when it is lost."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []

    @classmethod
    async def open(cls, base_url: str) -> "Connection":
        """To the server of an `http://` address."""
        address = urlsplit(base_url)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: cls(address.netloc), address.hostname or "", address.port or 80
        )
        return connection

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def get(self, path: str, token: str = "") -> Answer:
        return await self._request("GET", path, b"", "", token)

    async def post(self, path: str, body: Any = None, token: str = "") -> Answer:
        encoded = b"" if body is None else json.dumps(body).encode()
        return await self._request("POST", path, encoded, "application/json" if encoded else "", token)

    async def post_form(self, path: str, form: str) -> Answer:
        return await self._request("POST", path, form.encode(), "application/x-www-form-urlencoded", "")

    async def _request(self, method: str, path: str, body: bytes, content_type: str, token: str) -> Answer:
        if self._transport is None:
            raise ConnectionError("the connection is closed")
        head = [f"{method} {path} HTTP/1.1", f"host: {self._host}", f"content-length: {len(body)}"]
        if content_type:
            head.append(f"content-type: {content_type}")
        if token:
            head.append(f"authorization: Bearer {token}")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write("\r\n".join([*head, "", ""]).encode() + body)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await self._waiting

    # asyncio calls the next three, httptools the two after them.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the server closed the connection"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), b"".join(self._body))
        self._body.clear()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)
