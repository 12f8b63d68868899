"""Everything durable that runs beside a service's handlers, for as long as the service does."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from faststream.nats import NatsBroker

from shared.contracts.operations import GetOperation, OperationReport
from shared.durable import engine
from shared.durable.leases import ExecutorLease
from shared.durable.operations import Operations
from shared.durable.retention import prune_workflows
from shared.durable.tally import WorkflowTally
from shared.postgres import Database
from shared.service import periodically
from shared.settings import DatabaseSettings, RuntimeSettings

UPKEEP_SECONDS = 60.0


@contextlib.asynccontextmanager
async def durable_work(
    service: str,
    runtime: RuntimeSettings,
    settings: DatabaseSettings,
    database: Database,
    *upkeep: Callable[[], Awaitable[None]],
) -> AsyncIterator[None]:
    """Run the workflow engine, keep the lease, and do each `upkeep` once a minute. Ends all in order."""
    await engine.launch(service, runtime.executor_id, settings)
    tally = WorkflowTally(database, service, runtime.executor_id)
    lease = ExecutorLease(database, runtime.executor_id)
    await lease.start()
    try:
        async with contextlib.AsyncExitStack() as chores:
            for chore in (prune_workflows, tally.count, *upkeep):
                await chores.enter_async_context(periodically(UPKEEP_SECONDS, chore))
            yield
    finally:
        await engine.shutdown()
        await lease.stop()


def answer_operations(broker: NatsBroker, service: str, operations: Operations) -> None:
    """Answer `qry.<service>.get_operation` from the kept outcomes."""

    @broker.subscriber(
        GetOperation.subject_of(service), queue=service, max_workers=16, title=f"{service}:operation"
    )
    async def get_operation(question: GetOperation) -> OperationReport:
        return await operations.report(question)
