"""The databases inside the cluster: whether they answer, and that they are there."""

from collections.abc import Mapping

import asyncpg

from local.errors import StackError
from local.ports import LOOPBACK

MAIN = "moltnet"


class Superuser:
    """The cluster's superuser, over loopback TCP."""

    def __init__(self, port: int, password: str) -> None:
        self._port = port
        self._password = password

    async def is_answered(self) -> bool:
        """Whether the server takes logins; a refused password is an answer too."""
        try:
            connection = await self._connect()
        except asyncpg.InvalidPasswordError:
            return True
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def ensure_databases(self, owned: Mapping[str, str]) -> None:
        """Make the main database, and each in `owned` with an owner of its name and the password given."""
        try:
            connection = await self._connect()
        except asyncpg.InvalidPasswordError as error:
            raise StackError(
                "The database does not know the password in secrets.json: restore that file, "
                "or remove all data with `make clean`."
            ) from error
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise StackError(f"The database stopped answering: {error}.") from error
        try:
            await _ensure_database(connection, MAIN)
            for name, password in owned.items():
                await _ensure_owner(connection, name, password)
                await _ensure_database(connection, name, owner=name)
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=LOOPBACK,
            port=self._port,
            user="postgres",
            password=self._password,
            database="postgres",
            timeout=5,
        )


async def _ensure_owner(connection: asyncpg.Connection, role: str, password: str) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    await _execute_quoted(connection, f"{verb} ROLE %I LOGIN PASSWORD %L", role, password)


async def _ensure_database(connection: asyncpg.Connection, name: str, owner: str = "postgres") -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await _execute_quoted(connection, "CREATE DATABASE %I OWNER %I", name, owner)


async def _execute_quoted(connection: asyncpg.Connection, statement: str, *words: str) -> None:
    """Run a statement that takes no parameters; Postgres itself quotes the words put in."""
    await connection.execute(
        await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, list(words))
    )
