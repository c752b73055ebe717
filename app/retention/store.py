"""Every SQL statement of retention: terms, months and their rows. Names of tables come from `rules.KINDS` only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app.retention.models import RetentionTerm
from app.retention.rules import Kind, month_after

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import ReadSession, WriteSession

LOCK: Final = 0x5E7A17  # advisory lock: one process forgets at a time
LOCK_SECONDS: Final = (
    2  # a month is dropped under a lock on its table: the floor does not wait longer
)
_PART: Final = re.compile(r"_p(\d{4})(\d{2})(\d{2})?$")


@dataclass(frozen=True, slots=True)
class Part:
    """One partition of a table: its name, and the month, or the day alone, that it holds."""

    name: str
    first: date
    a_day: bool = False

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        after = self.first + timedelta(days=1) if self.a_day else month_after(self.first)
        return datetime.combine(after, time.min, UTC)

    @property
    def called(self) -> dict[str, str]:
        """What the trail calls it."""
        return {"day": f"{self.first}"} if self.a_day else {"month": f"{self.first:%Y-%m}"}


async def set_days(session: ReadSession) -> dict[str, int]:
    """What was set, by kind."""
    rows = await session.execute(select(RetentionTerm.kind, RetentionTerm.keep_days))
    return {row.kind: row.keep_days for row in rows}


async def write_term(
    session: WriteSession, kind: str, days: int, now: datetime, by: UUID | None
) -> None:
    """Set how long a kind is kept."""
    values = {"keep_days": days, "changed_at": now, "changed_by": by}
    await session.execute(
        insert(RetentionTerm)
        .values(kind=kind, **values)
        .on_conflict_do_update(index_elements=[RetentionTerm.kind], set_=values)
    )


async def hold(session: WriteSession) -> bool:
    """Whether this transaction may forget; it waits for no table longer than LOCK_SECONDS."""
    await session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    mine = await session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK})
    return bool(mine)


async def parts(session: ReadSession, kind: Kind) -> list[Part]:
    """The months or days of a kind's table, oldest first; the default partition is none."""
    names = await session.scalars(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(:parent) ORDER BY c.relname"
        ),
        {"parent": kind.table},
    )
    found = [(name, _PART.search(name)) for name in names]
    return [
        Part(name, date(int(m[1]), int(m[2]), int(m[3] or 1)), a_day=m[3] is not None)
        for name, m in found
        if m is not None
    ]


async def count_part(session: ReadSession, part: Part) -> int:
    """How many rows a part holds."""
    counted = await session.scalar(text(f'SELECT count(*) FROM "{part.name}"'))  # noqa: S608 - the catalogue's own name
    return int(counted or 0)


async def is_worked(session: ReadSession, part: Part, since: datetime) -> bool:
    """Whether a customer of this part was called, or was to be, after `since`."""
    found = await session.scalar(
        text(
            f'SELECT EXISTS (SELECT FROM "{part.name}" m WHERE EXISTS'  # noqa: S608 - the catalogue's own name
            " (SELECT FROM attempts a WHERE a.customer_id = m.customer_id AND a.at >= :since))"
        ),
        {"since": since},
    )
    return bool(found)


async def drop_part(session: WriteSession, part: Part) -> None:
    """Drop a part with all its rows: no row is touched one by one."""
    await session.execute(text(f'DROP TABLE "{part.name}"'))


async def drop_links(session: WriteSession, month: Part) -> str | None:
    """Drop the links of a month of the trail; returns the last digest of them, which proves the cut."""
    days = {"first": month.first, "end": month.ends_at.date()}
    last = await session.scalar(
        text(
            "SELECT digest FROM audit_links WHERE day >= :first AND day < :end"
            " ORDER BY day DESC, position DESC LIMIT 1"
        ),
        days,
    )
    await session.execute(text("DELETE FROM audit_links WHERE day >= :first AND day < :end"), days)
    return None if last is None else str(last)


async def count_rows(session: ReadSession, kind: Kind, before: datetime) -> int:
    """How many rows of a kind are older."""
    counted = await session.scalar(
        text(f"SELECT count(*) FROM {_place(kind)} WHERE {_over(kind)}"),  # noqa: S608 - names of rules.KINDS
        {"before": before},
    )
    return int(counted or 0)


async def drop_rows(session: WriteSession, kind: Kind, before: datetime, limit: int) -> int:
    """Drop at most `limit` older rows; returns how many."""
    place = _place(kind)
    gone = await session.execute(
        text(
            f"DELETE FROM {place} WHERE ctid IN"  # noqa: S608 - names of rules.KINDS
            f" (SELECT ctid FROM {place} WHERE {_over(kind)} LIMIT :limit) RETURNING 1"
        ),
        {"before": before, "limit": limit},
    )
    return len(gone.all())


def _place(kind: Kind) -> str:
    """Where rows go one by one: the table, or what no part of it claimed."""
    return f"{kind.table}_pdefault" if kind.parted else kind.table


def _over(kind: Kind) -> str:
    return f"{kind.instant} < :before AND {kind.over}"
