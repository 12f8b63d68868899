"""A row and its workflow commit together: DBOS's queue is a table, and its SQL function joins our transaction.

Arguments are portable JSON: strings, numbers, booleans, lists and None.
"""

import json
from collections.abc import Sequence
from uuid import UUID

from shared.durable.engine import QUEUE, current_trace, schema_of
from shared.postgres import Connection

Argument = str | int | float | bool | None | list[str]


async def enqueue(
    connection: Connection,
    service: str,
    workflow: str,
    identifier: str | UUID,
    *arguments: Argument,
    queue: str = QUEUE,
) -> None:
    """Put `workflow(*arguments, traceparent)` on a queue of the service, under `identifier`.

    The same identifier again starts nothing new. The trace context is the last argument, since the queue
    itself carries none.
    """
    values = [json.dumps(argument) for argument in (*arguments, current_trace())]
    await connection.execute(
        f'SELECT "{schema_of(service)}".enqueue_workflow('
        "$1, $2, $3::json[], workflow_id => $4, application_name => $5)",
        workflow,
        queue,
        values,
        str(identifier),
        service,
    )


async def send(connection: Connection, service: str, workflow_id: str, topic: str, message_id: str) -> None:
    """Wake a workflow of the service that waits for this topic, once for each `message_id`."""
    await connection.execute(
        f"SELECT \"{schema_of(service)}\".send_message($1, 'true'::json, $2, $3)",
        workflow_id,
        topic,
        message_id,
    )


async def count_unfinished(connection: Connection, service: str, identifiers: Sequence[str]) -> int:
    """How many of these workflows of the service have not ended yet."""
    count: int = await connection.fetchval(
        f'SELECT count(*) FROM "{schema_of(service)}".workflow_status'  # noqa: S608 - the schema is a constant
        " WHERE workflow_uuid = ANY($1) AND status IN ('ENQUEUED', 'DELAYED', 'PENDING')",
        identifiers,
    )
    return count
