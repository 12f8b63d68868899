"""Failures as a model is told them: `{"error": text, ...}` with the problem's code and title, no internals."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import structlog
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, TextContent
from pydantic import ValidationError

from services.mcp.api import given
from shared.problems import InternalServerError, Problem, Unauthorized

log = structlog.get_logger(__name__)

INVALID = "Invalid tool arguments"
LOG_IN = "Send the headers X-Client-Id and X-Client-Secret of a registered agent, or a bearer token."


@contextlib.contextmanager
def told_as(text: str, kind: type[Problem] = Problem) -> Iterator[None]:
    """Put what was tried before the detail of a problem of this kind."""
    try:
        yield
    except kind as problem:
        raise type(problem)(
            f"{text}: {problem.detail}", errors=problem.errors, retry_after=problem.retry_after
        ) from problem


def document(problem: Problem) -> dict[str, Any]:
    """What is told of a problem; `errors` names refused fields, `retry_after` is in seconds."""
    kind = problem.kind
    return given(
        error=problem.detail,
        code=kind.code,
        title=kind.title,
        status=kind.status,
        errors=[error.model_dump() for error in problem.errors] if problem.errors else None,
        retry_after=problem.retry_after,
        hint=LOG_IN if isinstance(problem, Unauthorized) else None,
    )


def of_tool(name: str, failure: ToolError) -> CallToolResult:
    """The result of a call that failed, whatever the reason."""
    cause = failure.__cause__
    if isinstance(cause, Problem):
        told = document(cause)
    elif isinstance(failure, UnexpectedToolError):
        log.error("tool_failed", tool=name, error=type(cause).__name__, exc_info=cause)
        told = document(InternalServerError("An unexpected error happened."))
    elif isinstance(cause, ValidationError):
        told = {"error": f"{INVALID}: {_reasons(cause)}"}
    else:
        told = {"error": str(failure)}
    log.info("tool_refused", tool=name, code=told.get("code"))
    return CallToolResult(content=[TextContent(type="text", text=as_json(told))], is_error=True)


def _reasons(failure: ValidationError) -> str:
    """Each refused argument and why; never the value that was given."""
    errors = failure.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in errors)


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
