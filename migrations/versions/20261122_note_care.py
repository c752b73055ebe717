"""Note how a customer is to be treated, with its source: statuses, hardships, disputes.

What stood on the customer so far becomes the first row of its history, by the word of the bank's file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "care"
down_revision = "breaks"
branch_labels = None
depends_on = None

STATUSES_SO_FAR = """
INSERT INTO customer_statuses (id, customer_id, type, since, source)
SELECT gen_random_uuid(), id, cooperation, created_at, 'IMPORT' FROM customers WHERE cooperation IS NOT NULL
"""

# A flag of old may lack its day or hold another word there: then the row's own day stands.
HARDSHIPS_SO_FAR = r"""
INSERT INTO hardships (id, customer_id, since, reason, review_on, noted_at, source)
SELECT gen_random_uuid(), id,
       CASE WHEN hardship->>'since' ~ '^\d{4}-\d\d-\d\d' THEN left(hardship->>'since', 10)::date
            ELSE updated_at::date END,
       coalesce(hardship->>'reason', ''),
       CASE WHEN hardship->>'review_on' ~ '^\d{4}-\d\d-\d\d' THEN left(hardship->>'review_on', 10)::date
            ELSE updated_at::date + 5 END,
       updated_at, 'IMPORT'
FROM customers WHERE hardship IS NOT NULL AND jsonb_typeof(hardship) = 'object'
"""

DISPUTES_SO_FAR = """
INSERT INTO disputes
    (id, customer_id, loan_id, kind, text, status, opened_at, due_on, source, user_id, call_id, action_id)
SELECT gen_random_uuid(), h.customer_id, h.loan_id, 'AMOUNT', coalesce(a.note, ''), 'OPEN', h.placed_at,
       h.placed_at::date + 10, 'OUTCOME', a.user_id, a.call_id, h.action_id
FROM holds h
LEFT JOIN LATERAL (
    SELECT note, user_id, call_id FROM actions WHERE actions.id = h.action_id LIMIT 1
) a ON true
WHERE h.kind = 'DISPUTE_HOLD' AND h.released_at IS NULL
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _create_statuses()
    _create_hardships()
    _create_disputes()
    op.execute(STATUSES_SO_FAR)
    op.execute(HARDSHIPS_SO_FAR)
    op.execute(DISPUTES_SO_FAR)


def _create_statuses() -> None:
    op.create_table(
        "customer_statuses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_statuses_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_customer_statuses_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_statuses")),
    )
    op.create_index(op.f("ix_customer_statuses_customer_id"), "customer_statuses", ["customer_id"])
    op.create_index(
        "uq_customer_statuses_open",
        "customer_statuses",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )


def _create_hardships() -> None:
    op.create_table(
        "hardships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('ENDED', 'REPLACED', 'CORRECTED')",
            name=op.f("ck_hardships_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_hardships_customer_id")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_hardships_ended_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_hardships_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hardships")),
    )
    op.create_index(op.f("ix_hardships_customer_id"), "hardships", ["customer_id"])
    open_ones = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_hardships_open", "hardships", ["customer_id"], unique=True, postgresql_where=open_ones
    )
    op.create_index("ix_hardships_review", "hardships", ["review_on"], postgresql_where=open_ones)


def _create_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolution", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('AMOUNT', 'NOT_MINE', 'ALREADY_PAID', 'SERVICE', 'FRAUD')",
            name=op.f("ck_disputes_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('OPEN', 'IN_REVIEW', 'UPHELD', 'REJECTED', 'WITHDRAWN', 'CORRECTED')",
            name=op.f("ck_disputes_status"),
        ),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (status IN ('OPEN', 'IN_REVIEW'))",
            name=op.f("ck_disputes_resolved_when_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_disputes_customer_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_disputes_loan_id")),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["users.id"], name=op.f("fk_disputes_resolved_by")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_disputes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_customer_id"), "disputes", ["customer_id"])
    op.create_index(
        "ix_disputes_open",
        "disputes",
        ["due_on"],
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("disputes")
    op.drop_table("hardships")
    op.drop_table("customer_statuses")
