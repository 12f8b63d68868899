"""How a handler subscribes: `@on_command(router, CreateEntry)`, `@on_query(router, GetEntry)`.

The decorators type-check that a handler returns what its contract promises.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, ParamSpec, TypeVar

from faststream import AckPolicy, Context
from faststream.nats import JStream, NatsRouter, PullSub

from shared.contracts.base import Command, Query, Record
from shared.contracts.principal import Principal
from shared.messaging.headers import CommandContext
from shared.messaging.topology import stream_of
from shared.settings import inbox_prefix

P = ParamSpec("P")
R = TypeVar("R", bound=Record)

CONCURRENT_QUERIES = 64
CONCURRENT_COMMANDS = 32
FETCH = PullSub(batch_size=1, timeout=5.0)
"""One at a time: an empty fetch of several raises an error that FastStream takes for a crash of the consumer."""

CALLER = "caller"
COMMAND = "command_context"

Caller = Annotated[Principal | None, Context(CALLER, cast=False)]
"""The authenticated caller of a query, or None."""

Operation = Annotated[CommandContext, Context(COMMAND, cast=False)]
"""The command's id, caller and deadline."""


def on_query(
    router: NatsRouter, contract: type[Query[R]]
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Core request/reply; the replicas of a service share the work (queue group)."""
    subscriber = router.subscriber(
        contract.subject, queue=contract.owner, max_workers=CONCURRENT_QUERIES, title=contract.subject
    )

    def register(handler: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        subscriber(handler)
        return handler

    return register


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
