"""Cap the calls that the carrier takes in a second."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "cap_calls"
down_revision = "snooze_callbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("organisations", sa.Column("calls_per_second", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("organisations", "calls_per_second")
