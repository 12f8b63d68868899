"""The asking side: queries, commands that are awaited, and events."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import structlog
from faststream.exceptions import IncorrectState
from faststream.nats import NatsBroker, NatsMessage
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError
from uuid6 import uuid7

from shared.contracts.base import Command, Event, Query, Record
from shared.contracts.principal import Principal
from shared.messaging import headers as header
from shared.messaging.outcomes import Outcome
from shared.messaging.topology import command_stream, stream_of
from shared.problems import ServiceUnavailable, unavailable

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Record)

QUERY_SECONDS = 5.0
COMMAND_SECONDS = 10.0
PUBLISH_SECONDS = 2.0
PUBLISH_ATTEMPTS = 3
BUS = "message bus"
FIRST = 1
"""Sequences of a stream begin here. A repeated command is in the queue twice; the first one tells since when."""
AWAY = (NatsError, IncorrectState)
"""Not connected, or not yet: workflows left over go on before the broker is started."""


class Bus:
    """Sends on a broker. Answers to commands come to one inbox of this process."""

    def __init__(self, broker: NatsBroker, user: str) -> None:
        self._broker = broker
        self._inbox = f"reply.{user}.{uuid4().hex}"
        self._waiting: dict[str, asyncio.Future[Outcome]] = {}
        broker.subscriber(f"{self._inbox}.*", max_workers=8)(self._receive)

    async def _receive(self, message: NatsMessage) -> None:
        token = message.raw_message.subject.rpartition(".")[2]
        waiting = self._waiting.pop(token, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(Outcome.read(message))

    async def ask(
        self, query: Query[R], caller: Principal | None = None, *, seconds: float = QUERY_SECONDS
    ) -> R:
        """The answer, or the problem that the service raised. 503 when nobody answers in time."""
        body = query.model_dump_json().encode()
        outcome = await self.request(query.subject, body, header.caller_headers(caller), seconds)
        return outcome.unwrap(query.answer)  # type: ignore[return-value]

    async def request(
        self, subject: str, body: bytes, headers: dict[str, str] | None = None, seconds: float = QUERY_SECONDS
    ) -> Outcome:
        """Core request/reply on any subject. 503 when nobody answers in time."""
        service = subject.split(".")[1]
        try:
            answer = await self._broker.request(
                body,
                subject,
                headers={header.CONTENT_TYPE: header.JSON, **(headers or {})},
                timeout=seconds,
            )
        except NoRespondersError as failure:
            raise unavailable(f"{service} service") from failure
        except TimeoutError as failure:
            raise unavailable(f"{service} service") from failure
        except AWAY as failure:
            raise unavailable(BUS) from failure
        return Outcome.read(answer)

    async def execute(
        self,
        command: Command[R],
        caller: Principal | None = None,
        *,
        operation: UUID | None = None,
        keyed: bool = False,
        seconds: float = COMMAND_SECONDS,
    ) -> Outcome | None:
        """What became of the command; None when it is still at work after `seconds`. 503 unless the bus has it.

        `operation` is its id; `keyed` says that the id may have been used before.
        """
        token = uuid4().hex
        loop = asyncio.get_running_loop()
        latest = loop.time() + seconds
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._waiting[token] = answer
        try:
            await self.publish(
                f"{command.subject}.{operation or uuid7()}",
                command.model_dump_json().encode(),
                stream_of(type(command)),
                self._command_headers(caller, token, seconds, keyed=keyed),
            )
            async with asyncio.timeout_at(latest):
                return await answer
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(token, None)

    async def perform(self, command: Command[R], *, operation: UUID, seconds: float = COMMAND_SECONDS) -> R:
        """A command from service to service: its result, its problem, or 503 when it takes too long."""
        outcome = await self.execute(command, operation=operation, keyed=True, seconds=seconds)
        if outcome is None:
            raise unavailable(f"{command.owner} service")
        return outcome.unwrap(command.answer)  # type: ignore[return-value]

    def _command_headers(
        self, caller: Principal | None, token: str, seconds: float, *, keyed: bool
    ) -> dict[str, str]:
        deadline = datetime.now(UTC) + timedelta(seconds=seconds)
        return {
            header.CONTENT_TYPE: header.JSON,
            header.MESSAGE_ID: token,
            header.REPLY_TO: f"{self._inbox}.{token}",
            header.DEADLINE: header.write_moment(deadline),
            **header.caller_headers(caller),
            **({header.KEYED: "1"} if keyed else {}),
        }

    async def publish(self, subject: str, body: bytes, stream: str, headers: dict[str, str]) -> None:
        """Publish until the stream has it. `Nats-Msg-Id` keeps a repeated attempt single."""
        for attempt in range(1, PUBLISH_ATTEMPTS + 1):
            try:
                await self._broker.publish(
                    body, subject, stream=stream, headers=headers, timeout=PUBLISH_SECONDS
                )
                return
            except (TimeoutError, NoStreamResponseError, APIError) as failure:
                if attempt == PUBLISH_ATTEMPTS:
                    raise _not_taken() from failure
            except AWAY as failure:
                raise unavailable(BUS) from failure

    async def queued_since(self, owner: str, operation: UUID, caller: UUID | None) -> datetime | None:
        """When the owner's work queue took the command of this id and caller, while it still waits there."""
        subject = f"cmd.{owner}.*.{operation}"
        try:
            message = await self._broker.connection.jetstream(timeout=QUERY_SECONDS).get_msg(
                command_stream(owner), seq=FIRST, subject=subject, next=True
            )
        except NotFoundError:
            return None
        except (*AWAY, TimeoutError) as failure:
            raise unavailable(BUS) from failure
        sender = header.read_caller(message.headers or {})
        return message.time if (sender.identity_id if sender else None) == caller else None

    async def ping(self) -> None:
        """503 unless the server answers. While the client reconnects, its `flush` asks nobody and succeeds."""
        try:
            connection = self._broker.connection
            if not connection.is_connected:
                raise unavailable(BUS)
            await connection.flush(timeout=2)
        except (*AWAY, TimeoutError, AttributeError) as failure:
            raise unavailable(BUS) from failure

    async def announce(self, event: Event, *, key: str) -> None:
        """Publish a domain event with CloudEvents 1.0 headers. The same `key` is announced once."""
        headers = {
            header.CONTENT_TYPE: header.JSON,
            header.MESSAGE_ID: f"{event.subject}:{key}",
            "ce-specversion": "1.0",
            "ce-id": key,
            "ce-type": f"net.themolt.{event.owner}.{event.name}",
            "ce-source": f"/services/{event.owner}",
            header.EVENT_TIME: datetime.now(UTC).isoformat(),
        }
        await self.publish(event.subject, event.model_dump_json().encode(), "EVENTS", headers)


def _not_taken() -> ServiceUnavailable:
    return ServiceUnavailable(
        "The message bus did not confirm the command, which may or may not run. "
        "Repeat it with the same Idempotency-Key to be sure that it runs once.",
        retry_after=2,
    )
