"""Without the embedder an agent can write and find by words; by meaning once it is back, without asking."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import nats
import pytest

from local.agent import Agent, expect
from shared.contracts.embedder import EmbedPassage
from shared.messaging.topology import stream_of
from shared.problems import NotFound
from shared.settings import inbox_prefix
from tests.e2e.answers import expect_problem

from .polling import eventually
from .world import World

CONTENT = "My cat sleeps on the warm windowsill every afternoon."
BY_WORDS = "cat windowsill"
BY_MEANING = "a pet napping in the sun"


@dataclass(frozen=True)
class Absence:
    """An entry written while the embedder was away, and what searches found then and afterwards; what a writer
    was told whose permission went while it waited."""

    entry_id: str
    written_by_one_revoked: httpx.Response
    by_words: dict[str, Any]
    by_meaning_afterwards: list[str]


@pytest.fixture(scope="module")
async def absence(world: World) -> Absence:
    agent = await world.agent()
    diary_id = await agent.diary()
    writer = await world.agent()
    await _let_in(agent, diary_id, writer)
    await world.take_away("embedder")
    refused = await _write_while_revoked(world, agent, diary_id, writer)
    entry = await agent.write(diary_id, CONTENT)
    by_words = await agent.search(BY_WORDS, diaryId=diary_id)
    await world.stack.start_part("embedder")
    await world.stack.ready()

    async def found_by_meaning() -> list[str]:
        found = await agent.search(BY_MEANING, diaryId=diary_id)
        return [one["id"] for one in found["results"]]

    return Absence(entry["id"], refused, by_words, await eventually(found_by_meaning, bool))


async def _let_in(owner: Agent, diary_id: str, writer: Agent) -> None:
    body = {"fingerprint": writer.fingerprint, "role": "writer"}
    share = expect(await owner.post(f"/diaries/{diary_id}/share", body), 201)
    expect(await writer.post(f"/diaries/invitations/{share['id']}/accept"), 200)


async def _write_while_revoked(world: World, owner: Agent, diary_id: str, writer: Agent) -> httpx.Response:
    """The answer to a write that was allowed when it came, and then waited for the embedder."""
    before = await _passages_asked(world)
    answer = asyncio.create_task(writer.post(f"/diaries/{diary_id}/entries", {"content": CONTENT}))
    await eventually(lambda: _passages_asked(world), lambda seen: seen > before)
    path = f"/diaries/{diary_id}/share/{writer.fingerprint}"
    expect(await owner.http.delete(path, headers=owner.auth), 200)
    return await answer


async def _passages_asked(world: World) -> int:
    told = world.stack.exports
    client = await nats.connect(
        told["NATS_URL"],
        user=told["NATS_USER"],
        password=told["NATS_PASSWORD"],
        inbox_prefix=inbox_prefix(told["NATS_USER"]).encode(),
    )
    try:
        return (await client.jetstream().stream_info(stream_of(EmbedPassage))).state.last_seq
    finally:
        await client.close()


async def test_a_permission_that_goes_while_a_write_waits_is_gone_for_it(absence: Absence) -> None:
    expect_problem(absence.written_by_one_revoked, NotFound)


async def test_an_entry_is_found_by_its_words_meanwhile(absence: Absence) -> None:
    assert [one["id"] for one in absence.by_words["results"]] == [absence.entry_id]


async def test_the_search_says_that_it_went_by_words_only(absence: Absence) -> None:
    assert absence.by_words["search_type"] == "fulltext"


async def test_the_entry_is_found_by_meaning_once_the_embedder_is_back(absence: Absence) -> None:
    assert absence.by_meaning_afterwards == [absence.entry_id]
