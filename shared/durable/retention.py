"""Finished workflows are forgotten after a while: their rows hold what users sent."""

from datetime import UTC, datetime, timedelta

from dbos import DBOS

KEPT = timedelta(days=7)
BATCH = 500


async def prune_workflows() -> None:
    """Delete the histories of workflows that ended well more than a week ago. Failed ones stay."""
    finished = await DBOS.list_workflows_async(
        status=["SUCCESS"],
        end_time=(datetime.now(UTC) - KEPT).isoformat(),
        limit=BATCH,
        load_input=False,
        load_output=False,
    )
    if finished:
        await DBOS.delete_workflows_async([workflow.workflow_id for workflow in finished])
