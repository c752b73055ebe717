"""Rows of a small bank, written as plainly as the tables allow: whoever tests above them need not care how."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.values.ids import new_id
from tests.support.clock import START

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, WriteSession

ZONE_TODAY = date(2026, 11, 23)  # of `START`, in Ho Chi Minh City
START_MS = round(START.timestamp() * 1_000)
CHANCE = random.Random(20)  # makes ids


def an_id() -> UUID:
    """A fresh UUIDv7."""
    return new_id(START_MS, CHANCE.randbytes(10))


async def insert(session: WriteSession, table: str, **values: Any) -> None:
    """One row; dicts become JSON."""
    shown = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    casts = [f"CAST(:{n} AS jsonb)" if isinstance(values[n], dict) else f":{n}" for n in values]
    await session.execute(
        text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(casts)})"), shown
    )


async def an_organisation(session: WriteSession, **values: Any) -> UUID:
    """The one tenant, of legal profile VN."""
    identifier = an_id()
    row = {"id": identifier, "name": "Ngân hàng Mẫu", "created_at": START, "demo": True, **values}
    await insert(session, "organisations", **row)
    return identifier


async def a_customer(session: WriteSession, **values: Any) -> UUID:
    """Somebody who owes, without phone and loan."""
    identifier = values.pop("id", None) or an_id()
    row = {
        "id": identifier, "cif": f"C{identifier.hex[-10:]}", "display": "Nguyễn Thị Thu Hà",
        "given": "Hà", "search_key": "nguyen thi thu ha", "sort_key": "ha nguyen thi thu",
        "created_at": START, "updated_at": START, **values,
    }  # fmt: skip
    await insert(session, "customers", **row)
    return identifier


async def a_phone(session: WriteSession, customer: UUID, **values: Any) -> UUID:
    """A number that belongs to nobody."""
    identifier = an_id()
    number = f"+8450{identifier.int % 10**7:07d}"
    row = {
        "id": identifier, "customer_id": customer, "number": number, "raw": number,
        "is_primary": True, **values,
    }  # fmt: skip
    await insert(session, "phones", **row)
    return identifier


async def a_consent(session: WriteSession, customer: UUID, **values: Any) -> None:
    """A customer's yes to being called about what he owes, from long ago."""
    row = {
        "id": an_id(), "customer_id": customer, "channel": "CALL", "aim": "DEBT", "given": True,
        "source": "contract", "at": START - timedelta(days=400), **values,
    }  # fmt: skip
    await insert(session, "consents", **row)


async def a_loan(session: WriteSession, customer: UUID, **values: Any) -> UUID:
    """A credit card, five million overdue for 29 days."""
    identifier = an_id()
    row = {
        "id": identifier, "account_no": f"L{identifier.hex[-12:]}", "customer_id": customer,
        "product": "CREDIT_CARD", "currency": "VND", "outstanding_minor": 20_000_000,
        "overdue_minor": 5_000_000, "due_minor": 5_000_000, "status": "OVERDUE",
        "oldest_unpaid_due_on": ZONE_TODAY - timedelta(days=29), "updated_at": START, **values,
    }  # fmt: skip
    await insert(session, "loans", **row)
    return identifier


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer with one phone and one loan."""

    customer: UUID
    phone: UUID
    loan: UUID


async def a_debtor(session: WriteSession, **loan: Any) -> Debtor:
    """A customer with one phone and one loan."""
    customer = await a_customer(session)
    return Debtor(
        customer, await a_phone(session, customer), await a_loan(session, customer, **loan)
    )


async def a_campaign(session: WriteSession, name: str = "", **values: Any) -> UUID:
    """A running campaign with default settings."""
    identifier = an_id()
    row = {
        "id": identifier, "name": name or f"Chiến dịch {identifier.hex[-6:]}", "state": "RUNNING",
        "created_at": START, **values,
    }  # fmt: skip
    await insert(session, "campaigns", **row)
    return identifier


async def a_lead(session: WriteSession, campaign: UUID, debtor: Debtor, **values: Any) -> UUID:
    """A member of a campaign, due for long."""
    identifier = an_id()
    row = {
        "id": identifier, "campaign_id": campaign, "customer_id": debtor.customer,
        "loan_id": debtor.loan, "next_at": START - timedelta(days=1), **values,
    }  # fmt: skip
    await insert(session, "leads", **row)
    return identifier


async def a_call(session: WriteSession, debtor: Debtor, agent: UUID, **values: Any) -> UUID:
    """A call in which an agent speaks with somebody who owes, since the beginning."""
    identifier = values.pop("id", None) or an_id()
    row = {
        "id": identifier, "created_at": START, "customer_id": debtor.customer,
        "loan_id": debtor.loan, "phone_id": debtor.phone, "number": "+84912345678",
        "agent_id": agent, "connected_at": START, "state": "BRIDGED", **values,
    }  # fmt: skip
    await insert(session, "calls", **row)
    return identifier


async def read(database: Database, sql: str) -> list[dict[str, Any]]:
    """Rows of a query, by the names of its columns."""
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(sql))).mappings()]


TABLES = (
    "organisations", "customers", "phones", "loans", "holds", "campaigns", "leads",
    "dialer_leases", "calls", "attempts", "contact_counts", "customer_locks",
    "agent_state_changes", "teams", "users", "audit_events", "promises", "payments", "actions",
    "campaign_teams", "campaign_agents", "sign_ins", "targets",
    "actions", "drafts", "callbacks", "outbox_facts", "script_books", "script_changes",
    "customer_statuses", "hardships", "disputes", "consents", "monitor_sessions", "coaching_notes",
)  # fmt: skip


async def wipe(database: Database) -> None:
    """Empty every table that the floor writes; faster than TRUNCATE, which opens each month's partition."""
    async with database.writing() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers
        for table in TABLES:
            await session.execute(text(f"DELETE FROM {table}"))


def at(ms: int) -> datetime:
    """Epoch milliseconds as an instant."""
    return datetime.fromtimestamp(ms / 1000, UTC)
