"""Requests to Ory: a key for each address that wants one, and patience with what passes.

A lost connection, 429 and 5xx are tried four times, after 1, 2 and 4 seconds; nothing else is.
"""

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from operations.errors import OperatorError

ATTEMPTS = 4
SECONDS = 30.0
CONFLICT = 409
TOO_MANY_REQUESTS = 429


class Server:
    """One address. Raises OperatorError for what it refuses or keeps failing at."""

    def __init__(
        self, url: str, key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=SECONDS, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> Any:
        return self._call("GET", path, params=query).json()

    def send(self, method: str, path: str, body: object) -> Any:
        """The answer to a JSON body; None when what is to be made is there already."""
        answer = self._call(method, path, json=body, fine=(CONFLICT,))
        return None if answer.status_code == CONFLICT else answer.json()

    def linked_pages(self, path: str, size: int) -> Iterator[list[Any]]:
        """Pages as Kratos and Hydra give them: a list, and a `Link` to the next one (RFC 8288)."""
        token = ""
        while True:
            answer = self._call("GET", path, params=_page(size, token))
            yield answer.json()
            following = answer.links.get("next", {}).get("url", "")
            token = next(iter(parse_qs(urlsplit(following).query).get("page_token", [])), "")
            if not token:
                return

    def tuple_pages(self, size: int) -> Iterator[dict[str, Any]]:
        """Pages as Keto gives them: the next one's token is in the body."""
        token = ""
        while True:
            page = self.get("/relation-tuples", **_page(size, token))
            yield page
            token = page.get("next_page_token") or ""
            if not token:
                return

    def _call(self, method: str, path: str, *, fine: tuple[int, ...] = (), **options: Any) -> httpx.Response:
        try:
            return _patiently(lambda: self._once(method, path, fine, options))
        except httpx.HTTPStatusError as failure:
            refused = f"{failure.response.status_code} to {method} {path}"
            raise OperatorError(f"{self._http.base_url.host} answered {refused}.") from None
        except httpx.HTTPError as failure:
            told = type(failure).__name__
            raise OperatorError(f"{self._http.base_url.host} cannot be reached ({told}).") from None

    def _once(self, method: str, path: str, fine: tuple[int, ...], options: dict[str, Any]) -> httpx.Response:
        answer = self._http.request(method, path, **options)
        if answer.status_code not in fine:
            answer.raise_for_status()
        return answer


def _page(size: int, token: str) -> dict[str, str | int]:
    return {"page_size": size, **({"page_token": token} if token else {})}


def _is_transient(failure: BaseException) -> bool:
    if isinstance(failure, httpx.HTTPStatusError):
        return failure.response.status_code == TOO_MANY_REQUESTS or failure.response.is_server_error
    return isinstance(failure, httpx.TransportError)


def _patiently(call: Callable[[], httpx.Response]) -> httpx.Response:
    retrying = Retrying(
        retry=retry_if_exception(_is_transient),
        wait=wait_exponential(multiplier=1),
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
    return retrying(call)
