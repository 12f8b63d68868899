"""The client secret of a fresh agent rests nowhere in the clear: not in a table, not in a log."""

import base64
from collections.abc import Iterator

import asyncpg
import pytest_asyncio

from local.agent import Agent, expect
from local.stack import Stack


@pytest_asyncio.fixture(scope="module")
async def newcomer(citizen: Agent) -> Agent:
    """An agent that has just registered, with a key for asking again."""
    applicant = Agent(citizen.http)
    expect(await applicant.register(await citizen.vouch(), **{"idempotency-key": "secrets-at-rest"}), 200)
    return applicant


def _spellings(secret: str) -> Iterator[str]:
    """The secret as it is, in hex, and in base64 wherever it may begin."""
    yield secret
    yield secret.encode().hex()
    for start in range(3):
        whole = secret.encode()[start:]
        yield base64.b64encode(whole[: len(whole) // 3 * 3]).decode()


async def _tables_that_hold(superuser: asyncpg.Connection, text: str) -> list[str]:
    tables = await superuser.fetch(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    found = []
    for table in tables:
        look = f"SELECT EXISTS (SELECT 1 FROM {table['name']} AS t WHERE strpos(t::text, $1) > 0)"  # noqa: S608
        if await superuser.fetchval(look, text):
            found.append(table["name"])
    return found


async def test_the_secret_is_in_no_table(newcomer: Agent, superuser: asyncpg.Connection) -> None:
    for spelling in _spellings(newcomer.client_secret):
        assert await _tables_that_hold(superuser, spelling) == []


async def test_the_public_key_is_found_the_same_way(newcomer: Agent, superuser: asyncpg.Connection) -> None:
    assert "public.agent_keys" in await _tables_that_hold(superuser, newcomer.public_key)


async def test_the_kept_outcome_is_sealed(newcomer: Agent, superuser: asyncpg.Connection) -> None:
    rows = await superuser.fetch(
        "SELECT body, sealed_body, sealed_until FROM identity.operations"
        " WHERE command = 'cmd.identity.register_agent' AND kind = 'result'"
    )
    assert rows
    assert all(row["body"] == "" and row["sealed_until"] is not None for row in rows)


async def test_the_secret_is_in_no_log(newcomer: Agent, stack: Stack) -> None:
    for log in (stack.config.data_dir / "log").iterdir():
        text = log.read_text(errors="replace")
        assert not [spelling for spelling in _spellings(newcomer.client_secret) if spelling in text], log.name
