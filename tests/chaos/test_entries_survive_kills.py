"""kill -9 in the middle of a burst of writes: what clients were told holds, compared with their own logs."""

import asyncio
import time
from dataclasses import dataclass

import pytest

from .journal import NO_ANSWER, Burst, Write, counted
from .ory_state import tuple_objects
from .polling import eventually, nothing
from .world import World


@dataclass(frozen=True)
class Blow:
    """Which part is killed, in which burst, and after how many answers."""

    victim: str
    writes: int
    after: int


BLOWS = (Blow("diary", 200, 40), Blow("nats", 60, 15), Blow("postgres", 60, 15))


@dataclass(frozen=True)
class Aftermath:
    """The journals of the clients, and the diary they wrote into, once all parts are well again."""

    world: World
    diary_id: str
    writes: list[Write]
    began: float

    @property
    def acknowledged(self) -> dict[str, str]:
        """Entry id to content, of every write whose client was told that it succeeded."""
        return {write.entry_id: write.content for write in self.writes if write.entry_id}

    async def stored(self) -> dict[str, str]:
        rows = await self.world.rows(
            "SELECT id::text, content FROM diary_entries WHERE diary_id = $1", self.diary_id
        )
        return {row["id"]: row["content"] for row in rows}

    async def without_tuple(self) -> set[str]:
        """Entries whose parent is not this diary at the permission server."""
        parents = await tuple_objects(self.world.ory, "DiaryEntry", "parent")
        return {entry for entry in await self.stored() if parents.get(entry) != {self.diary_id}}

    async def tuples_without_entry(self) -> set[str]:
        parents = await tuple_objects(self.world.ory, "DiaryEntry", "parent")
        ours = {entry for entry, diaries in parents.items() if self.diary_id in diaries}
        return ours - (await self.stored()).keys()

    async def unfinished_work(self) -> dict[str, str]:
        """Workflows of the diary service since the burst that have not succeeded: id to status and error."""
        rows = await self.world.rows(
            "SELECT workflow_uuid AS id, concat_ws(': ', status, o.error) AS state"
            " FROM dbos_diary.workflow_status LEFT JOIN dbos_diary.workflow_output o USING (workflow_uuid)"
            " WHERE status <> 'SUCCESS' AND created_at > $1",
            int(self.began * 1000),
        )
        return {row["id"]: row["state"] for row in rows}

    async def without_vector(self) -> list[str]:
        rows = await self.world.rows(
            "SELECT id::text FROM diary_entries WHERE diary_id = $1 AND embedding IS NULL", self.diary_id
        )
        return [row["id"] for row in rows]


@pytest.fixture(scope="module", params=BLOWS, ids=lambda blow: blow.victim)
async def aftermath(request: pytest.FixtureRequest, world: World) -> Aftermath:
    blow: Blow = request.param
    agent = await world.agent()
    diary_id = await agent.diary()
    burst, began = Burst(agent, diary_id, blow.writes), time.time()
    async with asyncio.TaskGroup() as group:
        group.create_task(burst.run())
        await burst.answered(blow.after)
        assert burst.unanswered, "the kill would come too late"
        await world.killed(blow.victim)
    await world.stack.ready()
    return Aftermath(world, diary_id, burst.writes, began)


async def test_every_write_is_answered_with_success_or_with_not_now(aftermath: Aftermath) -> None:
    others = [write.statuses for write in aftermath.writes if set(write.statuses) - {201, 202, 503}]
    assert others == []


async def test_nobody_is_left_hanging(aftermath: Aftermath) -> None:
    assert [write.content for write in aftermath.writes if NO_ANSWER in write.statuses] == []


async def test_what_was_accepted_comes_to_its_end(aftermath: Aftermath) -> None:
    accepted = [write for write in aftermath.writes if write.statuses[-1] == 202]
    assert [write.outcome for write in accepted if write.outcome != 201] == []


async def test_who_repeats_with_the_same_key_is_served(aftermath: Aftermath) -> None:
    assert [write.statuses for write in aftermath.writes if write.key and write.outcome != 201] == []


async def test_no_acknowledged_entry_is_lost(aftermath: Aftermath) -> None:
    stored = await aftermath.stored()
    assert {entry: text for entry, text in aftermath.acknowledged.items() if stored.get(entry) != text} == {}


async def test_no_entry_is_there_twice(aftermath: Aftermath) -> None:
    assert counted((await aftermath.stored()).values()) == {}


async def test_every_entry_has_its_parent_tuple(aftermath: Aftermath) -> None:
    assert await eventually(aftermath.without_tuple, nothing) == set()


async def test_every_parent_tuple_has_its_entry(aftermath: Aftermath) -> None:
    assert await aftermath.tuples_without_entry() == set()


async def test_every_entry_has_its_vector(aftermath: Aftermath) -> None:
    assert await eventually(aftermath.without_vector, nothing) == []


async def test_no_durable_work_is_given_up(aftermath: Aftermath) -> None:
    assert await eventually(aftermath.unfinished_work, nothing) == {}
