"""Postgres is fit for the migrations, and takes each role."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg

from operations.preflight.agreement import DURABLE
from operations.preflight.answers.asking import SECONDS, NotFitError, address, asked
from operations.preflight.findings import Finding
from operations.preflight.installation import Installation

OLDEST_POSTGRES = 16
OLDEST_PGVECTOR = (0, 8)


def check(installation: Installation) -> Iterator[Finding]:
    made: set[str] = set()
    url = address(installation, "migrate", "MIGRATIONS_DATABASE_URL")
    if url:
        yield asked("postgres", "is fit for the migrations", lambda: made.update(_prepared(url)))
    for service in DURABLE:
        own, role = address(installation, service, "DATABASE_URL"), f"moltnet_{service}"
        if own and role in made:
            yield asked("postgres", f"lets {role} in", partial(_log_in, own))
        elif own:
            yield Finding("postgres", f"has no {role} yet: the migrations make it", wrong=False)


def _log_in(url: str) -> None:
    _connect(url).close()


def _connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url, connect_timeout=SECONDS, autocommit=True)


def _prepared(url: str) -> set[str]:
    """The services' roles that exist. NotFitError when the migrations could not do their work."""
    with _connect(url) as connection:
        version = connection.info.server_version // 10_000
        if version < OLDEST_POSTGRES:
            raise NotFitError(f"is version {version}, and {OLDEST_POSTGRES} or newer is needed")
        _demand_vectors(connection)
        may = connection.execute(
            "SELECT rolsuper OR rolcreaterole AND has_database_privilege(current_database(), 'CREATE')"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if may != (True,):
            raise NotFitError("MIGRATIONS_DATABASE_URL names a login that may not create roles and schemas")
        roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'moltnet\\_%'").fetchall()
    return {str(name) for (name,) in roles}


def _demand_vectors(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    found = connection.execute(
        "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    if found is None:
        raise NotFitError("has no pgvector")
    if tuple(int(part) for part in str(found[0]).split(".")[:2]) < OLDEST_PGVECTOR:
        raise NotFitError(f"has pgvector {found[0]}, and {'.'.join(map(str, OLDEST_PGVECTOR))} is needed")
