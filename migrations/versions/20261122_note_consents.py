"""Note what customers agreed to, with its source; kept as words that are only added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "note_consents"
down_revision = "trainings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("channel IN ('CALL','SMS','EMAIL')", name=op.f("ck_consents_channel")),
        sa.CheckConstraint("aim IN ('DEBT','OFFERS')", name=op.f("ck_consents_aim")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_consents_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_word", "consents", ["customer_id", "channel", "aim", "at"])


def downgrade() -> None:
    op.drop_index("ix_consents_word", table_name="consents")
    op.drop_table("consents")
