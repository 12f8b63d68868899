"""OpenTelemetry: traces through HTTP, NATS, workflows, SQL and Ory calls, and metrics.

Each is off unless a standard OTLP variable says where to: `OTEL_EXPORTER_OTLP_ENDPOINT` for both, or
`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` and `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`.
"""

import importlib.util
import os

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared import saturation
from shared.logs import VERSION
from shared.settings import RuntimeSettings

BOTH = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
METRICS = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"


def traced() -> bool:
    return _any_of(BOTH, TRACES)


def _any_of(*names: str) -> bool:
    return any(os.environ.get(name) for name in names)


def configure(service: str, settings: RuntimeSettings) -> None:
    """Export what this process does and measures, with its database and Ory clients as far as it has them."""
    resource = Resource.create(
        {
            "service.name": f"moltnet-{service}",
            "service.namespace": "moltnet",
            "service.version": VERSION,
            "service.instance.id": settings.executor_id,
            "deployment.environment": settings.environment,
        }
    )
    if traced():
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
        _instrument_libraries()
    if _any_of(BOTH, METRICS):
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        metrics.set_meter_provider(MeterProvider([reader], resource=resource))
        saturation.report_memory()


def _instrument_libraries() -> None:
    if importlib.util.find_spec("asyncpg"):
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

        AsyncPGInstrumentor().instrument()  # type: ignore[no-untyped-call]
    if importlib.util.find_spec("ory_client"):
        from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor

        URLLib3Instrumentor().instrument()


def flush() -> None:
    """Send what is still held back. Called when a process ends."""
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
        if isinstance(provider, (TracerProvider, MeterProvider)):
            provider.shutdown()
