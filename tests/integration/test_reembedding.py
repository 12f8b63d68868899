"""After a change of the embedding model a command moves entries over to it."""

import asyncio
import os
import sys
from typing import Any
from uuid import uuid4

import asyncpg

from local.agent import Agent
from local.settings import ROOT
from local.stack import Stack

OLD_MODEL = "all-MiniLM-L6-v2@0000000+int8"
CONTENT = "The ferry leaves the harbour at seven in the morning."
QUESTION = "when does the boat depart?"


async def _reembed(stack: Stack, *arguments: str) -> tuple[int | None, str, str]:
    """Run the command as an operator does. Its status, and what it wrote to either stream."""
    environment = stack.environment
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.diary.reembed", *arguments),
        env={**os.environ, **environment.complete(environment.service("diary"))},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaint = await process.communicate()
    return process.returncode, told.decode(), complaint.decode()


async def _embedded_before(agent: Agent, superuser: asyncpg.Connection, model: str | None) -> dict[str, Any]:
    """An entry whose vector is of this model."""
    entry = await agent.write(await agent.diary(), CONTENT)
    await superuser.execute("UPDATE diary_entries SET embedding_model = $2 WHERE id = $1", entry["id"], model)
    return entry


async def _found(agent: Agent, entry: dict[str, Any]) -> bool:
    found = await agent.search(QUESTION, diaryId=entry["diaryId"])
    return [one["id"] for one in found["results"]] == [entry["id"]]


async def test_entries_of_another_model_are_found_by_meaning_again(
    citizen: Agent, stack: Stack, superuser: asyncpg.Connection
) -> None:
    entry = await _embedded_before(citizen, superuser, OLD_MODEL)
    other = await _embedded_before(citizen, superuser, OLD_MODEL)
    assert not await _found(citizen, entry)
    status, told, complaint = await _reembed(stack, "--diary", entry["diaryId"])
    assert status == 0, complaint
    assert told.splitlines()[-1].startswith("done: 1 of 1 entries embedded anew")
    assert await _found(citizen, entry)
    assert not await _found(citizen, other)


async def test_all_diaries_are_moved_and_entries_without_a_vector_tried(
    citizen: Agent, stack: Stack, superuser: asyncpg.Connection
) -> None:
    old = await _embedded_before(citizen, superuser, OLD_MODEL)
    bare = await _embedded_before(citizen, superuser, None)
    status, _, complaint = await _reembed(stack, "--all")
    assert status == 0, complaint
    assert await _found(citizen, old)
    assert await _found(citizen, bare)


async def test_a_diary_that_is_not_there_is_told(stack: Stack) -> None:
    assert await _reembed(stack, "--diary", str(uuid4())) == (1, "", "There is no such diary.\n")
