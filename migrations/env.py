"""Alembic's entry: run on the connection that `python -m migrations` holds."""

from alembic import context

from migrations.status import VERSIONS

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table=VERSIONS, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
