"""Create the schema: every table, monthly partitions, and an audit trail that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122"
down_revision = None
branch_labels = None
depends_on = None

PARTITIONED = {
    "actions": "at",
    "agent_state_changes": "at",
    "attempts": "at",
    "audit_events": "at",
    "calls": "created_at",
}

# Makes the monthly partitions of one table from the month of `first` on; those that exist are left alone.
ENSURE_MONTHS = """
CREATE FUNCTION ensure_months(parent text, first date, months int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    made int := 0;
    month date := date_trunc('month', first)::date;
    part text;
BEGIN
    FOR i IN 1..months LOOP
        part := parent || '_p' || to_char(month, 'YYYYMM');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                part, parent, month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00'
            );
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$
"""

# An audit row is never removed nor rewritten. What may change: its chaining mark, and at a person's erasure
# the personal part, to nothing.
AUDIT_ONLY_GROWS = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.id, NEW.at, NEW.actor_id, NEW.role, NEW.verb, NEW.entity, NEW.entity_id)
        IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor_id, OLD.role, OLD.verb, OLD.entity, OLD.entity_id)
        AND (NEW.before IS NULL OR NEW.before = OLD.before)
        AND (NEW.after IS NULL OR NEW.after = OLD.after)
        AND (NEW.reason IS NULL OR NEW.reason = OLD.reason)
        AND (NEW.address IS NULL OR NEW.address = OLD.address)
        AND (NEW.salt = '' OR NEW.salt = OLD.salt) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_events only grows: % refused', TG_OP;
END $$
"""
MONTHS_BACK = 25  # imported history of two years finds its month
MONTHS_AHEAD = 4


def partition() -> None:
    op.execute(ENSURE_MONTHS)
    for table in PARTITIONED:
        op.execute(f"CREATE TABLE {table}_pdefault PARTITION OF {table} DEFAULT")
        op.execute(
            f"SELECT ensure_months('{table}', (now() - interval '{MONTHS_BACK} months')::date,"
            f" {MONTHS_BACK + MONTHS_AHEAD})"
        )
    op.execute(AUDIT_ONLY_GROWS)
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit_events"
        " FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
    )


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="CALL", nullable=False),
        sa.Column("direction", sa.Text(), server_default="OUT", nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.Text(), nullable=False),
        sa.Column("tree_version", sa.BigInteger(), nullable=False),
        sa.Column("rpc", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "ticked", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column(
            "effects", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("source_mode", sa.Text(), server_default="AUTO", nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("superseded", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_actions")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_actions_call", "actions", ["call_id"], unique=False)
    op.create_index("ix_actions_customer", "actions", ["customer_id", "at"], unique=False)
    op.create_table(
        "agent_state_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), server_default="UP", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extends_left", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cause", sa.Text(), server_default="AGENT", nullable=False),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_agent_state_changes")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(
        "ix_agent_state_changes_agent", "agent_state_changes", ["agent_id", "at"], unique=False
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), server_default="CALL", nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts_to_cap", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_attempts")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(
        "ix_attempts_campaign_day", "attempts", ["campaign_id", "business_on"], unique=False
    )
    op.create_index("ix_attempts_customer", "attempts", ["customer_id", "at"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("chained", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_audit_events")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(op.f("ix_audit_events_chained"), "audit_events", ["chained"], unique=False)
    op.create_index(
        "ix_audit_events_entity", "audit_events", ["entity", "entity_id", "at"], unique=False
    )
    op.create_table(
        "audit_links",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("personal_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "position", name=op.f("pk_audit_links")),
    )
    op.create_table(
        "break_reasons",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label_vi", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("max_seconds", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_break_reasons")),
    )
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_minutes", sa.BigInteger(), server_default="15", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="SCHEDULED", nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    op.create_index(op.f("ix_callbacks_customer_id"), "callbacks", ["customer_id"], unique=False)
    op.create_index(
        "ix_callbacks_due",
        "callbacks",
        ["at"],
        unique=False,
        postgresql_where=sa.text("state = 'SCHEDULED'"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("direction", sa.Text(), server_default="OUT", nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="CREATED", nullable=False),
        sa.Column("attempt_no", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("dialing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ringing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("painted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("painted_error_ms", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hangup_by", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("machine", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("answered_by_human", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("abandoned", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("leaf", sa.Text(), nullable=True),
        sa.Column("pops_unacknowledged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("carrier_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_calls")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index("ix_calls_agent", "calls", ["agent_id", "created_at"], unique=False)
    op.create_index("ix_calls_campaign", "calls", ["campaign_id", "created_at"], unique=False)
    op.create_index("ix_calls_customer", "calls", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "ix_calls_live",
        "calls",
        ["campaign_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), server_default="PROGRESSIVE", nullable=False),
        sa.Column("state", sa.Text(), server_default="DRAFT", nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("where_text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "where_tree",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "script", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("priority", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stopped", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "contact_counts",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "business_on", name=op.f("pk_contact_counts")),
    )
    op.create_table(
        "customer_locks",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_locks")),
    )
    op.create_index(op.f("ix_customer_locks_call_id"), "customer_locks", ["call_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cif", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="INDIVIDUAL", nullable=False),
        sa.Column("family", sa.Text(), server_default="", nullable=False),
        sa.Column("middle", sa.Text(), server_default="", nullable=False),
        sa.Column("given", sa.Text(), server_default="", nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("salutation", sa.Text(), server_default="NONE", nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="vi", nullable=False),
        sa.Column("status", sa.Text(), server_default="ACTIVE", nullable=False),
        sa.Column("segment", sa.Text(), server_default="", nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("district", sa.Text(), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Ho_Chi_Minh", nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("national_id", sa.Text(), nullable=True),
        sa.Column("tax_code", sa.Text(), nullable=True),
        sa.Column(
            "special_handling", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("handling_instruction", sa.Text(), server_default="", nullable=False),
        sa.Column("cooperation", sa.Text(), nullable=True),
        sa.Column("preference", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("hardship", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("risk_class", sa.Text(), server_default="LOW", nullable=False),
        sa.Column("do_not_contact", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("cif", name=op.f("uq_customers_cif")),
    )
    op.create_index(
        "ix_customers_search_key",
        "customers",
        ["search_key"],
        unique=False,
        postgresql_ops={"search_key": "text_pattern_ops"},
    )
    op.create_table(
        "disposition_trees",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("nodes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_disposition_trees")),
    )
    op.create_table(
        "drafts",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_user_id"), "drafts", ["user_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Ho_Chi_Minh", nullable=False),
        sa.Column("base_currency", sa.Text(), server_default="VND", nullable=False),
        sa.Column("locale", sa.Text(), server_default="vi", nullable=False),
        sa.Column("date_order", sa.Text(), server_default="dmy", nullable=False),
        sa.Column("legal_profile", sa.Text(), server_default="VN", nullable=False),
        sa.Column("holidays", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("dialing_stopped", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "outbox_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_facts")),
        sa.UniqueConstraint("position", name=op.f("uq_outbox_facts_position")),
    )
    op.create_index(
        "ix_outbox_facts_waiting",
        "outbox_facts",
        ["position"],
        unique=False,
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "dialer_leases",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_dialer_leases")),
    )
    op.create_table(
        "campaign_teams",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_teams_campaign_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_campaign_teams_team_id")),
        sa.PrimaryKeyConstraint("campaign_id", "team_id", name=op.f("pk_campaign_teams")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("stage", sa.Text(), server_default="EARLY", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_cases_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("case_no", name=op.f("uq_cases_case_no")),
    )
    op.create_index(op.f("ix_cases_customer_id"), "cases", ["customer_id"], unique=False)
    op.create_index(
        "uq_cases_open",
        "cases",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "loans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_no", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("overdue_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("oldest_unpaid_due_on", sa.Date(), nullable=True),
        sa.Column("bucket_before", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="CURRENT", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("import_digest", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "outstanding_minor >= 0 AND overdue_minor >= 0 AND due_minor >= 0",
            name=op.f("ck_loans_not_negative"),
        ),
        sa.CheckConstraint(
            "overdue_minor <= outstanding_minor", name=op.f("ck_loans_overdue_within_outstanding")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_loans_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
        sa.UniqueConstraint("account_no", name=op.f("uq_loans_account_no")),
    )
    op.create_index(op.f("ix_loans_customer_id"), "loans", ["customer_id"], unique=False)
    op.create_index(
        "ix_loans_open_unpaid",
        "loans",
        ["oldest_unpaid_due_on"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "phones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default="MOBILE", nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("verification", sa.Text(), server_default="UNVERIFIED", nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dialable", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("attempts_180d", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rpc_180d", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "bands", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "verification IN ('UNVERIFIED','VERIFIED','INVALID','WRONG_PARTY','DO_NOT_CONTACT')",
            name=op.f("ck_phones_verification"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_phones_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
    )
    op.create_index(op.f("ix_phones_number"), "phones", ["number"], unique=False)
    op.create_index("uq_phones_customer_number", "phones", ["customer_id", "number"], unique=True)
    op.create_index(
        "uq_phones_primary",
        "phones",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="vi", nullable=False),
        sa.Column("theme", sa.Text(), server_default="system", nullable=False),
        sa.Column("single_keys", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("wrapup_multiplier", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_users_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_index(op.f("ix_users_team_id"), "users", ["team_id"], unique=False)
    op.create_table(
        "campaign_agents",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_agents_campaign_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_campaign_agents_user_id")),
        sa.PrimaryKeyConstraint("campaign_id", "user_id", name=op.f("pk_campaign_agents")),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_holds_customer_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_holds_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(
        "ix_holds_open",
        "holds",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="PENDING", nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("exclude_reason", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('PENDING','RESERVED','IN_FLIGHT','RETRY','DONE','EXCLUDED')",
            name=op.f("ck_leads_state"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_leads_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_leads_customer_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_leads_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    op.create_index("ix_leads_customer", "leads", ["customer_id"], unique=False)
    op.create_index(
        "ix_leads_due",
        "leads",
        ["campaign_id", "priority", "next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('PENDING','RETRY')"),
    )
    op.create_index("uq_leads_member", "leads", ["campaign_id", "customer_id"], unique=True)
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text(), server_default="BANK_TRANSFER", nullable=False),
        sa.Column("status", sa.Text(), server_default="POSTED", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_payments_customer_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_payments_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("reference", name=op.f("uq_payments_reference")),
    )
    op.create_index("ix_payments_customer", "payments", ["customer_id", "paid_on"], unique=False)
    op.create_index(op.f("ix_payments_loan_id"), "payments", ["loan_id"], unique=False)
    op.create_table(
        "promises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("grace_days", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("threshold_pct", sa.BigInteger(), server_default="100", nullable=False),
        sa.Column("tolerance_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("paid_in_window_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("paid_late_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state IN ('OPEN','KEPT','PARTLY_KEPT','BROKEN','RESCHEDULED','CANCELLED')",
            name=op.f("ck_promises_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promises_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_promises_case_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_promises_customer_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_promises_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
        sa.UniqueConstraint("reference", name=op.f("uq_promises_reference")),
    )
    op.create_index(op.f("ix_promises_action_id"), "promises", ["action_id"], unique=False)
    op.create_index("ix_promises_customer", "promises", ["customer_id", "due_on"], unique=False)
    op.create_index(op.f("ix_promises_loan_id"), "promises", ["loan_id"], unique=False)
    op.create_index(
        "ix_promises_open",
        "promises",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sign_ins")),
    )
    op.create_index(
        "ix_sign_ins_open",
        "sign_ins",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_foreign_key("fk_teams_lead_id", "teams", "users", ["lead_id"], ["id"])
    partition()


def downgrade() -> None:
    op.drop_constraint("fk_teams_lead_id", "teams")
    op.drop_index(
        "ix_sign_ins_open", table_name="sign_ins", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("sign_ins")
    op.drop_index(
        "ix_promises_open", table_name="promises", postgresql_where=sa.text("state = 'OPEN'")
    )
    op.drop_index(op.f("ix_promises_loan_id"), table_name="promises")
    op.drop_index("ix_promises_customer", table_name="promises")
    op.drop_index(op.f("ix_promises_action_id"), table_name="promises")
    op.drop_table("promises")
    op.drop_index(op.f("ix_payments_loan_id"), table_name="payments")
    op.drop_index("ix_payments_customer", table_name="payments")
    op.drop_table("payments")
    op.drop_index("uq_leads_member", table_name="leads")
    op.drop_index(
        "ix_leads_due", table_name="leads", postgresql_where=sa.text("state IN ('PENDING','RETRY')")
    )
    op.drop_index("ix_leads_customer", table_name="leads")
    op.drop_table("leads")
    op.drop_index(
        "ix_holds_open", table_name="holds", postgresql_where=sa.text("released_at IS NULL")
    )
    op.drop_table("holds")
    op.drop_table("campaign_agents")
    op.drop_index(op.f("ix_users_team_id"), table_name="users")
    op.drop_table("users")
    op.drop_index("uq_phones_primary", table_name="phones", postgresql_where=sa.text("is_primary"))
    op.drop_index("uq_phones_customer_number", table_name="phones")
    op.drop_index(op.f("ix_phones_number"), table_name="phones")
    op.drop_table("phones")
    op.drop_index(
        "ix_loans_open_unpaid", table_name="loans", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(op.f("ix_loans_customer_id"), table_name="loans")
    op.drop_table("loans")
    op.drop_index(
        "uq_cases_open", table_name="cases", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(op.f("ix_cases_customer_id"), table_name="cases")
    op.drop_table("cases")
    op.drop_table("campaign_teams")
    op.drop_table("dialer_leases")
    op.drop_table("teams")
    op.drop_table("sign_in_failures")
    op.drop_index(
        "ix_outbox_facts_waiting",
        table_name="outbox_facts",
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.drop_table("outbox_facts")
    op.drop_table("organisations")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_drafts_user_id"), table_name="drafts")
    op.drop_table("drafts")
    op.drop_table("disposition_trees")
    op.drop_index(
        "ix_customers_search_key",
        table_name="customers",
        postgresql_ops={"search_key": "text_pattern_ops"},
    )
    op.drop_table("customers")
    op.drop_index(op.f("ix_customer_locks_call_id"), table_name="customer_locks")
    op.drop_table("customer_locks")
    op.drop_table("contact_counts")
    op.drop_table("campaigns")
    op.drop_index("ix_calls_live", table_name="calls", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_calls_customer", table_name="calls")
    op.drop_index("ix_calls_campaign", table_name="calls")
    op.drop_index("ix_calls_agent", table_name="calls")
    op.drop_table("calls")
    op.drop_index(
        "ix_callbacks_due", table_name="callbacks", postgresql_where=sa.text("state = 'SCHEDULED'")
    )
    op.drop_index(op.f("ix_callbacks_customer_id"), table_name="callbacks")
    op.drop_table("callbacks")
    op.drop_table("break_reasons")
    op.drop_table("audit_links")
    op.drop_index("ix_audit_events_entity", table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_chained"), table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_index("ix_attempts_customer", table_name="attempts")
    op.drop_index("ix_attempts_campaign_day", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index("ix_agent_state_changes_agent", table_name="agent_state_changes")
    op.drop_table("agent_state_changes")
    op.drop_index("ix_actions_customer", table_name="actions")
    op.drop_index("ix_actions_call", table_name="actions")
    op.drop_table("actions")
    op.execute("DROP FUNCTION refuse_audit_change()")
    op.execute("DROP FUNCTION ensure_months(text, date, int)")
