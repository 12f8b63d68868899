"""The connection to NATS, with the settings that make it fail loudly and come back by itself."""

import logging
from collections.abc import Callable

import structlog
from fast_depends.pydantic import PydanticSerializer
from faststream.nats import NatsBroker
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from faststream.security import SASLPlaintext
from opentelemetry import trace
from opentelemetry.metrics import NoOpMeterProvider

from shared.settings import NatsSettings

log = structlog.get_logger(__name__)

RECONNECT_EVERY_SECONDS = 1
NO_BUFFERING = 0
"""While disconnected a publish fails at once: a buffered one would be sent long after its caller was told no."""

NO_METRICS = NoOpMeterProvider()
"""FastStream counts by subject, and subjects hold command ids and inboxes: as many series as messages."""

VALIDATION = PydanticSerializer(use_fastdepends_errors=True)
"""Tells an unfit message by an error of its own, apart from validation inside a handler (`messaging.failures`)."""


def _nothing() -> None:
    pass


def make_broker(
    settings: NatsSettings, *, description: str = "", on_gap: Callable[[], None] = _nothing
) -> NatsBroker:
    """A broker that is not started yet. It reconnects for ever.

    `on_gap` is called when messages of core subscriptions may have been lost on their way.
    """

    async def on_error(error: Exception) -> None:
        log.warning("nats_error", error=type(error).__name__, reason=str(error))
        on_gap()

    async def on_disconnect() -> None:
        log.warning("nats_disconnected")

    async def on_reconnect() -> None:
        log.info("nats_reconnected")
        on_gap()

    return NatsBroker(
        settings.url,
        name=settings.user,
        security=SASLPlaintext(settings.user, settings.password.get_secret_value(), use_ssl=False),
        inbox_prefix=settings.inbox_prefix,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_EVERY_SECONDS,
        ping_interval=10,
        max_outstanding_pings=2,
        pending_size=NO_BUFFERING,
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        reconnected_cb=on_reconnect,
        middlewares=(
            NatsTelemetryMiddleware(
                tracer_provider=trace.get_tracer_provider(),
                meter_provider=NO_METRICS,
            ),
        ),
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
        serializer=VALIDATION,
        description=description,
    )
