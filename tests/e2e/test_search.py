"""Search: by meaning and by words, filtered, weighted and paged."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from local.agent import Agent, expect
from tests.e2e.company import Company
from tests.waiting import eventually

LIBRARY: dict[str, dict[str, Any]] = {
    "deploy": {
        "content": "We roll out the new release on Fridays, after the test suite is green.",
        "tags": ["work", "release"],
        "entryType": "procedural",
        "importance": 9,
    },
    "cat": {
        "content": "My cat sleeps on the warm keyboard all afternoon.",
        "tags": ["home"],
        "importance": 1,
    },
    "bread": {"content": "Sourdough bread needs a long, cool rise overnight.", "tags": ["home", "kitchen"]},
    "soup": {"content": "Tomato soup tastes better with fresh basil.", "tags": ["home", "kitchen"]},
    "keys": {
        "content": "The Ed25519 private key never leaves the agent's machine.",
        "title": "Key custody",
        "entryType": "identity",
    },
    "travel": {"content": "The night train from Vienna to Venice leaves at nine.", "entryType": "episodic"},
}


@pytest_asyncio.fixture(scope="module")
async def reader(company: Company) -> Agent:
    """An agent with a small library."""
    agent = await company.newcomer()
    diary = await agent.diary("library")
    for name, entry in LIBRARY.items():
        await agent.write(diary, **{"title": name, **entry})
    return agent


async def _found(agent: Agent, query: str, **criteria: Any) -> list[str]:
    return [entry["content"] for entry in (await agent.search(query, **criteria))["results"]]


def _content(name: str) -> str:
    return str(LIBRARY[name]["content"])


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("When do we ship a new version?", "deploy"),
        ("a pet napping at the computer", "cat"),
        ("How do I bake a loaf?", "bread"),
        ("Where is the secret signing key kept?", "keys"),
        ("railway journey to Italy", "travel"),
    ],
)
async def test_an_entry_is_found_by_what_it_means(reader: Agent, query: str, name: str) -> None:
    assert (await _found(reader, query))[0] == _content(name)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("basil", "soup"),
        ("Ed25519", "keys"),
        ("sleeping cats", "cat"),
        ('"night train"', "travel"),
        ("kitchen soup", "soup"),
    ],
)
async def test_an_entry_is_found_by_its_words(reader: Agent, query: str, name: str) -> None:
    assert (await _found(reader, query))[0] == _content(name)


async def test_a_title_is_searched_as_well(reader: Agent) -> None:
    assert (await _found(reader, "custody"))[0] == _content("keys")


@pytest.mark.parametrize("query", ["home cooking -tomato", 'home cooking -"tomato soup"', "kitchen -soup"])
async def test_an_excluded_word_never_appears(reader: Agent, query: str) -> None:
    found = await _found(reader, query)
    assert _content("bread") in found
    assert _content("soup") not in found


@pytest.mark.parametrize("query", ["xqzvw jjkqp", "qwxz vvbnp zzxq", "ñandú ørken žluť"])
async def test_nonsense_finds_nothing(reader: Agent, query: str) -> None:
    assert await _found(reader, query) == []


async def test_a_search_says_how_it_found(reader: Agent) -> None:
    answer = await reader.search("bread")
    assert list(answer) == ["results", "total", "search_type"]
    assert answer["search_type"] == "hybrid"
    assert answer["total"] == len(answer["results"])


async def test_without_a_query_the_newest_come_first(reader: Agent) -> None:
    answer = expect(await reader.post("/diaries/search", {}), 200)
    assert answer["search_type"] == "list"
    assert [entry["content"] for entry in answer["results"]] == [_content(name) for name in reversed(LIBRARY)]


async def test_both_paths_of_the_search_are_one(reader: Agent) -> None:
    body = {"query": "bread"}
    one = expect(await reader.post("/diaries/search", body), 200)
    other = expect(await reader.post("/diary/search", body), 200)
    assert [entry["id"] for entry in one["results"]] == [entry["id"] for entry in other["results"]]


@pytest.mark.parametrize("query", ["food at home", None])
async def test_every_tag_must_be_there(reader: Agent, query: str | None) -> None:
    body = {"query": query, "tags": ["home", "kitchen"], "limit": 100}
    answer = expect(await reader.post("/diaries/search", body), 200)
    assert answer["results"]
    assert all({"home", "kitchen"} <= set(entry["tags"]) for entry in answer["results"])


async def test_only_the_wanted_types_are_found(reader: Agent) -> None:
    body = {"entryTypes": ["identity", "episodic"]}
    answer = expect(await reader.post("/diaries/search", body), 200)
    assert {entry["entryType"] for entry in answer["results"]} == {"identity", "episodic"}


async def test_a_query_within_types_leaves_the_others_out(reader: Agent) -> None:
    found = await reader.search("release train key", entryTypes=["procedural"])
    assert {entry["entryType"] for entry in found["results"]} <= {"procedural"}


async def _write_sightings(agent: Agent) -> None:
    """Five entries that share a word and differ in importance."""
    diary = await agent.diary()
    for number, importance in enumerate((3, 9, 1, 7, 5)):
        await agent.write(diary, f"Comet sighting number {number}", importance=importance)


async def test_pages_of_a_search_neither_repeat_nor_miss(agent: Agent) -> None:
    await _write_sightings(agent)
    whole = await _found(agent, "comet sighting")
    pages = [await _found(agent, "comet sighting", limit=2, offset=offset) for offset in (0, 2, 4)]
    assert len(whole) == 5
    assert [content for page in pages for content in page] == whole


@pytest.mark.parametrize("offset", [100, 2**30, 2**31 - 1])
@pytest.mark.parametrize("query", ["bread", None])
async def test_an_offset_behind_the_end_finds_nothing(reader: Agent, query: str | None, offset: int) -> None:
    answer = expect(await reader.post("/diaries/search", {"query": query, "offset": offset}), 200)
    assert answer["results"] == []


async def test_importance_can_outweigh_relevance(agent: Agent) -> None:
    await _write_sightings(agent)
    found = await agent.search("comet sighting number 2", wRelevance=0, wImportance=1)
    assert [entry["importance"] for entry in found["results"]] == [9, 7, 5, 3, 1]


async def test_recency_can_outweigh_relevance(agent: Agent) -> None:
    await _write_sightings(agent)
    found = await _found(agent, "comet sighting number 2", wRelevance=0, wRecency=1)
    assert found == [f"Comet sighting number {number}" for number in (4, 3, 2, 1, 0)]


async def test_search_covers_every_diary_of_the_caller(agent: Agent) -> None:
    for name in ("one", "two"):
        await agent.write(await agent.diary(name), f"The lighthouse of diary {name}")
    assert len(await _found(agent, "lighthouse")) == 2


async def test_search_in_one_diary_leaves_the_others_out(agent: Agent) -> None:
    one, two = await agent.diary("one"), await agent.diary("two")
    await agent.write(one, "The lighthouse of one")
    await agent.write(two, "The lighthouse of two")
    assert await _found(agent, "lighthouse", diaryId=one) == ["The lighthouse of one"]


async def test_an_entry_is_found_as_soon_as_it_is_written(agent: Agent) -> None:
    diary = await agent.diary()

    async def write_and_search(number: int) -> list[str]:
        content = f"Observation of comet {number}"
        await agent.write(diary, content)
        return await _found(agent, f"comet {number}", limit=100)

    found = await asyncio.gather(*map(write_and_search, range(8)))
    assert all(f"Observation of comet {number}" in page for number, page in enumerate(found))


async def test_a_hit_counts_as_an_access_and_changes_nothing_else(agent: Agent) -> None:
    diary = await agent.diary()
    written = await agent.write(diary, "The tide tables of Brest")
    await agent.search("tide tables")

    async def counted() -> dict[str, Any] | None:
        page = expect(await agent.get(f"/diaries/{diary}/entries"), 200)
        entry: dict[str, Any] = page["items"][0]
        return entry if entry["accessCount"] else None

    entry = await eventually(counted)
    assert entry["updatedAt"] == written["updatedAt"]
    assert entry["accessCount"] == 1


ODD_QUERIES = (
    '"',
    '""',
    '"unclosed phrase',
    "-",
    "--",
    "-- bread",
    "-bread",
    '-"',
    "or",
    "or or or",
    "the and of",
    "'",
    "''' OR 1=1 --",
    "\\",
    "C:\\temp\\file.txt",
    "a\\'b",
    "http://example.org/a\\b?c=d'e&f",
    "/usr/local/it's/here",
    "user@example.org",
    "cat & dog | !fish <-> (bird)",
    "bread:*",
    "50% off $$ ${x} {y}",
    "<b>bold</b> &amp;",
    "1e999 -1.5 0x1F",
    "2026-01-30T10:00:00Z",
    "🔑🔑🔑",
    "\u202egnp.exe",
    "a\u0301\u0301\u0301",
    "\u0001\u0002",
    "x" * 500,
    "🔑" * 500,
    "a b " * 125,
    "-a " * 166,
    '"a" ' * 125,
)


@pytest.mark.parametrize("query", ODD_QUERIES, ids=range(len(ODD_QUERIES)))
async def test_any_text_can_be_searched_for(reader: Agent, query: str) -> None:
    expect(await reader.post("/diaries/search", {"query": query}), 200)


async def test_one_sentence_of_a_long_entry_is_found_by_its_meaning(agent: Agent) -> None:
    diary = await agent.diary()
    filler = "The meeting went over the schedule of the office move and the colour of the new chairs. " * 100
    needle = "The fox has learned to open the lid of the compost bin. "
    long = filler[:5000] + needle + filler[: 9990 - 5000 - len(needle)]
    entry = await agent.write(diary, long)
    await agent.write(diary, "Lunch was soup again.")
    found = await agent.search("an animal figured out how to get at the garden waste", diaryId=diary)
    assert found["results"][0]["id"] == entry["id"]
