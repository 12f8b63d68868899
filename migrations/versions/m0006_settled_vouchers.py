"""When the registration that a voucher was spent on was concluded. Until then it may come back."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE agent_vouchers ADD COLUMN settled_at timestamptz")
    op.execute("UPDATE agent_vouchers SET settled_at = redeemed_at WHERE redeemed_at IS NOT NULL")
