"""Finished workflows are forgotten after a while: their rows hold what users sent.

A command that is a workflow can be joined for as long as its history is kept, by whoever repeats its id. So its
outcome, which says whether it is the same request, stays until the history is gone (`Operations.prune`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dbos import DBOS, DBOSClient

KEPT = timedelta(hours=24)
BATCH = 500

Histories = type[DBOS] | DBOSClient


async def prune_workflows(histories: Histories = DBOS) -> None:
    """Delete the histories of workflows that ended well more than a day ago. Failed ones stay."""
    await _prune(histories, ["SUCCESS"], KEPT)


async def forget_secrets(workflows: Sequence[str], kept: timedelta, histories: Histories = DBOS) -> None:
    """Delete the histories of these workflows, in which secrets rest sealed, however they ended."""
    await _prune(histories, ["SUCCESS", "ERROR", "CANCELLED"], kept, list(workflows))


async def _prune(
    histories: Histories, status: list[str], kept: timedelta, names: list[str] | None = None
) -> None:
    before = (datetime.now(UTC) - kept).isoformat()
    while True:
        finished = await histories.list_workflows_async(
            status=status,
            name=names,
            completed_before=before,
            limit=BATCH,
            load_input=False,
            load_output=False,
        )
        if finished:
            await histories.delete_workflows_async([workflow.workflow_id for workflow in finished])
        if len(finished) < BATCH:
            return
