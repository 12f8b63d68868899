"""Executor leases and the janitor: a replica that dies loses no workflow.

DBOS takes up unfinished work only for the same executor id. So each executor keeps a lease row; in every
replica a janitor looks for executors whose lease lapsed and hands their pending workflows on. One janitor
works at a time (advisory lock). A workflow that was handed on `MAX_RESUMES` times, because it kills whoever
runs it, is given up aloud. Steps are therefore run at least once, and each is idempotent.
"""

import asyncio
import contextlib

import structlog
from dbos import DBOS

from shared import metrics
from shared.postgres import LOST, Connection, Database
from shared.problems import Problem

log = structlog.get_logger(__name__)

RENEW_SECONDS = 2.0
LEASE_SECONDS = 10.0
MAX_RESUMES = 20
JANITOR_LOCK = 0x6D6F6C74


class ExecutorLease:
    """Keeps this executor's lease and looks after the others'."""

    def __init__(self, database: Database, executor_id: str) -> None:
        self._database = database
        self._executor_id = executor_id
        self._task: asyncio.Task[None] | None = None
        metrics.workflows_given_up.add(0)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="executor-lease")

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        with contextlib.suppress(Problem, *LOST):
            async with self._database.transaction() as connection:
                await connection.execute(
                    "UPDATE executors SET lease_until = now() WHERE executor_id = $1", self._executor_id
                )

    async def _keep(self) -> None:
        while True:
            try:
                await self._renew()
                await self._look_after_others()
            except (Problem, *LOST) as failure:
                log.warning("lease_not_renewed", error=type(failure).__name__)
            await asyncio.sleep(RENEW_SECONDS)

    async def _renew(self) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO executors (executor_id, lease_until)"
                " VALUES ($1, now() + make_interval(secs => $2))"
                " ON CONFLICT (executor_id) DO UPDATE SET lease_until = excluded.lease_until",
                self._executor_id,
                LEASE_SECONDS,
            )

    async def _look_after_others(self) -> None:
        async with self._database.transaction() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", JANITOR_LOCK):
                return
            lapsed = await connection.fetch("SELECT executor_id FROM executors WHERE lease_until < now()")
            for row in lapsed:
                await self._hand_on(connection, row["executor_id"])

    async def _hand_on(self, connection: Connection, executor_id: str) -> None:
        pending = await DBOS.list_workflows_async(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        for workflow in pending:
            resumes = await _count_resume(connection, workflow.workflow_id)
            if resumes > MAX_RESUMES:
                log.error("workflow_given_up", workflow_id=workflow.workflow_id, workflow=workflow.name)
                metrics.workflows_given_up.add(1)
                await DBOS.cancel_workflow_async(workflow.workflow_id)
            else:
                await DBOS.resume_workflow_async(workflow.workflow_id)
        if pending:
            log.warning("workflows_handed_on", count=len(pending), executor=executor_id)
        else:
            await connection.execute("DELETE FROM executors WHERE executor_id = $1", executor_id)


async def _count_resume(connection: Connection, workflow_id: str) -> int:
    count: int = await connection.fetchval(
        "INSERT INTO workflow_resumes (workflow_id, resumes) VALUES ($1, 1)"
        " ON CONFLICT (workflow_id) DO UPDATE SET resumes = workflow_resumes.resumes + 1 RETURNING resumes",
        workflow_id,
    )
    return count
