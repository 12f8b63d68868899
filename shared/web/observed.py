"""What is told of every request: its span, its measurements, its log line, and the id by which they are found."""

import re
import time
from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import uuid4

import structlog
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics

log = structlog.get_logger("request")

REQUEST_ID = "x-request-id"
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,128}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
EVENT_STREAM = "text/event-stream"
UNSAMPLED = trace.NonRecordingSpan(trace.SpanContext(trace_id=1, span_id=1, is_remote=False))
"""A parent that is not sampled, so that nothing below it is: neither here nor in the services that are asked."""


class Observed(ABC):
    """The outermost part of an application. Puts `request_id` into the state of the scope."""

    tracer: ClassVar[trace.Tracer]
    unobserved: ClassVar[frozenset[str]]
    """Paths that are asked all the time, of which neither traces nor log lines are wanted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    @abstractmethod
    def complete(self, headers: MutableHeaders, scope: Scope) -> None:
        """Add what every answer carries."""

    @abstractmethod
    def route(self, scope: Scope) -> str:
        """The pattern that the path matched; empty when there is none."""

    def caller(self, scope: Scope) -> str | None:
        """Who asked, if that is known."""
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if REQUEST_ID_PATTERN.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        started, answered = time.perf_counter(), None
        metrics.active_requests.add(1)

        async def completed(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answer_headers = MutableHeaders(scope=message)
                self.complete(answer_headers, scope)
                answer_headers[REQUEST_ID] = request_id
                if answer_headers.get("content-type", "").startswith(EVENT_STREAM):
                    # how long somebody listens says nothing of how fast we are
                    answered = time.perf_counter()
            await send(message)

        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            self._span(scope, headers) as span,
        ):
            try:
                await self._app(scope, receive, completed)
            finally:
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("http.route", self.route(scope))
                self._tell(scope, status, (answered or time.perf_counter()) - started)

    def _span(self, scope: Scope, headers: Headers) -> Any:
        if scope["path"] in self.unobserved:
            return trace.use_span(UNSAMPLED)
        return self.tracer.start_as_current_span(
            "request",
            context=propagate.extract(dict(headers)),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
        )

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        told: dict[str, str | int] = {
            # anyone can invent a method; what is counted has few
            "http.method": scope["method"] if scope["method"] in METHODS else "_OTHER",
            "http.route": self.route(scope),
            "http.status_code": status,
        }
        metrics.active_requests.add(-1)
        metrics.request_total.add(1, told)
        metrics.request_duration.record(seconds * 1000, told)
        if scope["path"] not in self.unobserved:
            self._log(scope, status, seconds)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        level = "error" if status >= 500 else "warning" if status >= 400 else "debug"
        getattr(log, level)(
            "request",
            method=scope["method"],
            url=scope["path"],
            status=status,
            response_ms=round(seconds * 1000, 1),
            user_id=self.caller(scope),
        )
