"""Pages of entries keep room, so that counting a read mostly stays on its page and leaves the indexes alone."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE diary_entries SET (fillfactor = 70)")
