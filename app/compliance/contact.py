"""What a verdict is about: who would call whom and why, what is known of it, and the verdict itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.accounts.rules import HoldKind
from app.compliance.profiles import Rule
from app.customers.rules import Verification
from app.values.period import LocalWindow


class Starter(StrEnum):
    """Who starts the contact. An agent who calls by hand is not bound by what only paces dialers."""

    DIALER = "DIALER"
    AGENT = "AGENT"


class Consent(StrEnum):
    """The customer's own word about being called."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"
    UNKNOWN = "UNKNOWN"  # he was never asked, or nobody wrote it down


class Purpose(StrEnum):
    """Why: about the debt, or only to find out where the customer is."""

    DEBT = "DEBT"
    LOCATE = "LOCATE"


@dataclass(frozen=True, slots=True)
class Held:
    """A hold in force: its kind, and its end or None when somebody must release it."""

    kind: HoldKind
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Everything a verdict rests on, as of one moment; all instants aware.

    `zone` is where the customer lives, whose days are counted; `other_zones` are further places where
    the number may ring: the hours must be right in all. `attempts_on` counts attempts and messages that
    count to the cap, over all numbers, campaigns and channels, by the customer's local date, for the last
    seven days at least; `debt_calls_on` the calls among them about the loan that is asked about, as does
    `last_conversation_at`. `avoided` are times of day, and `avoided_place` says that this number is at a
    place, at which the customer asked not to be called; `agreed` that he asked for a call by now. Limits
    of the campaign (`windows`, `cap_per_day`, ...) are None or empty where it sets none.
    """

    zone: str = "Asia/Ho_Chi_Minh"
    other_zones: tuple[str, ...] = ()
    starter: Starter = Starter.DIALER
    purpose: Purpose = Purpose.DEBT
    do_not_contact: bool = False
    consent: Consent = Consent.GIVEN
    verification: Verification = Verification.UNVERIFIED
    dialable: bool = True
    liable: bool = True
    locked: bool = False
    holds: tuple[Held, ...] = ()
    attempts_on: Mapping[date, int] = field(default_factory=dict)
    debt_calls_on: Mapping[date, int] = field(default_factory=dict)
    avoided: tuple[LocalWindow, ...] = ()
    avoided_place: bool = False
    agreed: bool = False
    last_attempt_at: datetime | None = None
    last_abandoned_at: datetime | None = None
    last_conversation_at: datetime | None = None
    holidays: frozenset[date] = frozenset()
    windows: tuple[LocalWindow, ...] = ()
    cap_per_day: int | None = None
    cap_per_week: int | None = None
    min_gap_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, or not by which rule on what source.

    `until` is the first instant (UTC) at which this rule alone would allow; None when it is allowed
    now, or when only somebody's deed ends the rule.
    """

    allowed: bool
    rule: Rule | None = None
    source: str = ""
    until: datetime | None = None


ALLOWED: Final = Verdict(allowed=True)
