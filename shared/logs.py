"""JSON logs, one object a line, with the trace id and the command id. Secrets have no way in.

Every field whose name is in `SECRET` is replaced, whoever logs it.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from opentelemetry import trace

from shared.settings import RuntimeSettings

VERSION = "0.1.0"
REDACTED = "[REDACTED]"
SECRET = frozenset(
    {
        "access_token",
        "api_key",
        "authorization",
        "challenge",
        "client_secret",
        "content",
        "cookie",
        "hmac",
        "password",
        "private_key",
        "recovery_code",
        "recovery_codes",
        "refresh_token",
        "secret",
        "session_token",
        "set_cookie",
        "signature",
        "token",
        "voucher_code",
        "x_access_token",
        "x_api_key",
        "x_client_id",
        "x_client_secret",
        "x_ory_api_key",
        "x_refresh_token",
        "x_session_token",
    }
)
"""In whatever spelling: `clientSecret` and `Client-Secret` are meant as well (contract/operations 4.1)."""
SQUEEZED = frozenset(name.replace("_", "") for name in SECRET)
QUIET = (
    "asyncio",
    "faststream",
    "httpx",
    "httpcore",
    "sse_starlette",
    "urllib3",
    "uvicorn.access",
    "nats",
    "mcp",
)

Event = MutableMapping[str, Any]


def _redact(_logger: object, _method: str, event: Event) -> Event:
    for name, value in event.items():
        event[name] = _bare(name, value)
    return event


def _bare(name: str, value: Any) -> Any:
    """The value of a field without secrets, those of a structure included."""
    if name.lower().replace("-", "").replace("_", "") in SQUEEZED:
        return REDACTED
    if isinstance(value, Mapping):
        return {inner: _bare(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list):
        return [_bare("", each) for each in value]
    return value


def _trace(_logger: object, _method: str, event: Event) -> Event:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


class _Brief(logging.Filter):
    """The workflow engine repeats a step every second while a part is away: a line each, no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno <= logging.WARNING:
            record.exc_info = None
        return True


def adopt(*libraries: str) -> None:
    """Take away the handlers that libraries install for themselves, so that their records come in our form."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in libraries:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
            logger.addFilter(_Brief())


def configure(service: str, settings: RuntimeSettings) -> None:
    """Send our own and the libraries' records through one JSON format to standard error."""
    level = settings.log_level or ("INFO" if settings.environment == "production" else "DEBUG")

    def base_fields(_logger: object, _method: str, event: Event) -> Event:
        return {"service": service, "version": VERSION, "environment": settings.environment, **event}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace,
        _redact,
        base_fields,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel("WARNING")
