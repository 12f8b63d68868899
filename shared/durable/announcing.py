"""Domain events that follow a change: announced until the bus has them, each once.

A workflow calls `announce`; a change that needs no other durable work calls `tell_later` in its transaction.
"""

from uuid import UUID

from dbos import DBOS

from shared.contracts.base import Event
from shared.durable.engine import continued_trace, step_until_done
from shared.durable.enqueue import enqueue
from shared.messaging.bus import Bus
from shared.postgres import Connection

TELL = "tell"
"""The workflow's name, under which it is found again after a restart."""

_bus: Bus


def wire(bus: Bus) -> None:
    """Give the step its bus. Workflows are module functions, since the queue finds them by name."""
    global _bus
    _bus = bus


async def announce(event: Event, key: str) -> None:
    """For workflows. The same `key` is announced once."""
    await _announce(event.subject, event.model_dump_json(), key)


async def tell_later(connection: Connection, operation: UUID, event: Event) -> None:
    """An event of this operation, announced after the transaction if it commits."""
    body = event.model_dump_json()
    await enqueue(connection, event.owner, TELL, f"tell-{operation}", event.subject, body, str(operation))


@DBOS.workflow(name=TELL)
async def tell(subject: str, body: str, key: str, traceparent: str) -> None:
    with continued_trace(traceparent):
        await _announce(subject, body, key)


@step_until_done("announce")
async def _announce(subject: str, body: str, key: str) -> None:
    await _bus.announce(Event.of_subject(subject).model_validate_json(body), key=key)
