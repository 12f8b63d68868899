"""What a process measures of itself (OpenTelemetry). Names and units are in docs/operating.md.

The instruments do nothing until `shared.telemetry` gives them somewhere to report to. A counter of what should
never happen begins with a zero, so that its first event shows as an increase.
"""

from collections.abc import Callable, Iterable, Mapping

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

Reading = Callable[[], Mapping[str, float]]
"""Current values by the attribute that tells them apart."""
Labelled = tuple[float, Mapping[str, str]]
"""A value and its attributes."""

meter = metrics.get_meter("moltnet")

request_duration = meter.create_histogram(
    "http.server.request.duration", "ms", "From the first byte of a request to the end of its response"
)
request_total = meter.create_counter("http.server.request.total", description="Requests answered")
active_requests = meter.create_up_down_counter(
    "http.server.active_requests", description="Requests being answered"
)
command_duration = meter.create_histogram(
    "moltnet.command.duration", "ms", "Handling of one delivery of a command"
)
command_age = meter.create_histogram(
    "moltnet.command.age", "ms", "From the storing of a command to the start of a delivery's handling"
)
command_redeliveries = meter.create_counter(
    "moltnet.command.redeliveries", description="Deliveries of a command after its first"
)
command_parked = meter.create_counter("moltnet.command.parked", description="Commands set aside")
workflows_ended = meter.create_counter(
    "moltnet.workflow.ended", description="Workflows that came to an end, by status"
)
workflows_given_up = meter.create_counter(
    "moltnet.workflow.given_up", description="Workflows that were handed on too often and are cancelled"
)
event_loop_delay = meter.create_histogram(
    "moltnet.event_loop.delay", "ms", "How late the event loop wakes whoever asked it to"
)


def observe(name: str, attribute: str, read: Reading, *, unit: str = "", text: str = "") -> None:
    """A value that is looked at when metrics are collected, for instance the length of a queue."""

    def look(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, {attribute: key}) for key, value in read().items()]

    meter.create_observable_gauge(name, [look], unit, text)


def observe_each(name: str, read: Callable[[], Iterable[Labelled]], *, text: str = "") -> None:
    """Several values with attributes of their own. Once for each name: a second instrument would not be asked."""

    def look(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, attributes) for value, attributes in read()]

    meter.create_observable_gauge(name, [look], description=text)


def observe_value(name: str, read: Callable[[], float], *, unit: str = "", text: str = "") -> None:
    """One value of the whole process that is looked at when metrics are collected."""
    meter.create_observable_gauge(name, [lambda _: [Observation(read())]], unit, text)


def observe_total(name: str, read: Callable[[], float], *, unit: str = "", text: str = "") -> None:
    """A total that only grows and is kept elsewhere."""
    meter.create_observable_counter(name, [lambda _: [Observation(read())]], unit, text)
