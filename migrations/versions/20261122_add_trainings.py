"""Add trainings: whose desk is in training, since when and by whose word."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "trainings"
down_revision = "what_ifs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "trainings",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_trainings_user_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_trainings_by_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_trainings")),
    )


def downgrade() -> None:
    op.drop_table("trainings")
