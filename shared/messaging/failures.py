"""From an exception to the problem that its caller is told."""

from typing import cast

import structlog
from fast_depends.exceptions import ValidationError as InvalidMessage
from opentelemetry import trace
from pydantic import ValidationError

from shared.problems import FieldError, InternalServerError, Problem, ValidationFailed

log = structlog.get_logger(__name__)

RETURNED = "return"
"""As the library names a handler's result among the things that it validates."""


def deliberate(failure: Exception) -> Problem | None:
    """The problem that a handler meant or that the message is, or None for what nobody expected.

    Validation that fails inside a handler, say of another service's reply, is no fault of the message.
    """
    if isinstance(failure, Problem):
        return failure
    if isinstance(failure, InvalidMessage) and failure.error_fields[0].field_name != RETURNED:
        return _invalid(cast("ValidationError", failure.original_error))
    return None


def unexpected(failure: Exception) -> InternalServerError:
    """A defect of ours: told without internals, logged with them, joined by the trace id."""
    trace_id = trace.get_current_span().get_span_context().trace_id
    log.error("unexpected_error", error=type(failure).__name__, exc_info=failure)
    suffix = f" Trace {trace_id:032x}." if trace_id else ""
    return InternalServerError(f"An unexpected error happened.{suffix}")


def _invalid(failure: ValidationError) -> ValidationFailed:
    errors = [
        FieldError(field="/" + "/".join(map(str, error["loc"])), message=error["msg"])
        for error in failure.errors()
    ]
    return ValidationFailed.of_fields(errors)
