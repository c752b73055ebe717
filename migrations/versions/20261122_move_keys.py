"""Move keys: what each person has chosen, and whom a team's agents ring when their page is lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "move_keys"
down_revision = "keep_agreed_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column(
        "users",
        sa.Column(
            "key_map",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
    )
    op.add_column("teams", sa.Column("phone", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("teams", "phone")
    op.drop_column("users", "key_map")
