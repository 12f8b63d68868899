"""The REST API on behalf of one caller.

The request under way has its `Api` in a context variable, which the tools, resources and prompts read.
"""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from opentelemetry import propagate

from services.mcp.credentials import ClientPair, Tokens
from shared.problems import (
    Problem,
    ProblemDetails,
    ServiceUnavailable,
    Unauthorized,
    UpstreamError,
    unavailable,
)

CALL_SECONDS = 20.0
OPERATION_SECONDS = 20.0
"""How long a change that is still at work is waited for."""
TRIES = 2
BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError)
READS = frozenset({"GET"})
NOT_AUTHENTICATED = "Not authenticated"

Query = str | int | float | bool | None


@dataclass(frozen=True)
class Caller:
    """Whose request this is. At most one of `pair` and `bearer` is set; neither: anyone."""

    address: str
    request_id: str
    pair: ClientPair | None = None
    bearer: str | None = None

    @property
    def is_known(self) -> bool:
        return self.pair is not None or self.bearer is not None


class Api:
    """Every method returns the answer's JSON, and raises the Problem that the API answered with."""

    def __init__(self, http: httpx.AsyncClient, tokens: Tokens, caller: Caller) -> None:
        self._http = http
        self._tokens = tokens
        self._caller = caller

    @property
    def is_agents(self) -> bool:
        """Whether the caller has shown credentials."""
        return self._caller.is_known

    async def get(self, path: str, **query: Query) -> Any:
        return await self._call("GET", path, params=given(**query))

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._call("POST", path, json=body)

    async def patch(self, path: str, body: dict[str, Any]) -> Any:
        return await self._call("PATCH", path, json=body)

    async def delete(self, path: str) -> Any:
        return await self._call("DELETE", path)

    async def _call(self, method: str, path: str, **content: Any) -> Any:
        headers = self._headers()
        if method not in READS:
            headers["idempotency-key"] = str(uuid4())
        answer = await self._authorised(method, path, headers, content)
        if answer.status_code == httpx.codes.ACCEPTED:
            answer = await self._outcome(answer)
        if not answer.is_success:
            raise problem_of(answer)
        return answer.json()

    def _headers(self) -> dict[str, str]:
        headers = {"x-forwarded-for": self._caller.address, "x-request-id": self._caller.request_id}
        propagate.inject(headers)
        return headers

    async def _authorised(
        self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]
    ) -> httpx.Response:
        """With the caller's token; once more with a new one when the API refuses a token of ours."""
        token = await self._token()
        answer = await self._sent(method, path, _with(headers, token), content)
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._caller.pair and token:
            token = await self._tokens.renewed(self._caller.pair, self._caller.address, token)
            answer = await self._sent(method, path, _with(headers, token), content)
        return answer

    async def _token(self) -> str | None:
        if self._caller.pair:
            return await self._tokens.token(self._caller.pair, self._caller.address)
        return self._caller.bearer

    async def _sent(
        self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]
    ) -> httpx.Response:
        """A broken connection is tried again: the idempotency key keeps a change from being made twice."""
        for remaining in reversed(range(TRIES)):
            try:
                return await self._http.request(method, path, headers=headers, **content)
            except httpx.HTTPError as failure:
                if remaining and isinstance(failure, BROKEN):
                    continue
                raise unavailable("MoltNet API") from failure
        raise AssertionError("unreachable")

    async def _outcome(self, pending: httpx.Response) -> httpx.Response:
        """What became of a change that took longer than its request (contract/README A-02)."""
        path = pending.headers["location"]
        answer = pending
        try:
            async with asyncio.timeout(OPERATION_SECONDS):
                while answer.status_code == httpx.codes.ACCEPTED:
                    await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
                    answer = await self._authorised("GET", path, self._headers(), {})
        except TimeoutError:
            raise ServiceUnavailable(
                "The change is still under way. Look whether it has been made before you repeat it.",
                retry_after=int(OPERATION_SECONDS),
            ) from None
        return answer


def _with(headers: dict[str, str], token: str | None) -> dict[str, str]:
    return {**headers, "authorization": f"Bearer {token}"} if token else headers


def problem_of(answer: httpx.Response) -> Problem:
    """The problem document (RFC 9457) that the API answered with."""
    try:
        document = answer.json()
        details = ProblemDetails(**{**document, "retry_after": document.get("retryAfter")})
    except (ValueError, TypeError, AttributeError):
        return UpstreamError(f"The MoltNet API answered with {answer.status_code} and no reason.")
    return Problem.from_details(details)


def given(**members: Any) -> dict[str, Any]:
    """Those members that are not None."""
    return {name: value for name, value in members.items() if value is not None}


current: ContextVar[Api] = ContextVar("current_api")


def api() -> Api:
    """The API for whoever sent the request under way."""
    return current.get()


def agent_api(hint: str = "") -> Api:
    """The API for a caller with credentials. Raises Unauthorized for anyone else."""
    found = api()
    if not found.is_agents:
        raise Unauthorized(f"{NOT_AUTHENTICATED}. {hint}" if hint else NOT_AUTHENTICATED)
    return found
