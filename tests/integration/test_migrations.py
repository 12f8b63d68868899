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


async def _migrate(stack: Stack) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *stack.config.command("migrations"),
        env={**os.environ, **stack.environment.migrations()},
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
