"""A row and its workflow commit together: DBOS's queue is a table, and its SQL function joins our transaction.

Arguments are portable JSON: strings, numbers, booleans, lists and None.
"""

import json
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
