"""Sending commands and queries for a request, and turning what comes back into its response."""

import contextlib
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid5

from fastapi import Depends, Request, Response
from uuid6 import uuid7

from services.gateway.parts import Parts
from services.gateway.problems import respond
from shared.contracts.base import Command, Query, Record
from shared.contracts.fields import iso_timestamp
from shared.contracts.principal import Principal
from shared.messaging.outcomes import PROBLEM, Outcome
from shared.problems import FieldError, Problem, ProblemDetails, ServiceUnavailable, ValidationFailed

R = TypeVar("R", bound=Record)

JSON = "application/json; charset=utf-8"
KEY_HEADER = "idempotency-key"
KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}")
PENDING_RETRY_SECONDS = 1


def json_response(answer: Record, status: int = 200) -> Response:
    """The record as camelCase JSON. It was validated where it was made."""
    return Response(answer.model_dump_json(by_alias=True), status_code=status, media_type=JSON)


class Answers:
    """Bound to one request: who asks, and under which idempotency key."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._parts: Parts = request.app.state.parts
        self._caller: Principal | None = request.state.caller

    async def ask(self, query: Query[R]) -> Response:
        """The answer of a query."""
        answer: R = await self._parts.bus.ask(query, self._caller)
        return json_response(answer)

    async def execute(self, command: Command[R], status: int = 200, *, scope: str = "") -> Response:
        """The outcome of a command, or 202 with where to find it.

        `scope` stands in for the caller when anyone may send the command.
        """
        key = self._key()
        owner = str(self._caller.identity_id) if self._caller else scope
        operation = (
            uuid7() if key is None else uuid5(self._parts.namespace, f"{owner} {command.subject} {key}")
        )
        asked_at = datetime.now(UTC)
        outcome = await self._parts.bus.execute(
            command,
            self._caller,
            operation=operation,
            keyed=key is not None,
            seconds=self._parts.deadline,
        )
        if outcome is None:
            return pending(operation, await self._queued_since(command, operation) or asked_at)
        return outcome_response(self._request, outcome, command.answer, status)

    async def _queued_since(self, command: Command[R], operation: UUID) -> datetime | None:
        """As the operation tells later. None when the command has just ended, or the bus is silent now."""
        caller = self._caller.identity_id if self._caller else None
        with contextlib.suppress(ServiceUnavailable):
            return await self._parts.bus.queued_since(command.owner, operation, caller)
        return None

    def _key(self) -> str | None:
        key = self._request.headers.get(KEY_HEADER)
        if key is not None and not KEY_PATTERN.fullmatch(key):
            error = FieldError(field="/Idempotency-Key", message="must be 1 to 255 visible ASCII characters")
            raise ValidationFailed.of_fields([error], "headers")
        return key


def outcome_response(request: Request, outcome: Outcome, answer: type[Record], status: int) -> Response:
    """As the first request would have had it."""
    if outcome.kind == PROBLEM:
        problem = Problem.from_details(ProblemDetails.model_validate_json(outcome.body))
        response = respond(problem, request)
    else:
        response = json_response(answer.model_validate_json(outcome.body), status)
    if outcome.replayed:
        response.headers["idempotency-replayed"] = "true"
    return response


class PendingOperation(Record):
    """A command that is still at work."""

    id: UUID
    status: str = "pending"
    created_at: str


def pending(operation: UUID, created_at: datetime) -> Response:
    response = json_response(PendingOperation(id=operation, created_at=iso_timestamp(created_at)), status=202)
    response.headers["location"] = f"/operations/{operation}"
    response.headers["retry-after"] = str(PENDING_RETRY_SECONDS)
    return response


Answering = Annotated[Answers, Depends(Answers)]


def documented(answer: type[Record], status: int = 200) -> dict[str, Any]:
    """Route arguments for a command: its answer, and the 202 of one that takes long."""
    return {
        "status_code": status,
        "response_model": answer,
        "responses": {202: {"model": PendingOperation, "description": "Still at work; see Location."}},
    }
