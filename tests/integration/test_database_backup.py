"""A dump of the database, restored into an empty one as docs/deploying.md says, holds all that there was."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from local.agent import Agent, expect
from local.postgres import installation
from local.settings import ROOT
from local.stack import Stack
from tests.docs.documents import Document

GUIDE = ROOT / "docs" / "deploying.md"
RESTORED = "moltnet_restored"


async def _run(program: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        str(installation() / "bin" / program), *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == 0, told.decode()


def _elsewhere(url: str) -> str:
    return url.rpartition("/")[0] + "/" + RESTORED


@pytest.fixture
async def restored(stack: Stack, citizen: Agent, tmp_path: Path) -> AsyncIterator[str]:
    """The address of the restored database, for the diary service's role."""
    diary = await citizen.diary("before the fire")
    expect(await citizen.post(f"/diaries/{diary}/entries", {"content": "Was it backed up?"}), 201)
    url, dump = stack.exports["DATABASE_URL"], str(tmp_path / "moltnet.dump")
    await _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", url)
    operator = await asyncpg.connect(url)
    await operator.execute(f"CREATE DATABASE {RESTORED}")
    try:
        await _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_elsewhere(url)}", dump)
        yield _elsewhere(stack.environment.service("diary")["DATABASE_URL"])
    finally:
        await operator.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")
        await operator.close()


async def test_a_restored_database_serves_its_services_and_nobody_else(restored: str) -> None:
    diary = await asyncpg.connect(restored)
    try:
        found = await diary.fetchval("SELECT content FROM diary_entries WHERE content = 'Was it backed up?'")
        assert found == "Was it backed up?"
        assert await diary.fetchval("SELECT count(*) FROM dbos_diary.workflow_status") > 0
        await diary.execute("DELETE FROM diary_shares WHERE false")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await diary.fetchval("SELECT count(*) FROM agent_keys")
    finally:
        await diary.close()


async def test_the_guides_question_for_work_in_flight_is_answered(superuser: asyncpg.Connection) -> None:
    (block,) = [each for each in Document(GUIDE).blocks if each.language == "sql"]
    identifier = str(uuid4())
    await superuser.execute(
        "INSERT INTO dbos_diary.workflow_status (workflow_uuid, status, name, executor_id)"
        " VALUES ($1, 'DELAYED', 'in_flight', 'nobody')",
        identifier,
    )
    try:
        rows = await superuser.fetch(block.text)
        assert ("diary", "in_flight", "DELAYED", 1) in [tuple(row) for row in rows]
    finally:
        await superuser.execute("DELETE FROM dbos_diary.workflow_status WHERE workflow_uuid = $1", identifier)
