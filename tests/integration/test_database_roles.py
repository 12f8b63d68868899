"""Each service's database role reaches its own tables, and no one else's."""

import asyncpg
import pytest

from local.secret_store import OWNERS
from local.stack import Stack

PUBLIC = {
    "agent_keys": "identity",
    "agent_vouchers": "identity",
    "used_recovery_nonces": "identity",
    "diaries": "diary",
    "diary_entries": "diary",
    "diary_shares": "diary",
    "signing_requests": "signing",
}
SHARED_BY_ALL = {"public.schema_version"}
PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"


async def _tables(superuser: asyncpg.Connection) -> list[tuple[str, str]]:
    rows = await superuser.fetch(
        "SELECT schemaname, tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
    )
    return [(row["schemaname"], row["tablename"]) for row in rows]


def _owner(schema: str, table: str) -> str | None:
    return PUBLIC.get(table) if schema == "public" else schema.removeprefix("dbos_")


@pytest.mark.parametrize("service", OWNERS)
async def test_a_role_reaches_no_table_of_another(superuser: asyncpg.Connection, service: str) -> None:
    reached = [
        f"{schema}.{table}"
        for schema, table in await _tables(superuser)
        if _owner(schema, table) not in (service, None)
        and await superuser.fetchval(
            "SELECT has_schema_privilege($1, $2, 'USAGE') AND has_table_privilege($1, $3, $4)",
            f"moltnet_{service}",
            schema,
            f'"{schema}"."{table}"',
            PRIVILEGES,
        )
    ]
    assert reached == []


@pytest.mark.parametrize("service", OWNERS)
async def test_a_role_cannot_read_what_is_another_s(stack: Stack, service: str) -> None:
    connection = await asyncpg.connect(stack.environment.service(service)["DATABASE_URL"])
    try:
        for table, owner in PUBLIC.items():
            if owner != service:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - from the list above
        for other in set(OWNERS) - {service}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT 1 FROM {other}.operations LIMIT 1")  # noqa: S608 - as above
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT 1 FROM dbos_{other}.workflow_status LIMIT 1")  # noqa: S608
    finally:
        await connection.close()


@pytest.mark.parametrize("service", OWNERS)
async def test_a_role_reads_its_own_tables(stack: Stack, service: str) -> None:
    connection = await asyncpg.connect(stack.environment.service(service)["DATABASE_URL"])
    try:
        for table in (*(name for name, owner in PUBLIC.items() if owner == service), "operations"):
            await connection.fetch(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - from the list above
    finally:
        await connection.close()


@pytest.mark.parametrize("service", OWNERS)
async def test_a_role_changes_no_schema(stack: Stack, service: str) -> None:
    connection = await asyncpg.connect(stack.environment.service(service)["DATABASE_URL"])
    try:
        for place in ("public", service, f"dbos_{service}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"CREATE TABLE {place}.mine (n int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE SCHEMA mine")
    finally:
        await connection.close()


async def test_every_table_has_an_owner_among_the_services(superuser: asyncpg.Connection) -> None:
    tables = {(schema, table) for schema, table in await _tables(superuser)}
    unowned = {f"{schema}.{table}" for schema, table in tables if _owner(schema, table) not in OWNERS}
    assert unowned <= SHARED_BY_ALL
