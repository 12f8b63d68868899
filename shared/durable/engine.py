"""DBOS as every service runs it: a schema of its own, a fixed version, a stable executor id.

`WORKFLOW_VERSION` is part of each workflow's identity: raise it only when a change cannot continue what is in
flight, and let the old version drain first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from opentelemetry import propagate, trace
from tenacity import RetryCallState, retry, retry_if_exception, wait_random_exponential

from shared import telemetry
from shared.postgres import PASSING
from shared.problems import ServiceUnavailable, UpstreamError
from shared.settings import DatabaseSettings

WORKFLOW_VERSION = "1"
QUEUE = "follow_up"
"""One queue per service, for work that commits with a row."""
QUEUE_POLL_SECONDS = 0.25
QUEUE_WORKERS = 64
SHUTDOWN_SECONDS = 10
POOL_SIZE = 10
LONGEST_PAUSE_SECONDS = 5.0

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

tracer = trace.get_tracer("moltnet.workflows")


def is_transient(failure: BaseException) -> bool:
    """Whether repeating a step can help: a part is away, or the database failed in passing."""
    return isinstance(failure, (ServiceUnavailable, UpstreamError, *PASSING))


def step_until_done(name: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """A step that is repeated for as long as what it needs is away. It must be idempotent.

    Any other failure ends it at once. The pauses grow to `LONGEST_PAUSE_SECONDS`. (DBOS's own repetition keeps
    every failure in memory until the step ends.)
    """
    persistent = retry(
        retry=retry_if_exception(is_transient),
        wait=wait_random_exponential(multiplier=0.2, max=LONGEST_PAUSE_SECONDS),
        before_sleep=partial(_tell, name),
        reraise=True,
    )

    def decorate(step: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        return DBOS.step(name=name)(persistent(step))

    return decorate


def _tell(name: str, state: RetryCallState) -> None:
    """Log the first failures, and then ever fewer."""
    failure = state.outcome.exception() if state.outcome else None
    if state.attempt_number.bit_count() == 1:
        log.warning("step_repeated", step=name, attempt=state.attempt_number, error=type(failure).__name__)


def step_with_patience(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A step that is tried three times (after 1 and 2 seconds) and then fails its workflow."""
    return DBOS.step(
        name=name,
        retries_allowed=True,
        interval_seconds=1.0,
        backoff_rate=2.0,
        max_attempts=3,
        should_retry=is_transient,
    )


def schema_of(service: str) -> str:
    return f"dbos_{service}"


async def launch(service: str, executor_id: str, settings: DatabaseSettings) -> None:
    """Start the engine on the running event loop and take up what this executor left unfinished."""
    url = settings.workflow_url.get_secret_value()
    config = DBOSConfig(
        name=service,
        system_database_url=url.replace("postgresql://", "postgresql+psycopg://", 1),
        dbos_system_schema=schema_of(service),
        application_version=WORKFLOW_VERSION,
        executor_id=executor_id,
        run_migrations=False,
        sys_db_pool_size=POOL_SIZE,
        log_level="WARNING",
        enable_otlp=telemetry.traced(),
        otel_attribute_format="semconv",
        notification_listener_polling_interval_sec=0.5,
    )
    DBOS(config=config)
    DBOS.launch()
    await DBOS.register_queue_async(
        QUEUE, worker_concurrency=QUEUE_WORKERS, polling_interval_sec=QUEUE_POLL_SECONDS
    )


async def shutdown() -> None:
    await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)


async def run_workflow(
    workflow: Callable[P, Awaitable[R]], identifier: UUID, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run a workflow under an id of our choosing, or join the one that has it, and await its result."""
    with SetWorkflowID(str(identifier)):
        handle: Any = await DBOS.start_workflow_async(workflow, *args, **kwargs)  # type: ignore[arg-type]
    result: R = await handle.get_result(polling_interval_sec=0.05)
    return result


async def workflow_result(identifier: UUID) -> Any:
    """Await the result of a workflow that is known to have been started."""
    handle: Any = await DBOS.retrieve_workflow_async(str(identifier))
    return await handle.get_result(polling_interval_sec=0.05)


async def is_started(identifier: UUID) -> bool:
    return await DBOS.get_workflow_status_async(str(identifier)) is not None


def current_trace() -> str:
    """The W3C `traceparent` of the current span, to be handed to a workflow."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent", "")


def continued_trace(traceparent: str) -> Any:
    """A context manager: a span that continues the trace of the request that caused the work."""
    parent = propagate.extract({"traceparent": traceparent}) if traceparent else None
    return tracer.start_as_current_span("workflow", context=parent)
