"""Keep which message was played to a person for whom no agent was free."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keep_message"
down_revision = "curves"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("calls", sa.Column("message", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("calls", "message")
