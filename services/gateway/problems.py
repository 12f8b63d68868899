"""Problem documents (RFC 9457): every failure of the door and of what lies behind it has this form."""

import json
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from opentelemetry import trace
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from shared.problems import (
    FieldError,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    RequestTimeout,
    ValidationFailed,
)

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json; charset=utf-8"
PARTS = {"body": "body", "query": "querystring", "path": "params", "header": "headers"}
REASONS = {
    "string_too_short": "must NOT have fewer than {min_length} characters",
    "string_too_long": "must NOT have more than {max_length} characters",
    "too_short": "must NOT have fewer than {min_length} items",
    "too_long": "must NOT have more than {max_length} items",
    "greater_than_equal": "must be >= {ge}",
    "less_than_equal": "must be <= {le}",
    "int_type": "must be integer",
    "int_parsing": "must be integer",
    "int_from_float": "must be integer",
    "float_type": "must be number",
    "float_parsing": "must be number",
    "bool_type": "must be boolean",
    "bool_parsing": "must be boolean",
    "string_type": "must be string",
    "string_unicode": "must be well-formed Unicode",
    "list_type": "must be array",
    "model_attributes_type": "must be object",
    "enum": "must be equal to one of the allowed values: {expected}",
    "string_pattern_mismatch": 'must match pattern "{pattern}"',
    "uuid_parsing": 'must match format "uuid"',
    "uuid_type": 'must match format "uuid"',
    "json_invalid": "is not valid JSON",
}
MAX_BODY_BYTES = 1_048_576
UNEXPECTED = "An unexpected error happened."


class ProblemDocument(BaseModel):
    """The body of every failure. `errors` for validation problems; `retryAfter` in seconds where it helps."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[FieldError] | None = None
    retryAfter: int | None = None  # noqa: N815 - the member's name on the wire


def document(problem: Problem, instance: str) -> dict[str, Any]:
    """The members in the order of the contract; absent ones left out."""
    kind = problem.kind
    members: dict[str, Any] = {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "detail": problem.detail,
        "instance": instance,
    }
    if problem.errors is not None:
        members["errors"] = [error.model_dump() for error in problem.errors]
    if problem.retry_after is not None:
        members["retryAfter"] = problem.retry_after
    return members


def respond(problem: Problem, request: Request, headers: dict[str, str] | None = None) -> Response:
    query = request.scope["query_string"].decode("latin-1")
    instance = request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    retry = {} if problem.retry_after is None else {"retry-after": str(problem.retry_after)}
    return Response(
        json.dumps(document(problem, instance), ensure_ascii=False).encode("utf-8", "replace"),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers={**retry, **(headers or {})},
    )


def of_validation(errors: Sequence[Any]) -> ValidationFailed:
    """One line per refused field, as `{part}{pointer} {reason}`; the first is the detail."""
    fields = [_field_error(error) for error in errors]
    part = PARTS.get(str(errors[0]["loc"][0]), "body")
    first = fields[0]
    place = f"{part}{first.field}" if first.field.startswith("/") else part
    return ValidationFailed(f"{place} {first.message}", errors=fields)


def _field_error(error: Any) -> FieldError:
    location = [str(step) for step in error["loc"][1:]]
    if error["type"] == "missing":
        name = location[-1] if location else "unknown"
        return FieldError(field=name, message=f"must have required property '{name}'")
    if error["type"] == "json_invalid":
        return FieldError(field="unknown", message=REASONS["json_invalid"])
    template = REASONS.get(error["type"])
    message = template.format(**error.get("ctx", {})) if template else error["msg"]
    return FieldError(field="/" + "/".join(location) if location else "unknown", message=message)


def _unreadable() -> ValidationFailed:
    error = FieldError(field="unknown", message=REASONS["json_invalid"])
    return ValidationFailed(f"body {error.message}", errors=[error])


def too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")


def allowed_methods(routes: Sequence[APIRoute], path: str) -> list[str]:
    """The methods of a path. A literal path wins over one with parameters that would match it, too."""
    matching = [route for route in routes if route.path_regex.match(path)]
    literal = [route for route in matching if route.path == path]
    methods = {method for route in literal or matching for method in route.methods or ()}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def unexpected(failure: Exception) -> InternalServerError:
    """A defect of ours: told without internals, logged with them, joined by the trace id."""
    log.error("unexpected_error", error=type(failure).__name__, exc_info=failure)
    trace_id = trace.get_current_span().get_span_context().trace_id
    suffix = f" Trace {trace_id:032x}." if trace_id else ""
    return InternalServerError(UNEXPECTED + suffix)


def install(app: FastAPI, routes: Sequence[APIRoute]) -> None:
    """Answer every deliberate failure, and the framework's, with a problem document."""

    @app.exception_handler(Problem)
    async def deliberate(request: Request, problem: Problem) -> Response:
        return respond(problem, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, failure: RequestValidationError) -> Response:
        return respond(of_validation(failure.errors()), request)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, failure: HTTPException) -> Response:
        if failure.status_code == MethodNotAllowed.kind.status:
            # Pages beside the API are not among its routes; the framework knows what they allow.
            allow = ", ".join(allowed_methods(routes, request.url.path)) or (failure.headers or {}).get(
                "Allow", ""
            )
            return respond(
                MethodNotAllowed(f"{request.method} is not allowed here."), request, {"allow": allow}
            )
        if failure.status_code == NotFound.kind.status:
            return respond(NotFound("There is nothing at this path."), request)
        if failure.status_code == PayloadTooLarge.kind.status:
            return respond(too_large(), request)
        if failure.status_code == RequestTimeout.kind.status:
            return respond(RequestTimeout("The request body did not arrive in time."), request)
        return respond(_unreadable(), request)
