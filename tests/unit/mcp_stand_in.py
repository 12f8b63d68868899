"""An API that answers as it is told, for what a real one does too seldom: dead tokens, broken lines, long work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import httpx

Answer = Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str, detail: str, **members: object) -> httpx.Response:
    body = {"type": "t", "title": "T", "status": status, "code": code, "detail": detail, "instance": "/"}
    return httpx.Response(status, json={**body, **members})


@dataclass
class StandIn:
    """Gives out tokens named by their number; keeps every request. `answers` are used up one by one."""

    answers: list[Answer] = field(default_factory=list)
    life: int = 3600
    secret: str = "right"
    is_away: bool = False
    exchanges: list[httpx.Request] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url="http://api.test", transport=httpx.MockTransport(self.handle))

    async def handle(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("away", request=request)
        if request.url.path == "/oauth2/token":
            return self._token(request)
        self.requests.append(request)
        return self.answers.pop(0)(request)

    def _token(self, request: httpx.Request) -> httpx.Response:
        self.exchanges.append(request)
        form = parse_qs(request.content.decode())
        if form["client_secret"] != [self.secret]:
            return httpx.Response(401, json={"error": "invalid_client"})
        token = f"token {len(self.exchanges)}"
        return httpx.Response(200, json={"access_token": token, "expires_in": self.life})
