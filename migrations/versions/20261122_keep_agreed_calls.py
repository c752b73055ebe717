"""Keep agreed calls: who agreed to call a lead, missed ones that were read, and what an own day asks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keep_agreed_calls"
down_revision = "add_targets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("leads", sa.Column("promised_to", sa.Uuid(), nullable=True))
    op.add_column("callbacks", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_callbacks_user", "callbacks", ["user_id", "at"], unique=False)
    op.create_index("ix_payments_paid_at", "payments", ["paid_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_payments_paid_at", table_name="payments")
    op.drop_index("ix_callbacks_user", table_name="callbacks")
    op.drop_column("callbacks", "seen_at")
    op.drop_column("leads", "promised_to")
