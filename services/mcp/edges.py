"""What surrounds every request, as plain ASGI: request id, span, log line, measurements, headers, a slow body's end."""

import asyncio
import re
import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics

log = structlog.get_logger("request")
tracer = trace.get_tracer("moltnet.mcp")

REQUEST_ID = "x-request-id"
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,128}")
UNTRACED = ("/healthz", "/healthz/ready")
ROUTES = ("/mcp", *UNTRACED)
HEADERS = {
    "cache-control": "no-store",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


class Surroundings:
    """Outermost. Puts `request_id` into the state of the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if REQUEST_ID_PATTERN.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        started = time.perf_counter()
        metrics.active_requests.add(1)

        async def completed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answered.setdefault(name, value)
                answered[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id), _span(scope, headers) as span:
            try:
                await self._app(scope, receive, completed)
            finally:
                span.set_attribute("http.response.status_code", status)
                _tell(scope, status, time.perf_counter() - started)


class BodyDeadline:
    """A body that takes longer than `seconds` ends its request with 408."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        latest = asyncio.get_running_loop().time() + self._seconds
        complete = False

        async def in_time() -> Message:
            nonlocal complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(latest):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
            complete = not message.get("more_body", False)
            return message

        return await self._app(scope, in_time, send)


def _span(scope: Scope, headers: Headers) -> Any:
    if scope["path"] in UNTRACED:
        return trace.use_span(trace.INVALID_SPAN)
    return tracer.start_as_current_span(
        "request",
        context=propagate.extract(dict(headers)),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
    )


def _tell(scope: Scope, status: int, seconds: float) -> None:
    path = scope["path"]
    told: dict[str, str | int] = {
        "http.method": scope["method"] if scope["method"] in ("GET", "POST") else "_OTHER",
        "http.route": path if path in ROUTES else "",
        "http.status_code": status,
    }
    metrics.active_requests.add(-1)
    metrics.request_total.add(1, told)
    metrics.request_duration.record(seconds * 1000, told)
    if path in UNTRACED:
        return
    level = "error" if status >= 500 else "warning" if status >= 400 else "debug"
    getattr(log, level)(
        "request", method=scope["method"], url=path, status=status, response_ms=round(seconds * 1000, 1)
    )
