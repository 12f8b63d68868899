"""Work that follows a row is put on its queue by the row's own transaction: both are there, or neither."""

from uuid import uuid4

import asyncpg
import pytest

from services.diary.names import EMBED_ENTRY, SERVICE
from shared.durable.enqueue import enqueue
from shared.postgres import Database
from tests.waiting import eventually


async def _state(superuser: asyncpg.Connection, identifier: str) -> list[str]:
    rows = await superuser.fetch(
        "SELECT status FROM dbos_diary.workflow_status WHERE workflow_uuid = $1", identifier
    )
    return [row["status"] for row in rows]


class ChangedMindError(Exception):
    """The caller's transaction ends without its work."""


async def test_a_follow_up_is_gone_with_its_transaction(
    diary_database: Database, superuser: asyncpg.Connection
) -> None:
    identifier = f"test-{uuid4()}"

    async def enqueue_and_change_mind() -> None:
        async with diary_database.transaction() as connection:
            await enqueue(connection, SERVICE, EMBED_ENTRY, identifier, str(uuid4()))
            raise ChangedMindError

    with pytest.raises(ChangedMindError):
        await enqueue_and_change_mind()
    assert await _state(superuser, identifier) == []


async def test_a_follow_up_is_not_begun_before_its_transaction_ends(
    diary_database: Database, superuser: asyncpg.Connection
) -> None:
    identifier = f"test-{uuid4()}"
    async with diary_database.transaction() as connection:
        await enqueue(connection, SERVICE, EMBED_ENTRY, identifier, str(uuid4()))
        assert await _state(superuser, identifier) == []


async def test_a_follow_up_is_done_once_its_transaction_is_committed(
    diary_database: Database, superuser: asyncpg.Connection
) -> None:
    identifier = f"test-{uuid4()}"
    async with diary_database.transaction() as connection:
        await enqueue(connection, SERVICE, EMBED_ENTRY, identifier, str(uuid4()))

    async def done() -> bool:
        return await _state(superuser, identifier) == ["SUCCESS"]

    await eventually(done)


async def test_the_same_follow_up_twice_is_one(
    diary_database: Database, superuser: asyncpg.Connection
) -> None:
    identifier = f"test-{uuid4()}"
    for _ in range(2):
        async with diary_database.transaction() as connection:
            await enqueue(connection, SERVICE, EMBED_ENTRY, identifier, str(uuid4()))
    assert len(await _state(superuser, identifier)) == 1
