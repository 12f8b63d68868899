"""What surrounds every request, as plain ASGI: size limit, HEAD, defects, response headers, request id, log line."""

import asyncio
import re
import time
from typing import Any
from uuid import uuid4

import structlog
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import MAX_BODY_BYTES, respond, too_large, unexpected
from shared import metrics
from shared.problems import PayloadTooLarge, RequestTimeout

log = structlog.get_logger("request")
tracer = trace.get_tracer("moltnet.gateway")

REQUEST_ID = "x-request-id"
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,128}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNTRACED = ("/health", "/health/ready")
UNSAMPLED = trace.NonRecordingSpan(trace.SpanContext(trace_id=1, span_id=1, is_remote=False))
"""A parent that is not sampled, so that nothing below it is: neither here nor in the services that are asked."""
SECURITY_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "content-security-policy": (
        "default-src 'self'; base-uri 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "img-src 'self' data: https:; object-src 'none'; script-src 'self'; script-src-attr 'none'; "
        "style-src 'self' 'unsafe-inline'; upgrade-insecure-requests"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "x-dns-prefetch-control": "off",
    "x-download-options": "noopen",
    "x-permitted-cross-domain-policies": "none",
    "x-xss-protection": "0",
}
JSON = "application/json; charset=utf-8"
EVENT_STREAM = "text/event-stream"
SECRET = {
    "cache-control": "no-store, no-cache, must-revalidate, private",
    "pragma": "no-cache",
    "expires": "0",
}
PRIVATE = {"cache-control": "no-store, no-cache, must-revalidate", "pragma": "no-cache"}


class TooLargeError(HTTPException):
    """The body passed its limit while it was read. FastAPI lets this kind pass and no other."""

    def __init__(self) -> None:
        super().__init__(PayloadTooLarge.kind.status)


class TooSlowError(HTTPException):
    """The body did not arrive in time. See `TooLargeError`."""

    def __init__(self) -> None:
        super().__init__(RequestTimeout.kind.status)


class BodyLimit:
    """413 for a body over 1 MiB, announced or not; 408 for one that takes longer than `seconds`."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            return await self._refuse(scope, receive, send)
        taken, complete = 0, False
        latest = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(latest):
                    message = await receive()
            except TimeoutError:
                raise TooSlowError from None
            taken += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if taken > MAX_BODY_BYTES:
                raise TooLargeError
            return message

        return await self._app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await respond(too_large(), Request(scope))(scope, receive, send)


class HeadAsGet:
    """HEAD is answered on every GET route: the same headers, no body, and no waiting for one that never ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)

        ended = False

        async def without_body(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.body":
                if ended:
                    return
                message, ended = {"type": "http.response.body"}, True
            await send(message)

        return await self._app({**scope, "method": "GET"}, receive, without_body)


class Defects:
    """Tells what nobody expected as a problem; what fails in the middle of an answer breaks it off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as failure:
            problem = unexpected(failure)
            if begun:
                raise
            await respond(problem, Request(scope))(scope, receive, send)


class Surroundings:
    """Span, request id, log line, and the headers that every response carries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        scope.setdefault("state", {})
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if REQUEST_ID_PATTERN.fullmatch(given) else uuid4().hex
        status = 500
        started = time.perf_counter()
        answered = None
        metrics.active_requests.add(1)

        async def completed(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answer_headers = MutableHeaders(scope=message)
                _complete(answer_headers, scope, request_id)
                if answer_headers.get("content-type", "").startswith(EVENT_STREAM):
                    answered = (
                        time.perf_counter()
                    )  # how long somebody listens says nothing of how fast we are
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id), _span(scope, headers) as span:
            try:
                await self._app(scope, receive, completed)
            finally:
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("http.route", _route(scope))
                _tell(scope, status, (answered or time.perf_counter()) - started)


def _complete(headers: MutableHeaders, scope: Scope, request_id: str) -> None:
    state = scope["state"]
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    for name, value in state.get("rate_limit", {}).items():
        headers[name] = value
    if headers.get("content-type") == "application/json":
        headers["content-type"] = JSON
    for name, value in _cache_rules(scope["path"], known=state.get("caller") is not None).items():
        headers[name] = value
    headers[REQUEST_ID] = request_id


def _cache_rules(path: str, *, known: bool) -> dict[str, str]:
    """Recoveries first, then what a known caller is told; otherwise the route's own (contract/http-api 1.4)."""
    if path.startswith("/recovery"):
        return SECRET
    return PRIVATE if known else {}


def _span(scope: Scope, headers: Headers) -> Any:
    if scope["path"] in UNTRACED:
        return trace.use_span(UNSAMPLED)
    return tracer.start_as_current_span(
        "request",
        context=propagate.extract(dict(headers)),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
    )


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", ""))


def _tell(scope: Scope, status: int, seconds: float) -> None:
    told: dict[str, str | int] = {
        "http.method": _method(scope),
        "http.route": _route(scope),
        "http.status_code": status,
    }
    metrics.active_requests.add(-1)
    metrics.request_total.add(1, told)
    metrics.request_duration.record(seconds * 1000, told)
    _log(scope, status, seconds)


def _method(scope: Scope) -> str:
    """Anyone can invent a method; what is counted has few."""
    return scope["method"] if scope["method"] in METHODS else "_OTHER"


def _log(scope: Scope, status: int, seconds: float) -> None:
    if scope["path"] in UNTRACED:
        return
    level = "error" if status >= 500 else "warning" if status >= 400 else "debug"
    caller = scope.get("state", {}).get("caller")
    getattr(log, level)(
        "request",
        method=scope["method"],
        url=scope["path"],
        status=status,
        response_ms=round(seconds * 1000, 1),
        user_id=str(caller.identity_id) if caller else None,
    )
