"""How workflows of this process end, told as a metric."""

import time

from shared import metrics
from shared.durable.engine import schema_of
from shared.postgres import Database

ENDED = """
SELECT status, count(*) AS number FROM {schema}.workflow_status
WHERE executor_id = $1 AND updated_at >= $2 AND updated_at < $3 AND status NOT IN ('PENDING', 'ENQUEUED')
GROUP BY status
"""
ENDS = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class WorkflowTally:
    """Counts what has ended since it last looked."""

    def __init__(self, database: Database, service: str, executor_id: str) -> None:
        self._database = database
        self._sql = ENDED.format(schema=schema_of(service))
        self._executor_id = executor_id
        self._since = _now()
        for status in ENDS:
            metrics.workflows_ended.add(0, {"status": status})

    async def count(self) -> None:
        until = _now()
        async with self._database.connection() as connection:
            rows = await connection.fetch(self._sql, self._executor_id, self._since, until)
        self._since = until
        for row in rows:
            metrics.workflows_ended.add(row["number"], {"status": row["status"]})


def _now() -> int:
    """As the workflow engine writes times: milliseconds since 1970."""
    return time.time_ns() // 1_000_000
