"""The shared Postgres: roles, one Alembic chain for the tables, and the workflow engine's schemas."""
