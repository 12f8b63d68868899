"""Durable work that was left over is done in the end, whatever comes back first."""

from .polling import eventually
from .world import World

LATE_EMBEDDING = (
    "SELECT status, recovery_attempts AS attempts FROM dbos_diary.workflow_status"
    " WHERE name = 'embed_entry' AND starts_with(workflow_uuid, 'embed-entry-' || $1)"
)


async def test_a_service_that_starts_before_the_bus_takes_up_its_work_later(world: World) -> None:
    agent = await world.agent()
    diary_id = await agent.diary()
    await world.take_away("embedder")
    entry = await agent.write(diary_id, "This will be embedded late.")

    async def attempts() -> int:
        rows = await world.rows(LATE_EMBEDDING, entry["id"])
        return int(rows[0]["attempts"]) if rows[0]["status"] != "ENQUEUED" else 0

    async def status() -> str:
        return str((await world.rows(LATE_EMBEDDING, entry["id"]))[0]["status"])

    assert await eventually(attempts, lambda count: count > 0), "the work has not begun"
    await world.take_away("diary")
    await world.take_away("nats")
    await world.stack.start_part("diary")
    assert await eventually(attempts, lambda count: count > 1) > 1, "the service has not tried again"
    await world.stack.start_part("nats")
    await world.stack.start_part("embedder")
    await world.stack.ready()
    assert await eventually(status, lambda seen: seen in ("SUCCESS", "ERROR")) == "SUCCESS"
