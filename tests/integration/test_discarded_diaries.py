"""The diary of a registration that failed is not there, in whichever order its two commands are handled."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest_asyncio
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.contracts.diary import DiscardPrivateDiary, OpenPrivateDiary
from shared.messaging.headers import OUTCOME
from shared.messaging.outcomes import PROBLEM, RESULT
from tests.integration.conftest import Connect
from tests.integration.sending import send_command


@pytest_asyncio.fixture
async def identity(bus: Connect) -> AsyncIterator[Client]:
    """The bus, as the identity service speaks to it."""
    async with bus("identity") as client:
        yield client


class Opening:
    """One diary that is opened and discarded."""

    def __init__(self, identity: Client, superuser: asyncpg.Connection) -> None:
        self._identity, self._superuser = identity, superuser
        self.diary_id, self.command_id = uuid4(), uuid4()

    async def open(self) -> Msg:
        command = OpenPrivateDiary(diary_id=self.diary_id, owner_id=uuid4())
        return await send_command(self._identity, "identity", command, self.command_id, keyed=True)

    async def discard(self) -> Msg:
        command = DiscardPrivateDiary(diary_id=self.diary_id, opening=self.command_id)
        return await send_command(self._identity, "identity", command, uuid4(), keyed=True)

    async def exists(self) -> bool:
        found = await self._superuser.fetchval("SELECT id FROM diaries WHERE id = $1", self.diary_id)
        return found is not None


@pytest_asyncio.fixture
async def opening(identity: Client, superuser: asyncpg.Connection) -> Opening:
    return Opening(identity, superuser)


def _kind(answer: Msg) -> str:
    return (answer.headers or {})[OUTCOME]


async def test_an_opened_diary_can_be_discarded(opening: Opening) -> None:
    assert _kind(await opening.open()) == RESULT
    assert await opening.exists()
    assert _kind(await opening.discard()) == RESULT
    assert not await opening.exists()


async def test_a_discarded_diary_is_not_opened_any_more(opening: Opening) -> None:
    assert _kind(await opening.discard()) == RESULT
    assert _kind(await opening.open()) == PROBLEM
    assert not await opening.exists()
