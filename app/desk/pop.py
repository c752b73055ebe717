"""What is known of a call when its screen is composed. Pure, frozen, every part optional-safe.

`screenpop.gather` fills it in one round trip; `rules.compose` makes the screen of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.scripts import defaults
from app.scripts.pieces import Book


@dataclass(frozen=True, slots=True)
class Who:
    """The person (or organisation) on the line. `kind` is INDIVIDUAL or ORGANIZATION."""

    id: UUID
    cif: str
    kind: str
    display: str
    given: str
    salutation: str
    language: str
    risk_class: str
    cooperation: str | None = None
    preference: Mapping[str, Any] | None = None  # {"channel","band","language","avoid"}
    hardship: Mapping[str, Any] | None = None  # {"since","reason","review_on","source"}
    special_handling: Sequence[str] = ()
    handling_instruction: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """One open loan; amounts in minor units of `currency`. The loan of the call comes first."""

    id: UUID
    account_no: str
    product: str
    currency: str
    outstanding_minor: int
    overdue_minor: int
    due_minor: int
    oldest_unpaid_due_on: date | None
    next_due_on: date | None
    bucket_before: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """One phone of the customer. `bands` maps the hour a two-hour band begins to [rpc, attempts]."""

    id: UUID
    number: str
    label: str
    is_primary: bool
    verification: str
    attempts_180d: int
    rpc_180d: int
    bands: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Pledged:
    """One promise, whatever became of it."""

    loan_id: UUID
    amount_minor: int
    currency: str
    due_on: date
    state: str
    created_at: datetime
    paid_in_window_minor: int


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment."""

    loan_id: UUID
    amount_minor: int
    currency: str
    paid_on: date
    method: str
    status: str


@dataclass(frozen=True, slots=True)
class Did:
    """One action of the last 180 days that no other supersedes. `by` None is the system."""

    at: datetime
    kind: str
    leaf: str
    note: str
    rpc: bool
    by: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """One open hold."""

    kind: str
    until: datetime | None
    source: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Stated:
    """How the customer behaves: a type of `app.care.rules.StatusType`, since when, by whose word."""

    type: str
    since: datetime
    source: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Strained:
    """The hardship that goes on, and by whose word."""

    since: date
    reason: str
    review_on: date
    noted_at: datetime
    source: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Contested:
    """One dispute of the last two years. `loan_id` None: all that is owed."""

    kind: str
    status: str
    opened_at: datetime
    due_on: date
    loan_id: UUID | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class PopFacts:
    """Everything gathered. `who` None: the number belongs to nobody that we know.

    Newest first: promises by due date, payments, actions and disputes by time. `today` and `now` are the
    business's; `zone` its place. `script` is the campaign's own document, may be empty.
    """

    today: date
    now: datetime
    zone: str = "Asia/Ho_Chi_Minh"
    bank: str = ""
    currency: str = "VND"
    legal_profile: str = "VN"
    holidays: frozenset[date] = frozenset()
    who: Who | None = None
    loans: Sequence[Owed] = ()
    numbers: Sequence[Number] = ()
    promises: Sequence[Pledged] = ()
    payments: Sequence[Paid] = ()
    actions: Sequence[Did] = ()
    holds: Sequence[Held] = ()
    status: Stated | None = None
    hardship: Strained | None = None
    disputes: Sequence[Contested] = ()
    script: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speaker:
    """The agent who will speak: `name` is how he names himself, `language` that of his page."""

    id: UUID
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """The call: what the room knows of it. `window_until_ms` None: no window closes it; `cap` 0: no cap."""

    call: UUID
    campaign: UUID
    campaign_name: str
    number: str
    attempt_no: int
    attempts_today: int
    cap: int
    window_until_ms: int | None
    offered: bool = False  # nobody is on the line yet: the agent decides whether to call


@dataclass(frozen=True, slots=True)
class Occasion:
    """For whom and when a screen is composed; instants in ms. `late`: the facts are still on their way.

    `book` is what is said: the version in force.
    """

    ringing: Ringing
    speaker: Speaker
    assigned_at_ms: int
    published_at_ms: int
    late: bool = False
    book: Book = defaults.BOOK
