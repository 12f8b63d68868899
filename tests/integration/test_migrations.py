"""Migrations: the release step may run again, and several at once, without changing anything."""

import asyncio
import os

import asyncpg

from local.agent import Agent
from local.settings import ROOT
from local.stack import Stack

STRUCTURE = """
    SELECT 'column', table_schema, table_name, column_name, data_type, column_default, is_nullable
    FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
    UNION ALL SELECT 'index', schemaname, tablename, indexname, indexdef, '', '' FROM pg_indexes
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
    UNION ALL SELECT 'grant', table_schema, table_name, grantee, privilege_type, '', ''
    FROM information_schema.role_table_grants WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
    UNION ALL SELECT 'version', '', '', version_num, '', '', '' FROM schema_version
"""


async def _structure(superuser: asyncpg.Connection) -> set[tuple[str, ...]]:
    return {tuple(row.values()) for row in await superuser.fetch(STRUCTURE)}


async def _migrate(stack: Stack, *options: str, database: str = "moltnet") -> tuple[int, str]:
    url = {"MIGRATIONS_DATABASE_URL": stack.environment.superuser_url(database)}
    process = await asyncio.create_subprocess_exec(
        *(*stack.config.command("migrations"), *options),
        env={**os.environ, **stack.environment.migrations(), **url},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_migrations_run_again_change_nothing(
    stack: Stack, superuser: asyncpg.Connection, citizen: Agent
) -> None:
    before = await _structure(superuser)
    assert await _migrate(stack) == (0, "database is up to date\n")
    assert await _structure(superuser) == before
    assert (await citizen.get("/agents/whoami")).status_code == 200


async def test_two_migrations_at_once_wait_for_each_other(stack: Stack) -> None:
    results = await asyncio.gather(_migrate(stack), _migrate(stack))
    assert [code for code, _ in results] == [0, 0], results


async def test_the_status_tells_what_is_applied_and_what_is_pending(stack: Stack) -> None:
    code, told = await _migrate(stack, "--status")
    assert code == 0
    here = [line.split(" ", 2) for line in told.splitlines()]
    assert {state for state, _, _ in here} == {"applied"}
    assert [revision for _, revision, _ in here] == sorted(revision for _, revision, _ in here)
    code, told = await _migrate(stack, "--status", database="postgres")
    assert code == 0
    assert [line.replace("pending", "applied") for line in told.splitlines()] == [
        " ".join(line) for line in here
    ]


async def test_the_status_of_no_database_is_an_error_in_words(stack: Stack) -> None:
    code, told = await _migrate(stack, "--status", database="nowhere")
    assert code == 1
    assert told.startswith("The database could not be read:")
