"""Which migrations a database has, and which it waits for."""

from collections.abc import Iterator

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSIONS = "schema_version"
"""The table that alembic keeps its place in."""


def told(config: Config, connection: Connection) -> Iterator[str]:
    """A line each, oldest first. Changes nothing."""
    scripts = ScriptDirectory.from_config(config)
    heads = MigrationContext.configure(connection, opts={"version_table": VERSIONS}).get_current_heads()
    applied = {each.revision for head in heads for each in scripts.iterate_revisions(head, "base")}
    for each in reversed(list(scripts.walk_revisions())):
        state = "applied" if each.revision in applied else "pending"
        yield f"{state} {each.revision} {each.doc}"
