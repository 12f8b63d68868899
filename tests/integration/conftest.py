"""The parts behind the door, reached directly: the bus as any of its users, the database as any of its roles."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
import httpx
import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.js import JetStreamContext

from local.agent import Agent
from local.stack import Stack
from shared.postgres import Database
from shared.settings import DatabaseSettings, inbox_prefix

ErrorCallback = Callable[[Exception], None]
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest_asyncio.fixture(scope="session")
async def citizen(stack: Stack) -> AsyncIterator[Agent]:
    """An agent of the stack."""
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        yield await Agent(http).join(await stack.voucher())


@pytest.fixture(scope="session")
def bus(stack: Stack) -> Connect:
    """Connects to the bus as one of its users."""
    secrets = stack.environment

    @contextlib.asynccontextmanager
    async def connect(user: str, on_error: ErrorCallback | None = None) -> AsyncIterator[Client]:
        async def failed(error: Exception) -> None:
            if on_error is not None:
                on_error(error)

        client = await nats.connect(
            secrets.nats_url,
            user=user,
            password=secrets.nats()[f"NATS_{user.upper()}_PASSWORD"],
            inbox_prefix=inbox_prefix(user).encode(),
            error_cb=failed,
        )
        try:
            yield client
        finally:
            await client.close()

    return connect


@pytest_asyncio.fixture(scope="session")
async def events(bus: Connect) -> AsyncIterator[JetStreamContext]:
    """The streams, as the operator sees them."""
    async with bus("operator") as client:
        yield client.jetstream()


@pytest_asyncio.fixture(scope="session")
async def superuser(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """The database as its operator sees it."""
    connection = await asyncpg.connect(stack.exports["DATABASE_URL"])
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="session")
async def diary_database(stack: Stack) -> AsyncIterator[Database]:
    """The database as the diary service sees it."""
    told = stack.environment.service("diary")
    settings = DatabaseSettings.model_validate(
        {name: told[name] for name in ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL")}
    )
    database = await Database.open(settings)
    yield database
    await database.close()
