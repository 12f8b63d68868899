"""Commands: a pull consumer each on the owner's work queue.

    @on_command(router, CreateEntry)
    async def create_entry(message: CreateEntry, operation: Operation) -> DiaryEntry: ...

The decorator type-checks that a handler returns what its contract promises. The middleware answers a command
and acknowledges it once its outcome is certain:

* a result, kept by the handler together with its effect;
* a refusal (a `Problem` below 500), kept here;
* `ServiceUnavailable` while someone waits for a first delivery: nothing was done, the caller is told so;
* anything else is delivered again, and parked for an operator after `ATTEMPTS` tries.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, ParamSpec, TypeVar

import structlog
from faststream import AckPolicy, BaseMiddleware
from faststream._internal.context import ContextRepo
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, NatsRouter, PullSub
from faststream.nats.message import NatsMessage
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared import metrics
from shared.contracts.base import Command, Record
from shared.messaging.failures import deliberate, unexpected
from shared.messaging.headers import CONTENT_TYPE, JSON, CommandContext
from shared.messaging.outcomes import Outcome, OutcomeStore
from shared.messaging.parts import Part
from shared.messaging.topology import command_stream, commands, stream_of
from shared.problems import Conflict, IdempotencyKeyReused, ServiceUnavailable
from shared.settings import inbox_prefix

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R", bound=Record)
Next = Callable[[StreamMessage[Msg]], Awaitable[Any]]

CONCURRENT_COMMANDS = 32
FETCH = PullSub(batch_size=1, timeout=5.0)
"""One at a time: an empty fetch of several raises an error that FastStream takes for a crash of the consumer."""

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 2.0
ADVISORY = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.*"
LATE = Outcome.of_problem(ServiceUnavailable("Nobody waits for this any more."))
"""For a command whose only effect is its answer."""

COMMAND = "command_context"
Operation = Annotated[CommandContext, Part(COMMAND)]
"""The command's id, caller and deadline."""


def on_command(
    router: NatsRouter, contract: type[Command[R]], *, workers: int = CONCURRENT_COMMANDS
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """A pull consumer on the owner's work queue. The consuming middleware acknowledges."""
    subscriber = router.subscriber(
        f"{contract.subject}.*",
        stream=JStream(stream_of(contract), declare=False),
        durable=contract.name,
        pull_sub=FETCH,
        inbox_prefix=f"{inbox_prefix(contract.owner)}.".encode(),
        max_workers=workers,
        ack_policy=AckPolicy.MANUAL,
        title=contract.subject,
    )

    def register(handler: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        subscriber(handler)
        return handler

    return register


class CommandConsumer:
    """Makes the middleware that sees every command of one service to its end.

    Without a `store` a command's only effect is its answer, so one that nobody waits for is passed over.
    """

    def __init__(self, broker: NatsBroker, service: str, store: OutcomeStore | None = None) -> None:
        self._broker = broker
        self._store = store
        self._watch(service)
        _begin_counting(service)

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
            return await self._standing(operation, Outcome.of_result(await call()))
        except Exception as failure:
            return await self._failed(failure, operation, body)

    async def _failed(self, failure: Exception, operation: CommandContext, body: bytes) -> Outcome | None:
        problem = deliberate(failure)
        if isinstance(problem, ServiceUnavailable):
            first = operation.deliveries == 1 and operation.someone_waits
            return Outcome.of_problem(problem) if first else None
        if problem is None:
            if operation.deliveries < ATTEMPTS:
                log.warning("command_retried", command=operation.name, error=type(failure).__name__)
                return None
            problem = unexpected(failure)
            await self._park(operation, body, failure)
        outcome = Outcome.of_problem(problem)
        if self._store is not None:
            await self._store.keep_problem(operation, outcome)
        return await self._standing(operation, outcome)

    async def _standing(self, operation: CommandContext, outcome: Outcome) -> Outcome:
        """What is kept counts: the same command may have run at the same time and been first, or another one
        under the same key."""
        if self._store is None or not operation.may_be_repeated:
            return outcome
        try:
            return await self._store.find(operation) or outcome
        except (IdempotencyKeyReused, Conflict) as refusal:
            return Outcome.of_problem(refusal)
        except ServiceUnavailable:
            return outcome

    async def _park(self, operation: CommandContext, body: bytes, failure: Exception) -> None:
        log.error("command_parked", command=operation.name, command_id=str(operation.id))
        metrics.command_parked.add(1, {"command": operation.name})
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
            async with _kept_alive(msg), _measured(operation.name, raw.metadata):
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


@contextlib.asynccontextmanager
async def _measured(command: str, delivery: Msg.Metadata) -> AsyncIterator[None]:
    told = {"command": command}
    age = datetime.now(UTC) - delivery.timestamp
    metrics.command_age.record(max(0.0, age.total_seconds() * 1000), told)
    if delivery.num_delivered > 1:
        metrics.command_redeliveries.add(1, told)
    started = time.perf_counter()
    try:
        yield
    finally:
        metrics.command_duration.record((time.perf_counter() - started) * 1000, told)


def _begin_counting(service: str) -> None:
    for contract in commands():
        if contract.owner == service:
            metrics.command_redeliveries.add(0, {"command": contract.subject})
            metrics.command_parked.add(0, {"command": contract.subject})


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
