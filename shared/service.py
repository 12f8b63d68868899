"""The life of a service process: connect, subscribe, say that it is ready, serve, and end in order.

Order of ending: stop taking messages and finish those at hand, stop workflows, close pools, flush telemetry.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import structlog
import uvloop
from faststream import FastStream
from faststream.nats import NatsBroker

from shared import logs, saturation, telemetry
from shared.contracts.health import ComponentHealth, ServiceHealth, health_subject
from shared.problems import Problem
from shared.settings import HeartbeatSettings, RuntimeSettings, load

log = structlog.get_logger(__name__)

Probe = Callable[[], Awaitable[None]]
PROBE_SECONDS = 5.0
INNER_PROBE_SECONDS = 4.0
"""Of a service's own components: shorter, so that whoever asks the service still hears which one it is."""
BEAT_SECONDS = 5.0


class NotWellError(Exception):
    """What a check found, as one of the safe categories of `ComponentHealth`."""

    def __init__(self, category: str) -> None:
        super().__init__(category)
        self.category = category


async def probe(check: Probe, seconds: float = PROBE_SECONDS) -> ComponentHealth:
    """Run one check with its time limit. Errors become safe categories, never texts."""
    started = time.monotonic()
    error = None
    try:
        async with asyncio.timeout(seconds):
            await check()
    except TimeoutError:
        error = "timeout"
    except NotWellError as finding:
        error = finding.category
    except Problem:
        error = "unavailable"
    except Exception:
        error = "connection_failed"
    latency = int((time.monotonic() - started) * 1000)
    return ComponentHealth(status="error" if error else "ok", latency_ms=latency, error=error)


async def probe_all(checks: Mapping[str, Probe]) -> dict[str, ComponentHealth]:
    results = await asyncio.gather(*(probe(check, INNER_PROBE_SECONDS) for check in checks.values()))
    return dict(zip(checks, results, strict=True))


def answer_health(broker: NatsBroker, service: str, checks: Mapping[str, Probe]) -> None:
    """Answer `qry.<service>.get_health` by probing each component at once."""

    @broker.subscriber(health_subject(service), queue=service, max_workers=4, title=f"{service}:health")
    async def get_health() -> ServiceHealth:
        return ServiceHealth(components=await probe_all(checks))


@contextlib.asynccontextmanager
async def periodically(seconds: float, work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Do `work` every so often while the context lasts. A failure is logged and tried again next time."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception as failure:
                log.warning("background_work_failed", work=work.__qualname__, error=type(failure).__name__)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def heartbeat(broker: NatsBroker, file: Path | None) -> AsyncIterator[None]:
    """Touch the file every few seconds while this process and its way to the bus are well. None: do nothing."""
    if file is None:
        yield
        return

    async def beat() -> None:
        if await broker.ping(timeout=BEAT_SECONDS):
            await asyncio.to_thread(file.touch)

    await beat()
    async with periodically(BEAT_SECONDS, beat):
        yield
    await asyncio.to_thread(file.unlink, missing_ok=True)


def serve(
    service: str, compose: Callable[[RuntimeSettings], contextlib.AbstractAsyncContextManager[NatsBroker]]
) -> None:
    """Run a service until it is told to stop. `compose` opens its parts and closes them at the end."""
    runtime, settings = load(RuntimeSettings), load(HeartbeatSettings)
    logs.configure(service, runtime)
    telemetry.configure(service, runtime)

    async def run() -> None:
        async with compose(runtime) as broker:
            beating = contextlib.AsyncExitStack()

            async def ready() -> None:
                await beating.enter_async_context(heartbeat(broker, settings.file))
                log.info("ready")

            async with beating, saturation.watched_loop():
                app = FastStream(broker, logger=None)
                app.after_startup(ready)
                logs.adopt("faststream", "dbos")
                await app.run()

    try:
        uvloop.run(run())
    finally:
        telemetry.flush()
