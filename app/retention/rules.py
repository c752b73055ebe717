"""The kinds of records that grow, how long each is kept, and the least that the legal profile demands. Pure.

Not legal advice: every least names its source, and says "own policy" where no statute was found. What a
loan's books hold (loans, payments, promises, cases) is no such kind: it stays as long as the customer does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

OWN_POLICY: Final = "own policy"
MOST_DAYS: Final = 36_525
_REG_F: Final = "12 CFR 1006.100(a): three years after the last collection activity on the debt"
_REG_F_DAYS: Final = 3 * 365 + 1


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `instant` is the column that its age is counted from.

    `by_month`, `by_day`: its table is partitioned so, and whole parts go; else rows go, those for which
    `over` holds.
    `of_customer`: its rows name a customer.
    """

    name: str
    table: str
    instant: str
    keep_days: int
    least_days: int
    by_month: bool = False
    by_day: bool = False
    of_customer: bool = False
    over: str = "true"

    @property
    def parted(self) -> bool:
        """Whether its table is partitioned by time."""
        return self.by_month or self.by_day


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("calls", "calls", "created_at", 730, 180, by_month=True, of_customer=True),
            Kind("attempts", "attempts", "at", 730, 180, by_month=True, of_customer=True),
            Kind("actions", "actions", "at", 1_826, 180, by_month=True, of_customer=True),
            Kind("state-changes", "agent_state_changes", "at", 400, 30, by_month=True),
            Kind("audit", "audit_events", "at", 1_826, 365, by_month=True),
            Kind("pacing", "pace_minutes", "at", 30, 30, by_day=True),
            Kind("counts", "contact_counts", "last_at", 400, 180),
            Kind("callbacks", "callbacks", "at", 730, 180, over="state <> 'SCHEDULED'"),
            Kind("sessions", "sign_ins", "expires_at", 400, 90),
            Kind("facts", "outbox_facts", "relayed_at", 30, 1),
            Kind("curves", "pacing_curves", "began", 400, 1),
            Kind("drafts", "drafts", "updated_at", 30, 1),
            Kind("shifts", "shifts", "ends_at", 400, 30),
            Kind(
                "monitoring", "monitor_sessions", "started_at", 730, 90, over="ended_at IS NOT NULL"
            ),
            Kind("coaching", "coaching_notes", "noted_at", 730, 30),
        )
    }
)
PARTITIONED: Final = tuple(kind.table for kind in KINDS.values() if kind.by_month)
DAILY: Final = tuple((kind.table, kind.instant) for kind in KINDS.values() if kind.by_day)


@dataclass(frozen=True, slots=True)
class Least:
    """The shortest time that a kind may be kept for, and where that stands written.

    `while_worked`: counted from the last collection activity with the customer, not from the record.
    """

    days: int
    source: str
    while_worked: bool = False


_OF_PROFILE: Final[Mapping[str, Mapping[str, Least]]] = MappingProxyType(
    {
        "US": {
            **dict.fromkeys(
                ("calls", "attempts", "actions"), Least(_REG_F_DAYS, _REG_F, while_worked=True)
            ),
            **dict.fromkeys(("callbacks", "audit"), Least(_REG_F_DAYS, _REG_F)),
        },
    }
)


@dataclass(frozen=True, slots=True)
class Term:
    """How long a kind is kept: what was set, and at least what the profile demands."""

    kind: Kind
    set_days: int
    least: Least

    @property
    def days(self) -> int:
        """What holds: a setting that the law has overtaken is not followed."""
        return max(self.set_days, self.least.days)

    def before(self, now: datetime) -> datetime:
        """Records older than this may go."""
        return now - timedelta(days=self.days)


def least_of(kind: Kind, profile: str) -> Least:
    """The least that `profile` demands of `kind`; our own where it says nothing."""
    return _OF_PROFILE.get(profile, {}).get(kind.name, Least(kind.least_days, OWN_POLICY))


def term_of(kind: Kind, profile: str, set_days: int | None) -> Term:
    """How long `kind` is kept. `set_days` None: as long as by default."""
    return Term(kind, kind.keep_days if set_days is None else set_days, least_of(kind, profile))


def month_after(first: date) -> date:
    """The first day of the month after the one that begins with `first`."""
    return (first + timedelta(days=32)).replace(day=1)
