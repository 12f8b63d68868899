"""Entries are dated when they are written, not when their transaction began.

A transaction is known to the server before it dates an entry. So whoever pages forward by date can tell which
entries may still be on their way.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE diary_entries ALTER COLUMN created_at SET DEFAULT statement_timestamp(),"
        " ALTER COLUMN updated_at SET DEFAULT statement_timestamp()"
    )
