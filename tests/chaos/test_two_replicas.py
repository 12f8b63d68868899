"""One of two diary services is killed and never comes back: the other ends what it had begun."""

import asyncio
from dataclasses import dataclass

import pytest

from .journal import Burst, Write
from .ory_state import tuple_objects
from .polling import eventually, nothing
from .world import PAIR, World, Worlds

WRITES = 24
"""More than the late embeddings that both replicas take at once, so that each holds some."""
LOST = "diary-1"


@dataclass(frozen=True)
class Widowed:
    """The stack with one diary service left, while the embedder is back and work goes on."""

    world: World
    diary_id: str
    writes: list[Write]

    async def unfinished(self) -> dict[str, str]:
        rows = await self.world.rows(
            "SELECT workflow_uuid, status FROM dbos_diary.workflow_status WHERE status <> 'SUCCESS'"
        )
        return {row["workflow_uuid"]: row["status"] for row in rows}

    async def incomplete(self) -> set[str]:
        """Acknowledged entries that are not there with vector and parent tuple."""
        parents = await tuple_objects(self.world.ory, "DiaryEntry", "parent")
        rows = await self.world.rows(
            "SELECT id::text FROM diary_entries WHERE diary_id = $1 AND embedding IS NOT NULL", self.diary_id
        )
        complete = {row["id"] for row in rows if parents.get(row["id"]) == {self.diary_id}}
        return {write.entry_id for write in self.writes if write.entry_id} - complete


@pytest.fixture(scope="module")
async def widowed(worlds: Worlds) -> Widowed:
    world = await worlds.of(PAIR)
    agent = await world.agent()
    diary_id = await agent.diary()
    await world.take_away("embedder")
    burst = Burst(agent, diary_id, WRITES)
    async with asyncio.TaskGroup() as group:
        group.create_task(burst.run())
        assert await eventually(lambda: _pending_at(world, LOST), bool), "it has nothing to leave behind"
        await world.take_away(LOST)
    await world.stack.start_part("embedder")
    await world.stack.ready()
    return Widowed(world, diary_id, burst.writes)


async def _pending_at(world: World, executor: str) -> int:
    rows = await world.rows(
        "SELECT count(*) FROM dbos_diary.workflow_status WHERE executor_id = $1 AND status = 'PENDING'",
        executor,
    )
    return int(rows[0]["count"])


async def test_every_write_succeeds(widowed: Widowed) -> None:
    assert [write.statuses for write in widowed.writes if write.outcome != 201] == []


async def test_everything_the_lost_one_had_begun_is_done(widowed: Widowed) -> None:
    assert await eventually(widowed.unfinished, nothing, within=90) == {}


async def test_every_entry_is_complete(widowed: Widowed) -> None:
    assert await eventually(widowed.incomplete, nothing, within=90) == set()
