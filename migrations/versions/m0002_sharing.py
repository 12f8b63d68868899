"""Which command answered an invitation, so that a repeated one knows its own answer."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE diary_shares ADD COLUMN answered_by uuid")
