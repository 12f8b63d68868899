"""The connection to Postgres, which may go away and come back at any time."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from local.ory.errors import StoreUnavailableError
from local.ory.schema import EXPIRED_ROWS, TABLES

logger = logging.getLogger(__name__)

Row: TypeAlias = asyncpg.Record
if TYPE_CHECKING:
    Connection: TypeAlias = PoolConnectionProxy[Row]
else:  # the class has type parameters in its stubs only
    Connection = PoolConnectionProxy

_STARTUP_LOCK = 0x4F52595354414E44
_STARTUP_PATIENCE = 60.0
_RETRY_PAUSE = 0.25
_CONNECT_TIMEOUT = _ACQUIRE_TIMEOUT = 5.0
_COMMAND_TIMEOUT = 10.0
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.exceptions.OperatorInterventionError,
)


async def _decode_json(connection: asyncpg.Connection[Row]) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _leave_as_it_is(_: asyncpg.Connection[Row]) -> None:
    """Spare the round trip of a reset: no statement here leaves anything behind in its session."""


class Database:
    """A pool whose methods raise `StoreUnavailableError` while Postgres is away.

    Connections lost in a restart are noticed and replaced by the pool itself, so nothing needs to be
    done for recovery.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._opened: asyncpg.Pool[Row] | None = None
        self._is_away = False

    async def open(self) -> None:
        """Wait for Postgres, then create what is missing; several processes may do so at once.

        Raises:
            StoreUnavailableError: Postgres did not answer for a minute.
            asyncpg.PostgresError: it answered, and refused.
        """
        deadline = asyncio.get_running_loop().time() + _STARTUP_PATIENCE
        while True:
            try:
                async with self._watched():
                    await self._connect()
                    return
            except StoreUnavailableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(_RETRY_PAUSE)

    async def _connect(self) -> None:
        pool = await asyncpg.create_pool(
            self._dsn,
            min_size=2,
            max_size=16,
            timeout=_CONNECT_TIMEOUT,
            command_timeout=_COMMAND_TIMEOUT,
            init=_decode_json,
            reset=_leave_as_it_is,
        )
        try:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _STARTUP_LOCK)
                await connection.execute(TABLES)
                await connection.execute(EXPIRED_ROWS)
        except BaseException:
            pool.terminate()
            raise
        self._opened = pool

    async def close(self) -> None:
        """Drop all connections."""
        if self._opened is not None:
            self._opened.terminate()

    @property
    def _pool(self) -> asyncpg.Pool[Row]:
        if self._opened is None:
            raise StoreUnavailableError
        return self._opened

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """Tell a Postgres that is away from one that refuses, and log when it goes and comes."""
        try:
            yield
        except asyncpg.DataError:
            raise
        except _AWAY as error:
            if not self._is_away:
                logger.warning("Postgres is not answering: %s", type(error).__name__)
            self._is_away = True
            raise StoreUnavailableError from error
        if self._is_away:
            logger.info("Postgres is answering again")
        self._is_away = False

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with self._watched(), self._pool.acquire(timeout=_ACQUIRE_TIMEOUT) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction; hold it for database work only."""
        async with self._connection() as connection, connection.transaction():
            yield connection

    async def rows(self, query: str, *arguments: object) -> list[Row]:
        """All rows of a query."""
        async with self._connection() as connection:
            return await connection.fetch(query, *arguments)

    async def row(self, query: str, *arguments: object) -> Row | None:
        """The first row of a query, or None."""
        async with self._connection() as connection:
            return await connection.fetchrow(query, *arguments)

    async def value(self, query: str, *arguments: object) -> Any:
        """The first value of the first row, or None."""
        async with self._connection() as connection:
            return await connection.fetchval(query, *arguments)

    async def execute(self, query: str, *arguments: object) -> int:
        """Run a statement; the number of rows it changed."""
        async with self._connection() as connection:
            tag = await connection.execute(query, *arguments)
            return int(tag.rpartition(" ")[2])
