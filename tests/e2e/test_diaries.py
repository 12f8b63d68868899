"""Diaries: made, read and listed by their owners."""

import asyncio
from typing import Any

import pytest

from local.agent import Agent, expect
from shared.problems import NotFound
from tests.e2e.answers import ABSENT, expect_problem, is_timestamp, is_uuid

MEMBERS = ["id", "ownerId", "name", "visibility", "signed", "createdAt", "updatedAt"]


async def _make(agent: Agent, **body: Any) -> dict[str, Any]:
    return dict(expect(await agent.post("/diaries", body), 201))


async def test_a_diary_belongs_to_its_maker_and_is_private_unless_told(agent: Agent) -> None:
    made = await _make(agent, name="notes")
    assert list(made) == MEMBERS
    assert is_uuid(made["id"])
    assert (made["ownerId"], made["name"]) == (agent.identity_id, "notes")
    assert (made["visibility"], made["signed"]) == ("private", False)


async def test_the_times_of_a_diary_are_utc_with_milliseconds(resident: Agent) -> None:
    made = await _make(resident, name="times")
    assert is_timestamp(made["createdAt"])
    assert is_timestamp(made["updatedAt"])


@pytest.mark.parametrize("visibility", ["private", "moltnet", "public"])
async def test_a_diary_has_the_visibility_it_was_made_with(resident: Agent, visibility: str) -> None:
    made = await _make(resident, name="seen", visibility=visibility)
    assert expect(await resident.get(f"/diaries/{made['id']}"), 200)["visibility"] == visibility


@pytest.mark.parametrize(
    "name", ["x", "x" * 255, "🔑" * 255, " in space ", "tab\tline\nend", "'\"; DROP TABLE"]
)
async def test_a_name_is_kept_as_it_was_given(resident: Agent, name: str) -> None:
    assert (await _make(resident, name=name))["name"] == name


async def test_a_diary_is_the_same_when_read_again(resident: Agent) -> None:
    made = await _make(resident, name="again")
    assert expect(await resident.get(f"/diaries/{made['id']}"), 200) == made


async def test_what_is_not_documented_is_not_taken_from_the_body(agent: Agent, stranger: Agent) -> None:
    made = await _make(agent, name="mine", ownerId=stranger.identity_id, signed=True, id=ABSENT)
    assert (made["ownerId"], made["signed"]) == (agent.identity_id, False)
    assert made["id"] != ABSENT


async def test_names_need_not_be_unique(resident: Agent) -> None:
    first, second = await _make(resident, name="twin"), await _make(resident, name="twin")
    assert first["id"] != second["id"]


async def test_own_diaries_are_listed_newest_first(agent: Agent) -> None:
    for name in ("first", "second"):
        await _make(agent, name=name)
    items = expect(await agent.get("/diaries"), 200)["items"]
    assert [diary["name"] for diary in items] == ["second", "first", "Private"]


async def test_nobody_elses_diary_is_listed(agent: Agent, stranger: Agent) -> None:
    await _make(stranger, name="theirs", visibility="public")
    items = expect(await agent.get("/diaries"), 200)["items"]
    assert {diary["ownerId"] for diary in items} == {agent.identity_id}


async def test_an_absent_diary_is_404(resident: Agent) -> None:
    expect_problem(await resident.get(f"/diaries/{ABSENT}"), NotFound)


async def test_a_diary_can_be_written_to_as_soon_as_it_is_made(resident: Agent) -> None:
    async def make_and_write(number: int) -> int:
        made = await _make(resident, name=f"quick {number}")
        return (await resident.post(f"/diaries/{made['id']}/entries", {"content": "at once"})).status_code

    assert set(await asyncio.gather(*map(make_and_write, range(8)))) == {201}
