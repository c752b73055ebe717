"""Keep load tests, what each saw, and the files that it left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "keep_load_runs"
down_revision = "monitoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    jsonb = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "load_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked", jsonb, nullable=False),
        sa.Column("state", sa.Text(), server_default="WAITING", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live", jsonb, nullable=True),
        sa.Column("outcome", jsonb, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('WAITING','RUNNING','DONE','FAILED','CANCELLED')",
            name=op.f("ck_load_runs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_runs")),
    )
    op.create_index("ix_load_runs_asked_at", "load_runs", ["asked_at"])
    op.create_table(
        "load_run_files",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["load_runs.id"], name=op.f("fk_load_run_files_run_id_load_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_load_run_files")),
    )


def downgrade() -> None:
    op.drop_table("load_run_files")
    op.drop_table("load_runs")
