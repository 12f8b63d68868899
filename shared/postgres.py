"""The asyncpg pool of a service, with lost connections told apart from defects."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Protocol, Self

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared import metrics
from shared.problems import unavailable
from shared.settings import DatabaseSettings

Connection = PoolConnectionProxy
ACQUIRE_SECONDS = 5.0
CONNECT_SECONDS = 3.0
STATEMENT_SECONDS = 15.0
DATABASE = "database"
REQUESTS = "moltnet"
"""The application name of connections that serve requests: theirs are the transactions that write entries."""

ABANDONED_AFTER = "30s"
"""After so long without a statement in a transaction its client is given up: it would hold up the public feed."""

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a statement gets whose server dies between its messages
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
"""The connection failed, was cut, or could not be had."""

PASSING = (
    *LOST,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InsufficientResourcesError,
)
"""What the same work may not meet another time: a lost connection, a collision, a full disk or memory."""


_watched: dict[str, asyncpg.Pool] = {}
"""The pools of this process by the name that their connections have at the server."""


def _watch(name: str, pool: asyncpg.Pool) -> None:
    """Report this pool beside the others of the process."""
    if not _watched:
        metrics.observe_each("db.client.connection.count", _counts, text="Connections of a pool")
        metrics.observe_each("db.client.connection.max", _limits, text="The most that a pool may have")
    _watched[name] = pool


def _counts() -> Iterator[metrics.Labelled]:
    for name, pool in _watched.items():
        idle = pool.get_idle_size()
        yield idle, {"pool": name, "state": "idle"}
        yield pool.get_size() - idle, {"pool": name, "state": "used"}


def _limits() -> Iterator[metrics.Labelled]:
    return ((pool.get_max_size(), {"pool": name}) for name, pool in _watched.items())


class Prepare(Protocol):
    """What is done with each new connection, for instance registering a codec."""

    def __call__(self, connection: asyncpg.Connection, /) -> Awaitable[None]: ...


async def _leave_session(_: object) -> None:
    """Instead of asyncpg's reset, which asks the server once more each time a connection is given back."""


class Database:
    """A pool. `connection` is for reading, `transaction` for writing.

    Sessions are handed on as they are: settings and advisory locks have to be the transaction's own.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(
        cls,
        settings: DatabaseSettings,
        prepare: Prepare | None = None,
        *,
        application: str = REQUESTS,
    ) -> "Database":
        """Connect lazily, so that a service starts while its database is still away.

        The server knows the connections by the name `application`.
        """
        pool = asyncpg.create_pool(
            settings.url.get_secret_value(),
            min_size=0,
            max_size=settings.pool_size,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            max_inactive_connection_lifetime=60,
            server_settings={
                "application_name": application,
                "idle_in_transaction_session_timeout": ABANDONED_AFTER,
            },
            init=prepare,  # type: ignore[arg-type]
            reset=_leave_session,
        )
        made = await pool
        _watch(application, made)
        return cls(made)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """For reads: whatever goes wrong with the connection is a 503."""
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                yield connection
        except LOST as failure:
            raise unavailable(DATABASE) from failure

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """For writes: 503 if it could not begin. A connection lost later leaves the end uncertain and is
        raised as it is, so that the command is tried again and finds out."""
        try:
            connection = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        except LOST as failure:
            raise unavailable(DATABASE) from failure
        try:
            async with connection.transaction():
                yield connection
        finally:
            with contextlib.suppress(*LOST):
                await self._pool.release(connection)

    async def ping(self) -> None:
        async with self.connection() as connection:
            await connection.fetchval("SELECT 1")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.close()

    async def close(self) -> None:
        try:
            await self._pool.close()
        except LOST:
            self._pool.terminate()
