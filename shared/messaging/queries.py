"""Queries: core request/reply, shared by the replicas of a service.

    @on_query(router, GetEntry)
    async def get_entry(message: GetEntry, caller: Caller) -> DiaryEntry: ...

The decorator type-checks that a handler returns what its contract promises. The middleware answers with the
result, or with the problem that was raised.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from faststream import BaseMiddleware
from faststream.message import StreamMessage
from faststream.nats import NatsResponse, NatsRouter
from nats.aio.msg import Msg

from shared.contracts.base import Query, Record
from shared.contracts.principal import Principal
from shared.messaging.failures import deliberate, unexpected
from shared.messaging.headers import read_caller
from shared.messaging.outcomes import Outcome
from shared.messaging.parts import Part
from shared.problems import Unauthorized, ValidationFailed

P = ParamSpec("P")
R = TypeVar("R", bound=Record)
Next = Callable[[StreamMessage[Msg]], Awaitable[Any]]

CONCURRENT_QUERIES = 64
MAX_REPLY_BYTES = 8 * 1024 * 1024 - 4096
"""What the bus carries in one message, less its headers."""

CALLER = "caller"
Caller = Annotated[Principal | None, Part(CALLER)]
"""The authenticated caller of a query, or None."""


def known(caller: Principal | None) -> Principal:
    """The caller of what only agents may ask. Raises Unauthorized."""
    if caller is None:
        raise Unauthorized("This needs an access token.")
    return caller


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
            return Outcome.of_problem(deliberate(failure) or unexpected(failure))
