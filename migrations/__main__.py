"""`python -m migrations`: bring the database up to date, as the release step before the services start.

--status   only tell which migrations it has and which it waits for

Needs a role that may create roles and schemas (`MIGRATIONS_DATABASE_URL`). Safe to run again, and by several
at once: the others wait. There are no down migrations; write a forward one.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from dbos import DBOS
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from migrations import status
from migrations.settings import MigrationSettings
from shared.settings import load

LOCK = 0x6D6F6C75
SERVICES = ("diary", "identity", "signing")


def role_of(service: str) -> str:
    return f"moltnet_{service}"


def _ensure_role(connection: psycopg.Connection, service: str, password: str) -> None:
    """The service's role: logs in, owns nothing, finds its own schema first."""
    role = sql.Identifier(role_of(service))
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role_of(service)]).fetchone()
    verb = sql.SQL("ALTER" if exists else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            verb, role, sql.Literal(password)
        )
    )
    connection.execute(
        sql.SQL("ALTER ROLE {} SET search_path = {}, public").format(role, sql.Identifier(service))
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _upgrade_tables(url: str) -> None:
    config, engine = _config(), create_engine(_with_driver(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def _upgrade_workflow_engine(url: str) -> None:
    for service in SERVICES:
        DBOS.migrate(
            _with_driver(url),
            schema=f"dbos_{service}",
            application_role=role_of(service),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m migrations")
    parser.add_argument("--status", action="store_true", help="only tell what is applied and what is pending")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("dbos").setLevel("WARNING")
    settings = load(MigrationSettings)
    try:
        lines = _status(settings) if chosen.status else _migrate(settings)
    except (psycopg.Error, SQLAlchemyError) as failure:
        cause = getattr(failure, "orig", None) or failure
        sys.stderr.write(
            f"The database could not be {'read' if chosen.status else 'brought up to date'}: {cause}\n"
        )
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _status(settings: MigrationSettings) -> list[str]:
    engine = create_engine(_with_driver(settings.url.get_secret_value()))
    with engine.connect() as connection:
        lines = list(status.told(_config(), connection))
    engine.dispose()
    return lines


def _migrate(settings: MigrationSettings) -> list[str]:
    url = settings.url.get_secret_value()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        for service in SERVICES:
            _ensure_role(connection, service, settings.password_of(service))
        _upgrade_tables(url)
        _upgrade_workflow_engine(url)
    return ["database is up to date"]


if __name__ == "__main__":
    sys.exit(main())
