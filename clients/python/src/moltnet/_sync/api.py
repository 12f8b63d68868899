# Made from moltnet/_async by tools/make_sync.py: change it there.
"""From a call of a route to its typed answer."""

import time
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from moltnet import routes
from moltnet._sync.concurrency import sleep
from moltnet._sync.sending import Outgoing, Sender
from moltnet._sync.tokens import Tokens
from moltnet.config import Login
from moltnet.errors import (
    NoCredentialsError,
    OperationPendingError,
    ProblemError,
    UnreadableAnswerError,
    problem_from,
)
from moltnet.models import ClientCredentials, Document, Id, PendingOperation
from moltnet.retries import seconds_asked
from moltnet.routes import SESSION, Access, Route
from moltnet.settings import ClientSettings

A = TypeVar("A", bound=BaseModel)

PENDING = 202
UNAUTHORIZED = 401
JSON = {"content-type": "application/json"}


class Api:
    """Adds the token, keeps asking while the API is at work, and turns refusals into errors."""

    def __init__(self, http: httpx.Client, login: Login, settings: ClientSettings) -> None:
        self.login = login
        self.http = http
        self.settings = settings
        self._sender = Sender(http, settings.retries)
        self._tokens = (
            Tokens(self._sender, login.base_url, login.credentials, settings.token_store)
            if login.credentials
            else None
        )

    def call(
        self,
        route: Route,
        answer: type[A],
        *parts: Id,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> A:
        """The answer of a route. `key`: the idempotency key, instead of one of its own."""
        response = self.respond(route, *parts, query=query, body=body, key=key, headers=headers)
        return read(response, answer)

    def document(self, route: Route, *parts: Id) -> Document:
        """The answer as plain JSON."""
        response = self.respond(route, *parts)
        try:
            document = response.json()
        except ValueError as failure:
            raise unreadable(response) from failure
        if not isinstance(document, dict):
            raise unreadable(response)
        return document

    def respond(
        self,
        route: Route,
        *parts: Id,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The successful response; anything else is raised."""
        request = Outgoing(
            route.method,
            self.login.base_url + route.path(*parts),
            params=query or {},
            content=None if body is None else to_json(body),
            headers={**(JSON if body is not None else {}), **(headers or {})},
        )
        if route.changes:
            request = request.with_key(key)
        return self._settled(request, route.access)

    def settled(self, operation_id: Id) -> httpx.Response:
        """The outcome of an operation, as the first request would have had it."""
        return self._settled(self._question_about(operation_id), Access.READER)

    def _settled(self, request: Outgoing, access: Access) -> httpx.Response:
        """The response once the API is done, or OperationPendingError; a refusal is raised."""
        deadline = time.monotonic() + self.settings.operation_seconds
        response = self._authorized(request, access)
        while response.status_code == PENDING:
            operation = read(response, PendingOperation)
            wait = seconds_asked(response.headers.get("retry-after")) or 1.0
            if time.monotonic() + wait > deadline:
                raise OperationPendingError(str(operation.id))
            sleep(wait)
            response = self._authorized(self._next(request, operation.id), access)
        if not response.is_success:
            raise refusal(response)
        return response

    def _authorized(self, request: Outgoing, access: Access) -> httpx.Response:
        """With a token where one belongs; a refused token is replaced once."""
        token = self.token_for(access)
        response = self._sender.send(request.with_token(token))
        if response.status_code == UNAUTHORIZED and token:
            self.forget(token)
            response = self._sender.send(request.with_token(self.token_for(access)))
        return response

    def token_for(self, access: Access) -> str | None:
        """An access token where one belongs. Raises NoCredentialsError where one is needed and none can be had."""
        if not access.takes_token or (access is Access.READER and self._tokens is None):
            return None
        return self.access_token()

    def access_token(self) -> str:
        """Raises NoCredentialsError when there is nobody to have one."""
        if self._tokens is None:
            raise NoCredentialsError("This needs an agent's credentials.")
        return self._tokens.token()

    def forget(self, token: str) -> None:
        """The API refused this token."""
        if self._tokens is not None:
            self._tokens.forget(token)

    def use(self, credentials: ClientCredentials) -> None:
        """From now on with another secret."""
        if self._tokens is not None:
            self._tokens.use(credentials)

    def _next(self, request: Outgoing, operation_id: Id) -> Outgoing:
        """The question about the operation, from who sent the request: it is told to nobody else."""
        session = {name: value for name, value in request.headers.items() if name == SESSION}
        return self._question_about(operation_id).with_headers(**session)

    def _question_about(self, operation_id: Id) -> Outgoing:
        route = routes.OPERATION
        return Outgoing(route.method, self.login.base_url + route.path(operation_id))


def read(response: httpx.Response, answer: type[A]) -> A:
    """The body as the model. Raises UnreadableAnswerError; the text repeats nothing of the body."""
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as failure:
        raise unreadable(response) from failure


def refusal(response: httpx.Response) -> ProblemError:
    """The error for a response that is no success, and has been read."""
    return problem_from(
        response.content, status=response.status_code, request_id=response.headers.get("x-request-id", "")
    )


def unreadable(response: httpx.Response) -> UnreadableAnswerError:
    request = response.request
    return UnreadableAnswerError(
        f"{request.method} {request.url.path}: the answer does not have the documented form."
    )
