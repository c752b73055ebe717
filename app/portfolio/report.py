"""What an import is asked to do, and what it did, in numbers."""

from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, Protocol

from app.audit.service import SYSTEM, Actor
from app.portfolio.cells import DateOrder

COUNTED: Final = (
    "created",
    "updated",
    "reopened",
    "unchanged",
    "customers_created",
    "customers_changed",
    "numbers_added",
    "zeros_restored",
    "payments_recorded",
    "payments_corrected",
    "promises_recorded",
    "promises_left",
    "cases_opened",
    "cases_closed",
    "leads_excluded",
    "closed",
)

_NO_CHANGE: Final = frozenset({"unchanged", "promises_left", "zeros_restored"})


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read a file. `dates` and `language` None: the organisation's.

    `full`: the file is the whole portfolio, loans that it does not name are closed. `dry_run`: count and
    change nothing. `rejected`: where refused rows go, beside the file by default. `mass_close`: close
    even when that is most of the portfolio.
    """

    dates: DateOrder | None = None
    full: bool = False
    dry_run: bool = False
    rejected: Path | None = None
    language: str | None = None
    mass_close: bool = False
    actor: Actor = SYSTEM


class Progress(Protocol):
    """Told after each batch: bytes read, bytes in all, rows so far."""

    def __call__(self, done_bytes: int, total_bytes: int, rows: int) -> None:
        """Draw where it stands."""


@dataclass(slots=True)
class Tally:
    """Counts of one batch or of all."""

    rows: int = 0
    rejected: int = 0
    created: int = 0
    updated: int = 0
    reopened: int = 0
    unchanged: int = 0
    customers_created: int = 0
    customers_changed: int = 0
    numbers_added: int = 0
    zeros_restored: int = 0
    payments_recorded: int = 0
    payments_corrected: int = 0
    promises_recorded: int = 0
    promises_left: int = 0
    cases_opened: int = 0
    cases_closed: int = 0
    leads_excluded: int = 0
    closed: int = 0
    nameless: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what another counted."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def loaded(self) -> int:
        """Rows that stand in the database as the file has them."""
        return self.created + self.updated + self.reopened + self.unchanged

    @property
    def counts(self) -> dict[str, int]:
        """What a person is shown, by name."""
        return {name: getattr(self, name) for name in COUNTED}


def is_change(counts: dict[str, int]) -> bool:
    """Whether anything was written; nothing is when a file tells nothing new."""
    return any(count for name, count in counts.items() if name not in _NO_CHANGE)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One import: `loaded + rejected == rows`. Counts are of rows unless their name says otherwise.

    `reasons` counts refusals by (column, code). `closed_not` tells why `full` closed nothing, if so.
    """

    path: Path
    dry_run: bool
    encoding: str
    delimiter: str
    dates: DateOrder
    ignored_columns: tuple[str, ...]
    rows: int
    loaded: int
    rejected: int
    counts: dict[str, int]
    reasons: dict[tuple[str, str], int]
    rejected_path: Path | None
    closed_not: str | None
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether anything was written (or would be, in a rehearsal)."""
        return is_change(self.counts)
