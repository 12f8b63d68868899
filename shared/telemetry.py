"""OpenTelemetry traces through HTTP, NATS, workflows, SQL and Ory calls.

Off unless a standard OTLP variable (`OTEL_EXPORTER_OTLP_ENDPOINT` or `..._TRACES_ENDPOINT`) is set.
"""

import importlib.util
import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.logs import VERSION
from shared.settings import RuntimeSettings

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def enabled() -> bool:
    return any(os.environ.get(name) for name in ENDPOINTS)


def configure(service: str, settings: RuntimeSettings) -> None:
    """Export spans of this process, and instrument the database and Ory clients that it has installed."""
    if not enabled():
        return
    resource = Resource.create(
        {
            "service.name": f"moltnet-{service}",
            "service.namespace": "moltnet",
            "service.version": VERSION,
            "service.instance.id": settings.executor_id,
            "deployment.environment": settings.environment,
        }
    )
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _instrument_libraries()


def _instrument_libraries() -> None:
    if importlib.util.find_spec("asyncpg"):
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

        AsyncPGInstrumentor().instrument()  # type: ignore[no-untyped-call]
    if importlib.util.find_spec("ory_client"):
        from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor

        URLLib3Instrumentor().instrument()


def flush() -> None:
    """Send what is still held back. Called when a process ends."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()
