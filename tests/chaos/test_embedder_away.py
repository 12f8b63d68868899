"""Without the embedder an agent can write and find by words; by meaning once it is back, without asking."""

from dataclasses import dataclass
from typing import Any

import pytest

from .polling import eventually
from .world import World

CONTENT = "My cat sleeps on the warm windowsill every afternoon."
BY_WORDS = "cat windowsill"
BY_MEANING = "a pet napping in the sun"


@dataclass(frozen=True)
class Absence:
    """An entry written while the embedder was away, and what searches found then and afterwards."""

    entry_id: str
    by_words: dict[str, Any]
    by_meaning_afterwards: list[str]


@pytest.fixture(scope="module")
async def absence(world: World) -> Absence:
    agent = await world.agent()
    diary_id = await agent.diary()
    await world.take_away("embedder")
    entry = await agent.write(diary_id, CONTENT)
    by_words = await agent.search(BY_WORDS, diaryId=diary_id)
    await world.stack.start_part("embedder")
    await world.stack.ready()

    async def found_by_meaning() -> list[str]:
        found = await agent.search(BY_MEANING, diaryId=diary_id)
        return [one["id"] for one in found["results"]]

    return Absence(entry["id"], by_words, await eventually(found_by_meaning, bool))


async def test_an_entry_is_found_by_its_words_meanwhile(absence: Absence) -> None:
    assert [one["id"] for one in absence.by_words["results"]] == [absence.entry_id]


async def test_the_search_says_that_it_went_by_words_only(absence: Absence) -> None:
    assert absence.by_words["search_type"] == "fulltext"


async def test_the_entry_is_found_by_meaning_once_the_embedder_is_back(absence: Absence) -> None:
    assert absence.by_meaning_afterwards == [absence.entry_id]
