"""What happens around every handler: who asks is read, the outcome is sent back, then the message is done.

A query is answered with its result or its problem. A command is answered and acknowledged once its outcome
is certain:

* a result, kept by the handler together with its effect;
* a refusal (a `Problem` below 500), kept here;
* `ServiceUnavailable` while someone waits for a first delivery: nothing was done, the caller is told so;
* anything else is delivered again, and parked for an operator after `ATTEMPTS` tries.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog
from faststream import BaseMiddleware
from faststream._internal.context import ContextRepo
from faststream.message import StreamMessage
from faststream.nats import NatsBroker, NatsResponse
from faststream.nats.message import NatsMessage
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from opentelemetry import trace
from pydantic import ValidationError

from shared.contracts.base import Record
from shared.messaging.headers import CONTENT_TYPE, JSON, CommandContext, read_caller
from shared.messaging.outcomes import Outcome, OutcomeStore
from shared.messaging.subscriptions import CALLER, COMMAND
from shared.messaging.topology import command_stream
from shared.problems import FieldError, InternalServerError, Problem, ServiceUnavailable, ValidationFailed

log = structlog.get_logger(__name__)

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 2.0
MAX_REPLY_BYTES = 8 * 1024 * 1024 - 4096
"""What the bus carries in one message, less its headers."""
ADVISORY = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.*"

LATE = Outcome.of_problem(ServiceUnavailable("Nobody waits for this any more."))
"""For a command whose only effect is its answer."""

Next = Callable[[StreamMessage[Msg]], Awaitable[Any]]


def _invalid(failure: ValidationError) -> ValidationFailed:
    errors = [
        FieldError(field="/" + "/".join(map(str, error["loc"])), message=error["msg"])
        for error in failure.errors()
    ]
    return ValidationFailed.of_fields(errors)


def _unexpected(failure: Exception) -> InternalServerError:
    trace_id = trace.get_current_span().get_span_context().trace_id
    log.error("unexpected_error", error=type(failure).__name__, exc_info=failure)
    suffix = f" Trace {trace_id:032x}." if trace_id else ""
    return InternalServerError(f"An unexpected error happened.{suffix}")


def _problem_of(failure: Exception) -> Problem | None:
    if isinstance(failure, Problem):
        return failure
    return _invalid(failure) if isinstance(failure, ValidationError) else None


class QueryConsumer(BaseMiddleware[Any, Any]):
    """Answers queries. Messages that are no queries pass."""

    async def consume_scope(self, call_next: Next, msg: StreamMessage[Msg]) -> Any:
        if not msg.raw_message.subject.startswith("qry."):
            return await call_next(msg)
        with self.context.scope(CALLER, read_caller(msg.headers)):
            outcome = await self._answer(call_next, msg)
        if len(outcome.body) > MAX_REPLY_BYTES:
            outcome = Outcome.of_problem(
                ValidationFailed("The answer is too large. Ask for fewer at a time.")
            )
        return NatsResponse(outcome.body, headers=outcome.headers)

    async def _answer(self, call_next: Next, msg: StreamMessage[Msg]) -> Outcome:
        try:
            return Outcome.of_result(await call_next(msg))
        except Exception as failure:
            return Outcome.of_problem(_problem_of(failure) or _unexpected(failure))


class CommandConsumer:
    """Makes the middleware that sees every command of one service to its end.

    Without a `store` a command's only effect is its answer, so one that nobody waits for is passed over.
    """

    def __init__(self, broker: NatsBroker, service: str, store: OutcomeStore | None = None) -> None:
        self._broker = broker
        self._store = store
        self._watch(service)

    def __call__(self, msg: Any, *, context: ContextRepo) -> "_CommandScope":
        return _CommandScope(msg, context=context, consumer=self)

    async def outcome(
        self, call: Callable[[], Awaitable[Record]], operation: CommandContext, body: bytes
    ) -> Outcome | None:
        """What became of the command; None when it is to be delivered again."""
        if self._store is None and not operation.someone_waits:
            return LATE
        try:
            if self._store is not None and operation.may_be_repeated:
                kept = await self._store.find(operation)
                if kept is not None:
                    return replace(kept, replayed=operation.deliveries == 1)
            return Outcome.of_result(await call())
        except Exception as failure:
            return await self._failed(failure, operation, body)

    async def _failed(self, failure: Exception, operation: CommandContext, body: bytes) -> Outcome | None:
        problem = _problem_of(failure)
        if isinstance(problem, ServiceUnavailable):
            first = operation.deliveries == 1 and operation.someone_waits
            return Outcome.of_problem(problem) if first else None
        if problem is None:
            if operation.deliveries < ATTEMPTS:
                log.warning("command_retried", command=operation.name, error=type(failure).__name__)
                return None
            problem = _unexpected(failure)
            await self._park(operation, body, failure)
        outcome = Outcome.of_problem(problem)
        if self._store is not None:
            await self._store.keep_problem(operation, outcome)
        return outcome

    async def _park(self, operation: CommandContext, body: bytes, failure: Exception) -> None:
        log.error("command_parked", command=operation.name, command_id=str(operation.id))
        await self._broker.publish(
            body,
            f"parked.{operation.name}.{operation.id}",
            stream="PARKED",
            headers={CONTENT_TYPE: JSON, "Moltnet-Error": type(failure).__name__},
            timeout=5,
        )

    def _watch(self, service: str) -> None:
        """Raise the alarm for a command that was delivered too often: it kills whoever handles it."""

        @self._broker.subscriber(ADVISORY.format(stream=command_stream(service)), include_in_schema=False)
        async def stuck(advisory: dict[str, Any]) -> None:
            log.error("command_stuck", stream=advisory.get("stream"), sequence=advisory.get("stream_seq"))

    async def reply(self, operation: CommandContext, outcome: Outcome) -> None:
        if operation.reply_to:
            await self._broker.publish(outcome.body, operation.reply_to, headers=outcome.headers)


class _CommandScope(BaseMiddleware[Any, Any]):
    def __init__(self, msg: Any, *, context: ContextRepo, consumer: CommandConsumer) -> None:
        super().__init__(msg, context=context)
        self._consumer = consumer

    async def consume_scope(self, call_next: Next, msg: StreamMessage[Msg]) -> Any:
        if not msg.raw_message.subject.startswith("cmd.") or not isinstance(msg, NatsMessage):
            return await call_next(msg)
        raw = msg.raw_message
        operation = CommandContext.read(raw.subject, msg.headers, raw.data, raw.metadata.num_delivered)
        with structlog.contextvars.bound_contextvars(command_id=str(operation.id)):
            async with _kept_alive(msg):
                await self._handle(call_next, msg, operation)
        return None

    async def _handle(self, call_next: Next, msg: NatsMessage, operation: CommandContext) -> None:
        async def call() -> Record:
            with self.context.scope(COMMAND, operation):
                result: Record = await call_next(msg)
                return result

        try:
            outcome = await self._consumer.outcome(call, operation, msg.raw_message.data)
            if outcome is None:
                await msg.nack(delay=_pause(operation.deliveries))
                return
            await self._consumer.reply(operation, outcome)
            await msg.ack()
        except NatsError as failure:
            # The bus is away. The message is still its, and comes again; the outcome is kept.
            log.warning("command_not_acknowledged", error=type(failure).__name__)


def _pause(deliveries: int) -> float:
    return min(FIRST_PAUSE_SECONDS * 2.0 ** (deliveries - 1), LONGEST_PAUSE_SECONDS)


@contextlib.asynccontextmanager
async def _kept_alive(msg: NatsMessage) -> AsyncIterator[None]:
    """Tell the server that work goes on, so that a long command is not delivered to another replica."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            with contextlib.suppress(NatsError):
                await msg.in_progress()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
