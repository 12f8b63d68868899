"""A token hook on loopback that answers as a test tells it to, and remembers what it was asked."""

import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class HookCall:
    """One request as it came in; header names are in lower case."""

    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class HookReply:
    """What to answer."""

    status: int
    body: Any = None

    def encoded(self) -> bytes:
        """The body's bytes; there are none for None."""
        return b"" if self.body is None else json.dumps(self.body).encode()


def claims_reply(claims: dict[str, Any]) -> HookReply:
    """The reply that puts claims into an access token."""
    return HookReply(200, {"session": {"access_token": claims}})


class HookServer:
    """Answers 204 unless a test has said otherwise for the client in question."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._replies: defaultdict[str, deque[HookReply]] = defaultdict(deque)
        self._calls: defaultdict[str, list[HookCall]] = defaultdict(list)
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where the hook listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/hooks/hydra/token-exchange"

    def answer(self, client_id: str, *replies: HookReply) -> None:
        """Answer calls about a client with these, in order; the last one stays."""
        self._replies[client_id] = deque(replies)

    def calls(self, client_id: str) -> list[HookCall]:
        """Every call about a client so far."""
        return list(self._calls[client_id])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take_reply(self, call: HookCall) -> HookReply:
        client_id = call.body["request"]["client_id"]
        self._calls[client_id].append(call)
        replies = self._replies[client_id]
        if not replies:
            return HookReply(204)
        return replies.popleft() if len(replies) > 1 else replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take_reply = self._take_reply

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = take_reply(HookCall(headers, body))
                payload = reply.encoded()
                self.send_response(reply.status)
                if reply.status != 204:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing."""

        return Handler
