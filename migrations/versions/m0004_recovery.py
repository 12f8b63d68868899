"""Which operation used a recovery nonce, so that the same one may go on after an interruption."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE used_recovery_nonces ADD COLUMN used_by uuid")
    op.execute(
        "CREATE INDEX agent_vouchers_redeemed_idx ON agent_vouchers (redeemed_at DESC, code)"
        " WHERE redeemed_at IS NOT NULL"
    )
