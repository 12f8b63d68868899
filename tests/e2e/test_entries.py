"""Entries: written, read, counted and paged."""

import asyncio
from typing import Any

import pytest

from local.agent import Agent, expect
from shared.problems import NotFound
from tests.e2e.answers import ABSENT, expect_problem, is_timestamp, is_uuid
from tests.waiting import eventually

MEMBERS = [
    "id",
    "diaryId",
    "title",
    "content",
    "tags",
    "injectionRisk",
    "importance",
    "accessCount",
    "lastAccessedAt",
    "entryType",
    "supersededBy",
    "createdAt",
    "updatedAt",
]
TYPES = ["episodic", "semantic", "procedural", "reflection", "identity", "soul"]


async def _page(agent: Agent, diary: str, **params: Any) -> dict[str, Any]:
    return dict(expect(await agent.get(f"/diaries/{diary}/entries", **params), 200))


async def _contents(agent: Agent, diary: str, **params: Any) -> list[str]:
    return [entry["content"] for entry in (await _page(agent, diary, **params))["items"]]


async def test_an_entry_needs_only_content(resident: Agent) -> None:
    diary = await resident.diary()
    entry = await resident.write(diary, "just this")
    assert [name for name in entry if name in MEMBERS] == MEMBERS
    assert "embedding" not in entry
    assert is_uuid(entry["id"])
    assert (entry["diaryId"], entry["content"]) == (diary, "just this")
    assert (entry["title"], entry["tags"], entry["supersededBy"]) == (None, None, None)
    assert (entry["importance"], entry["entryType"], entry["injectionRisk"]) == (5, "semantic", False)
    assert (entry["accessCount"], entry["lastAccessedAt"]) == (0, None)


async def test_the_times_of_an_entry_are_utc_with_milliseconds(resident: Agent) -> None:
    entry = await resident.write(await resident.diary(), "now")
    assert is_timestamp(entry["createdAt"])
    assert entry["updatedAt"] == entry["createdAt"]


async def test_an_entry_keeps_all_that_was_given(resident: Agent) -> None:
    given = {"title": "T", "tags": ["a", "b,c"], "importance": 10, "entryType": "identity"}
    entry = await resident.write(await resident.diary(), "all", **given)
    assert {name: entry[name] for name in given} == given


@pytest.mark.parametrize("kind", TYPES)
async def test_each_entry_type_is_kept(resident: Agent, kind: str) -> None:
    assert (await resident.write(await resident.diary(), "typed", entryType=kind))["entryType"] == kind


@pytest.mark.parametrize(
    "content", ["x", "x" * 10_000, "🔑" * 10_000, " \n edges \t", "a\r\nb", "\u2028\x01\x7f"]
)
async def test_content_is_kept_to_the_letter(resident: Agent, content: str) -> None:
    diary = await resident.diary()
    entry = await resident.write(diary, content)
    assert expect(await resident.get(f"/diaries/{diary}/entries/{entry['id']}"), 200)["content"] == content


async def test_the_largest_of_everything_is_accepted(resident: Agent) -> None:
    tags = [f"{number:02}" + "t" * 48 for number in range(20)]
    entry = await resident.write(await resident.diary(), "x" * 10_000, title="t" * 255, tags=tags)
    assert entry["tags"] == tags


async def test_what_is_not_documented_is_not_taken_from_the_body(resident: Agent) -> None:
    elsewhere = await resident.diary("elsewhere")
    diary = await resident.diary("here")
    extra = {
        "id": ABSENT,
        "diaryId": elsewhere,
        "injectionRisk": True,
        "accessCount": 9,
        "supersededBy": ABSENT,
    }
    entry = await resident.write(diary, "mine", **extra)
    assert {name: entry[name] for name in extra} == {
        "id": entry["id"],
        "diaryId": diary,
        "injectionRisk": False,
        "accessCount": 0,
        "supersededBy": None,
    }
    assert entry["id"] != ABSENT


async def test_an_entry_is_not_found_through_another_diary(resident: Agent) -> None:
    entry = await resident.write(await resident.diary("here"), "here")
    other = await resident.diary("there")
    expect_problem(await resident.get(f"/diaries/{other}/entries/{entry['id']}"), NotFound)


async def test_absent_entries_and_diaries_are_404(resident: Agent) -> None:
    diary = await resident.diary()
    expect_problem(await resident.get(f"/diaries/{diary}/entries/{ABSENT}"), NotFound)
    expect_problem(await resident.get(f"/diaries/{ABSENT}/entries/{ABSENT}"), NotFound)
    expect_problem(await resident.get(f"/diaries/{ABSENT}/entries"), NotFound)
    expect_problem(await resident.post(f"/diaries/{ABSENT}/entries", {"content": "x"}), NotFound)


async def test_a_read_is_counted_and_changes_nothing_else(resident: Agent) -> None:
    diary = await resident.diary()
    written = await resident.write(diary, "count me")
    path = f"/diaries/{diary}/entries"
    expect(await resident.get(f"{path}/{written['id']}"), 200)

    async def counted() -> dict[str, Any] | None:
        entry: dict[str, Any] = (await _page(resident, diary))["items"][0]
        return entry if entry["accessCount"] else None

    entry = await eventually(counted)
    assert is_timestamp(entry["lastAccessedAt"])
    assert entry | {"accessCount": 0, "lastAccessedAt": None} == written


async def test_listing_is_no_access(resident: Agent) -> None:
    diary = await resident.diary()
    await resident.write(diary, "listed")
    for _ in range(2):
        assert (await _page(resident, diary))["items"][0]["accessCount"] == 0


async def test_a_page_is_newest_first_and_tells_the_whole(resident: Agent) -> None:
    diary = await resident.diary()
    for content in ("one", "two", "three"):
        await resident.write(diary, content)
    page = await _page(resident, diary, limit=2, offset=1)
    assert [entry["content"] for entry in page["items"]] == ["two", "one"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)


async def test_a_page_has_twenty_entries_unless_told(resident: Agent) -> None:
    page = await _page(resident, await resident.diary())
    assert page == {"items": [], "total": 0, "limit": 20, "offset": 0}


async def test_an_offset_behind_the_end_gives_an_empty_page(resident: Agent) -> None:
    diary = await resident.diary()
    await resident.write(diary, "alone")
    page = await _page(resident, diary, offset=2**31 - 1)
    assert (page["items"], page["total"]) == ([], 1)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("red", ["red", "red and blue"]),
        ("red,blue", ["red and blue"]),
        (" red , blue ", ["red and blue"]),
        ("green", []),
        ("re", []),
    ],
)
async def test_the_tag_filter_wants_every_tag_of_a_comma_list(
    resident: Agent, tags: str, found: list[str]
) -> None:
    diary = await resident.diary()
    await resident.write(diary, "red and blue", tags=["red", "blue"])
    await resident.write(diary, "red", tags=["red"])
    await resident.write(diary, "bare")
    assert sorted(await _contents(resident, diary, tags=tags)) == sorted(found)


async def test_the_total_counts_matches_of_the_filter(resident: Agent) -> None:
    diary = await resident.diary()
    for content, tags in (("a", ["x"]), ("b", ["x"]), ("c", ["y"])):
        await resident.write(diary, content, tags=tags)
    assert (await _page(resident, diary, tags="x", limit=1))["total"] == 2


async def test_the_type_filter_wants_one_type(resident: Agent) -> None:
    diary = await resident.diary()
    for kind in ("soul", "episodic"):
        await resident.write(diary, kind, entryType=kind)
    assert await _contents(resident, diary, entryType="soul") == ["soul"]


async def test_a_full_page_of_the_longest_entries_is_served(resident: Agent) -> None:
    diary = await resident.diary()
    long = "wide" + "\u3000" * 9_996  # three bytes each, and nothing to embed
    await asyncio.gather(*(resident.write(diary, long) for _ in range(100)))
    page = await _page(resident, diary, limit=100)
    assert [entry["content"] for entry in page["items"]] == [long] * 100
