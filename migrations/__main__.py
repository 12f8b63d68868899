"""`python -m migrations`: bring the database up to date, as the release step before the services start.

Needs a role that may create roles and schemas (`MIGRATIONS_DATABASE_URL`). Safe to run again, and by several
at once: the others wait. There are no down migrations; write a forward one.
"""

import logging
import sys
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from dbos import DBOS
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

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


def _upgrade_tables(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def _upgrade_workflow_engine(url: str) -> None:
    for service in SERVICES:
        DBOS.migrate(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            schema=f"dbos_{service}",
            application_role=role_of(service),
        )


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("dbos").setLevel("WARNING")
    settings = load(MigrationSettings)
    try:
        _migrate(settings)
    except (psycopg.Error, SQLAlchemyError) as failure:
        cause = getattr(failure, "orig", None) or failure
        sys.stderr.write(f"The database could not be brought up to date: {cause}\n")
        return 1
    sys.stdout.write("database is up to date\n")
    return 0


def _migrate(settings: MigrationSettings) -> None:
    url = settings.url.get_secret_value()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        for service in SERVICES:
            _ensure_role(connection, service, settings.password_of(service))
        _upgrade_tables(url)
        _upgrade_workflow_engine(url)


if __name__ == "__main__":
    sys.exit(main())
