"""A collector for tests: takes OTLP over HTTP on loopback and keeps the spans."""

import asyncio
import contextlib
import gzip
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class CollectedSpan:
    service: str
    name: str
    trace_id: str
    scope: str


@dataclass
class Collector:
    """`endpoint` is what OTEL_EXPORTER_OTLP_ENDPOINT wants."""

    endpoint: str = ""
    spans: list[CollectedSpan] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        export = ExportTraceServiceRequest.FromString(body)
        async with self.arrived:
            for resource in export.resource_spans:
                named = {item.key: item.value.string_value for item in resource.resource.attributes}
                for scope in resource.scope_spans:
                    self.spans += [
                        CollectedSpan(
                            named.get("service.name", ""), span.name, span.trace_id.hex(), scope.scope.name
                        )
                        for span in scope.spans
                    ]
            self.arrived.notify_all()
        return Response(status_code=200)

    def of_trace(self, trace_id: str) -> list[CollectedSpan]:
        return [span for span in self.spans if span.trace_id == trace_id]


@contextlib.asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    app = Starlette(routes=[Route("/v1/traces", collector.receive, methods=["POST"])])
    listening = socket.create_server(("127.0.0.1", 0))
    collector.endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield collector
    finally:
        server.should_exit = True
        await task
