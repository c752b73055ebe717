"""Turns a filter into SQL: a closed list of fields, every value bound, the exclusions always on.

Here is also the order in which members are called (domain.md 6.4). What the words mean is `filters.py`.
"""

# ruff: noqa: S608 - every part of the SQL is a constant of this module, every value is bound
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from app.accounts.rules import BUCKETS, Stage
from app.campaigns.filters import FIELDS, All, Between, Compare, Filter, Kind, Not, OneOf, Some
from app.customers.service import THIRD_PARTIES
from app.values.money import EXPONENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession

Value = int | str
_NEVER: Final = 100_000  # days since what never happened
_DPD: Final = (
    "greatest(0, CAST(:today AS date) - coalesce(l.oldest_unpaid_due_on, CAST(:today AS date)))"
)
_STAGES: Final = tuple(Stage)


def _cases(subject: str, ranks: Sequence[tuple[int, int]]) -> str:
    """The rank of the last threshold that `subject` reaches; thresholds ascend."""
    whens = " ".join(f"WHEN {subject} >= {least} THEN {rank}" for least, rank in reversed(ranks))
    return f"(CASE {whens} ELSE 0 END)"


_UNITS: Final = " ".join(
    f"WHEN '{currency}' THEN {10**exponent}" for currency, exponent in EXPONENTS.items()
)
_UNIT: Final = f"(CASE l.currency {_UNITS} ELSE 1 END)"  # minor units in one whole unit

_BROKEN: Final = (
    "(SELECT count(*) FROM promises r WHERE r.customer_id = c.id AND r.state = 'BROKEN')"
)
# The graver of what the bank says and what today's facts say (`customers.rules.assess_risk`, held equal by a
# test). The step for the portfolio's largest debts is left out: who they are is not known row by row.
_RISK: Final = f"""greatest(
    coalesce(array_position(ARRAY['LOW','MEDIUM','HIGH','CRITICAL'], c.risk_class), 1) - 1,
    CASE WHEN {_DPD} > 90 THEN 3
        WHEN {_DPD} > 60 OR c.cooperation = 'HOSTILE' OR (
            SELECT count(*) FROM promises r WHERE r.customer_id = c.id AND r.state = 'BROKEN'
                AND r.due_on > CAST(:today AS date) - 60
        ) >= 2 THEN 2
        WHEN {_DPD} > 30 OR {_BROKEN} >= 1 THEN 1
        ELSE 0 END
)"""

# The SQL of each field. ORDERED ones are ranks in the order of their words; amounts are minor units.
_COLUMNS: Final[Mapping[str, str]] = {
    "dpd": _DPD,
    "bucket": _cases(_DPD, [(bucket.first, rank) for rank, bucket in enumerate(BUCKETS)]),
    "stage": _cases(_DPD, [(bucket.first, _STAGES.index(bucket.stage)) for bucket in BUCKETS]),
    "product": "l.product",
    "outstanding": "l.outstanding_minor",
    "overdue": "l.overdue_minor",
    "due": "l.due_minor",
    "currency": "l.currency",
    "province": "c.province",
    "district": "c.district",
    "language": "c.language",
    "segment": "c.segment",
    "risk": _RISK,
    "days_since_payment": f"coalesce(CAST(:today AS date) - (SELECT max(y.paid_on) FROM payments y"
    f" WHERE y.customer_id = c.id AND y.status = 'POSTED'), {_NEVER})",
    "days_since_contact": f"coalesce(CAST(:today AS date) - (SELECT max(n.business_on)"
    f" FROM contact_counts n WHERE n.customer_id = c.id), {_NEVER})",
    "broken_promises": _BROKEN,
}
_OPS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(slots=True)
class Condition:
    """SQL that is true for members, and the values that it names."""

    sql: str
    values: dict[str, Any] = field(default_factory=dict)


def compile_filter(tree: Filter) -> Condition:
    """The tree as a condition on `customers c` and `loans l`, on the business day `:today`."""
    values: dict[str, Any] = {}

    def bind(value: Value) -> str:
        name = f"v{len(values)}"
        values[name] = value
        return f":{name}"

    return Condition(_sql(tree, bind), values)


def _sql(tree: Filter, bind: Callable[[Value], str]) -> str:
    match tree:
        case Not(part):
            return f"NOT ({_sql(part, bind)})"
        case All(parts):
            return " AND ".join(f"({_sql(part, bind)})" for part in parts) or "true"
        case Some(parts):
            return " OR ".join(f"({_sql(part, bind)})" for part in parts) or "false"
        case Compare(name, op, value):
            if op not in _OPS:
                raise ValueError(f"{op!r} compares nothing")
            return f"{_COLUMNS[name]} {op} {_bound(name, value, bind)}"
        case Between(name, low, high):
            ends = f"{_bound(name, low, bind)} AND {_bound(name, high, bind)}"
            return f"{_COLUMNS[name]} BETWEEN {ends}"
        case OneOf(name, options):
            return f"{_COLUMNS[name]} IN ({', '.join(_bound(name, o, bind) for o in options)})"


def _bound(name: str, value: Value, bind: Callable[[Value], str]) -> str:
    """The value as a parameter of its column's type."""
    known = FIELDS[name]
    if known.kind is Kind.ORDERED:
        return f"CAST({bind(known.words.index(str(value)))} AS int)"
    if known.kind is Kind.AMOUNT:
        return f"CAST({bind(value)} AS bigint) * {_UNIT}"
    return f"CAST({bind(value)} AS {'bigint' if known.kind is Kind.NUMBER else 'text'})"


# Never members, whatever the filter says (domain.md 2.4): closed and written off, legal, trace, third party,
# do not contact, any hold in force (dispute, promise running, rest), nobody to ring.
_EXCLUSIONS: Final = """
    c.status = 'ACTIVE' AND NOT c.do_not_contact
    AND l.closed_at IS NULL AND l.outstanding_minor > 0
    AND l.status NOT IN ('TRACE', 'LEGAL', 'THIRD_PARTY', 'CLOSED', 'WRITTEN_OFF')
    AND NOT EXISTS (
        SELECT 1 FROM holds h
        WHERE h.customer_id = c.id AND h.released_at IS NULL AND (h.until IS NULL OR h.until > :now)
    )
    AND EXISTS (
        SELECT 1 FROM phones p
        WHERE p.customer_id = c.id AND p.dialable
            AND p.verification IN ('UNVERIFIED', 'VERIFIED') AND p.label <> ALL(:third_parties)
    )
"""

# domain.md 6.4 without the age of an assignment, which campaigns do not have: 0.95 is the most.
_WEIGHTS: Final = {0: 0, 1: 0.5, 10: 0.7, 31: 0.85, 61: 1, 91: 0.8, 181: 0.5, 361: 0.3}
_WEIGHT: Final = " ".join(
    f"WHEN {_DPD} >= {least} THEN {weight}"
    for least, weight in sorted(_WEIGHTS.items(), reverse=True)
)
_SCORE: Final = f"""
    0.30 * (CASE {_WEIGHT} END)
    + 0.25 * percent_rank() OVER (PARTITION BY l.currency ORDER BY l.overdue_minor)
    + 0.20 * coalesce((
        SELECT max(CASE WHEN r.state = 'BROKEN'
                            AND r.judged_at > CAST(:now AS timestamptz) - interval '3 days' THEN 1
                        WHEN r.state = 'OPEN'
                            AND r.due_on = CAST(:today AS date) THEN 1
                        WHEN r.state = 'BROKEN' THEN 0.6 ELSE 0 END)
        FROM promises r WHERE r.customer_id = c.id), 0)
    + 0.10 * ({_COLUMNS["risk"]}) / 3.0
    + 0.10 * least(1.0, ({_COLUMNS["days_since_contact"]}) / 14.0)
"""


@dataclass(frozen=True, slots=True)
class Member:
    """Who belongs to a segment, about which loan; `priority`: the lower the sooner."""

    customer_id: UUID
    loan_id: UUID
    priority: int


@dataclass(frozen=True, slots=True)
class Size:
    """How many customers a segment has, and what they owe in a currency (minor units)."""

    customers: int
    outstanding_minor: Mapping[str, int]


async def list_members(
    session: ReadSession, tree: Filter, *, today: date, now: datetime
) -> list[Member]:
    """Every customer of the segment, once, with the loan that is oldest in arrears."""
    condition = compile_filter(tree)
    rows = await session.execute(
        _statement(
            f"""
            SELECT customer_id, loan_id, CAST(round(score * -1000) AS int) FROM (
                SELECT c.id AS customer_id, l.id AS loan_id, {_SCORE} AS score,
                    row_number() OVER (
                        PARTITION BY c.id ORDER BY {_DPD} DESC, l.overdue_minor DESC, l.id
                    ) AS place
                FROM customers c JOIN loans l ON l.customer_id = c.id
                WHERE {_EXCLUSIONS} AND ({condition.sql})
            ) m WHERE place = 1 ORDER BY score DESC, customer_id
            """
        ),
        {**condition.values, **_always(today, now)},
    )
    return [Member(*row) for row in rows]


async def measure(session: ReadSession, tree: Filter, *, today: date, now: datetime) -> Size:
    """The live count of a segment, and the sums of its loans by currency."""
    condition = compile_filter(tree)
    rows = await session.execute(
        _statement(
            f"""
            WITH found AS MATERIALIZED (
                SELECT c.id, l.currency, l.outstanding_minor
                FROM customers c JOIN loans l ON l.customer_id = c.id
                WHERE {_EXCLUSIONS} AND ({condition.sql})
            )
            SELECT NULL, count(DISTINCT id) FROM found
            UNION ALL SELECT currency, sum(outstanding_minor) FROM found GROUP BY currency
            """
        ),
        {**condition.values, **_always(today, now)},
    )
    sums = {currency: int(amount) for currency, amount in rows}
    return Size(sums.pop(None, 0), sums)


def _statement(sql: str) -> Any:
    return text(sql).bindparams(bindparam("third_parties", type_=ARRAY(TEXT)))


def _always(today: date, now: datetime) -> dict[str, Any]:
    return {"today": today, "now": now, "third_parties": sorted(THIRD_PARTIES)}
