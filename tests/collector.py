"""A collector for tests: takes OTLP over HTTP on loopback and keeps spans and metrics.

It listens in a thread of its own, so that no test that holds up the event loop holds up the services.
"""

import asyncio
import contextlib
import gzip
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

WITHIN_SECONDS = 90
SHAPES = ("gauge", "sum", "histogram")


@dataclass(frozen=True)
class CollectedSpan:
    service: str
    name: str
    trace_id: str
    scope: str


@dataclass(frozen=True)
class CollectedMetric:
    """One series as it was last reported. `kind` is `gauge`, `sum`, `counter` (a sum that only grows) or
    `histogram`; `value` is the number of observations of a histogram."""

    service: str
    name: str
    kind: str
    unit: str
    attributes: Mapping[str, str]
    value: float


@dataclass
class Collector:
    """`endpoint` is what OTEL_EXPORTER_OTLP_ENDPOINT wants."""

    endpoint: str = ""
    spans: list[CollectedSpan] = field(default_factory=list)
    _series: dict[Any, CollectedMetric] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def variables(self) -> dict[str, str]:
        """For services that shall report here soon: every metric, and the traces of requests that ask for it."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "OTEL_METRIC_EXPORT_INTERVAL": "2000",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "OTEL_TRACES_SAMPLER": "parentbased_always_off",
        }

    @property
    def metrics(self) -> list[CollectedMetric]:
        return list(self._series.values())

    def of_trace(self, trace_id: str) -> list[CollectedSpan]:
        return [span for span in self.spans if span.trace_id == trace_id]

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until what has arrived satisfies `seen`."""
        async with asyncio.timeout(WITHIN_SECONDS):
            while not seen():
                self._arrived.clear()
                await self._arrived.wait()

    async def receive_traces(self, request: Request) -> Response:
        export = ExportTraceServiceRequest.FromString(await _body(request))
        for resource in export.resource_spans:
            service = _attributes(resource.resource.attributes)["service.name"]
            self.spans += [
                CollectedSpan(service, span.name, span.trace_id.hex(), scope.scope.name)
                for scope in resource.scope_spans
                for span in scope.spans
            ]
        return self._received()

    async def receive_metrics(self, request: Request) -> Response:
        export = ExportMetricsServiceRequest.FromString(await _body(request))
        for resource in export.resource_metrics:
            of = _attributes(resource.resource.attributes)
            for scope in resource.scope_metrics:
                for found in (
                    each for metric in scope.metrics for each in _series(of["service.name"], metric)
                ):
                    key = (of["service.instance.id"], found.service, found.name, *found.attributes.items())
                    self._series[key] = found
        return self._received()

    def _received(self) -> Response:
        self._loop.call_soon_threadsafe(self._arrived.set)
        return Response(status_code=200)


async def _body(request: Request) -> bytes:
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body


def _attributes(pairs: Any) -> dict[str, str]:
    return {pair.key: _text(pair) for pair in pairs}


def _text(pair: KeyValue) -> str:
    return str(getattr(pair.value, str(pair.value.WhichOneof("value"))))


def _series(service: str, metric: Metric) -> Iterator[CollectedMetric]:
    shape = str(metric.WhichOneof("data"))
    assert shape in SHAPES, shape
    data = getattr(metric, shape)
    kind = "counter" if shape == "sum" and data.is_monotonic else shape
    for point in data.data_points:
        value = point.count if shape == "histogram" else getattr(point, str(point.WhichOneof("value")))
        yield CollectedMetric(service, metric.name, kind, metric.unit, _attributes(point.attributes), value)


@contextlib.asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    app = Starlette(
        routes=[
            Route("/v1/traces", collector.receive_traces, methods=["POST"]),
            Route("/v1/metrics", collector.receive_metrics, methods=["POST"]),
        ]
    )
    listening = socket.create_server(("127.0.0.1", 0))
    collector.endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), name="collector")
    thread.start()
    try:
        yield collector
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)
