"""From an exception to the problem that its caller is told."""

import structlog
from opentelemetry import trace
from pydantic import ValidationError

from shared.problems import FieldError, InternalServerError, Problem, ValidationFailed

log = structlog.get_logger(__name__)


def deliberate(failure: Exception) -> Problem | None:
    """The problem that a handler meant, or None for what it did not expect."""
    if isinstance(failure, Problem):
        return failure
    return _invalid(failure) if isinstance(failure, ValidationError) else None


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
