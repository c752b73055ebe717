"""May we contact this person now, by this means? A verdict with its rule, source and end. Pure.

Legal profiles are frozen data (domain section 8); settings may only tighten them. The facts are
gathered by `service.py`; the same question is asked at selection and again at the moment of dialling.

The rules are asked in a fixed order, and the first that says no gives the verdict: first what no
waiting ends (DNC, NO_CONSENT, INVALID_NUMBER, THIRD_PARTY_NOT_LIABLE), then what somebody must
release (LEGAL, TRACE, DISPUTE_HOLD, PROMISE_RUNNING, COOLDOWN), then the calendar (HOLIDAY,
OUT_OF_WINDOW), then the counts (DAILY_CAP, WEEKLY_CAP, MIN_GAP), and the shortest last (LOCKED).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from app.accounts.rules import HoldKind
from app.compliance.profiles import Profile, Rule, Week
from app.customers.rules import Verification
from app.values.period import (
    WHOLE_DAY,
    LocalWindow,
    business_date,
    day_start,
    is_open,
    next_close,
    next_day,
    next_open,
)


class Starter(StrEnum):
    """Who starts the contact. An agent who calls by hand is not bound by what only paces dialers."""

    DIALER = "DIALER"
    AGENT = "AGENT"


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

    `attempts_on` counts attempts and messages that count to the cap, over all numbers, campaigns
    and channels, by the customer's local date, for the last seven days at least. Limits of the
    campaign (`windows`, `cap_per_day`, ...) are None or empty where it sets none.
    """

    zone: str = "Asia/Ho_Chi_Minh"
    starter: Starter = Starter.DIALER
    purpose: Purpose = Purpose.DEBT
    do_not_contact: bool = False
    consent: bool = True
    verification: Verification = Verification.UNVERIFIED
    dialable: bool = True
    liable: bool = True
    locked: bool = False
    holds: tuple[Held, ...] = ()
    attempts_on: Mapping[date, int] = field(default_factory=dict)
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

HELD_BY: Final[Mapping[HoldKind, Rule]] = {
    HoldKind.LEGAL: Rule.LEGAL,
    HoldKind.REFERRAL: Rule.LEGAL,
    HoldKind.TRACE: Rule.TRACE,
    HoldKind.DISPUTE_HOLD: Rule.DISPUTE_HOLD,
    HoldKind.PROMISE_RUNNING: Rule.PROMISE_RUNNING,
    HoldKind.DECEASED: Rule.DNC,
    HoldKind.PROOF_CHECK: Rule.COOLDOWN,
    HoldKind.SETTLEMENT: Rule.COOLDOWN,
    HoldKind.HARDSHIP_REVIEW: Rule.COOLDOWN,
    HoldKind.DOCUMENTS: Rule.COOLDOWN,
    HoldKind.COOLDOWN: Rule.COOLDOWN,
}
"""Which rule a hold is told by."""

_NEVER_DIALLED: Final = frozenset({Verification.INVALID, Verification.WRONG_PARTY})
_DAY: Final = timedelta(days=1)

_Stop = tuple[datetime | None]  # a rule says no, with its end; a rule that allows gives None


@dataclass(frozen=True, slots=True)
class _Question:
    facts: ContactFacts
    profile: Profile
    at: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        return business_date(self.at, self.zone)

    @property
    def by_dialer(self) -> bool:
        return self.facts.starter is Starter.DIALER


def may_contact(facts: ContactFacts, at: datetime, profile: Profile) -> Verdict:
    """The verdict of the first rule that says no, else allowed; `at` is aware.

    Raises `zoneinfo.ZoneInfoNotFoundError` for a zone that does not exist: then nobody may dial.
    """
    question = _Question(facts, profile, at, ZoneInfo(facts.zone))
    for rule, ask in _ORDER:
        stop = ask(question)
        if stop is not None:
            return Verdict(allowed=False, rule=rule, source=profile.source(rule), until=stop[0])
    return ALLOWED


def judge(rule: Rule, facts: ContactFacts, at: datetime, profile: Profile) -> Verdict:
    """What one rule alone says; the law that `until` obeys is stated in its terms."""
    stop = dict(_ORDER)[rule](_Question(facts, profile, at, ZoneInfo(facts.zone)))
    if stop is None:
        return ALLOWED
    return Verdict(allowed=False, rule=rule, source=profile.source(rule), until=stop[0])


def allowed_windows(
    profile: Profile, windows: Sequence[LocalWindow] = ()
) -> tuple[LocalWindow, ...]:
    """A campaign's windows cut down to the legal hours; the legal hours where it sets none."""
    if not windows:
        return (profile.hours,)
    cut = (_cut(window, profile.hours) for window in windows)
    return tuple(window for window in cut if window is not None)


def open_until(
    profile: Profile,
    windows: Sequence[LocalWindow],
    at: datetime,
    zone: str,
    holidays: frozenset[date] = frozenset(),
) -> datetime | None:
    """The instant at which dialing ends for now; None when it is closed, or never closes."""
    lawful, place = allowed_windows(profile, windows), ZoneInfo(zone)
    if not is_open(lawful, at, place, holidays):
        return None
    return next_close(lawful, at, place, holidays)


def opens_at(
    profile: Profile,
    windows: Sequence[LocalWindow],
    at: datetime,
    zone: str,
    holidays: frozenset[date] = frozenset(),
) -> datetime | None:
    """The first instant from `at` on when dialing is open; None when no window ever opens."""
    return next_open(allowed_windows(profile, windows), at, ZoneInfo(zone), holidays)


def daily_cap(profile: Profile, wanted: int | None) -> int | None:
    """The cap in force: the campaign's or the default, never above the law; None means no cap."""
    return _tightest(wanted if wanted is not None else profile.cap_per_day, profile.cap_per_day_max)


def weekly_cap(profile: Profile, wanted: int | None) -> int | None:
    """As `daily_cap`, for the week that the profile counts by."""
    return _tightest(wanted, profile.cap_per_week_max)


def _cut(window: LocalWindow, hours: LocalWindow) -> LocalWindow | None:
    opens = max(window.from_minute, hours.from_minute)
    closes = min(window.to_minute, hours.to_minute)
    weekdays = window.weekdays & hours.weekdays
    return LocalWindow(opens, closes, weekdays) if opens < closes and weekdays else None


def _tightest(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


# --- the rules, each alone ---------------------------------------------------------


def _dnc(question: _Question) -> _Stop | None:
    facts = question.facts
    if facts.do_not_contact or facts.verification is Verification.DO_NOT_CONTACT:
        return (None,)
    return _held(question, Rule.DNC)


def _no_consent(question: _Question) -> _Stop | None:
    return None if question.facts.consent else (None,)


def _invalid_number(question: _Question) -> _Stop | None:
    facts = question.facts
    return (None,) if facts.verification in _NEVER_DIALLED or not facts.dialable else None


def _third_party(question: _Question) -> _Stop | None:
    facts = question.facts
    if facts.liable or not question.profile.liable_only:
        return None
    by_hand = facts.purpose is Purpose.LOCATE and facts.starter is Starter.AGENT
    return None if by_hand else (None,)


def _legal(question: _Question) -> _Stop | None:
    return _held(question, Rule.LEGAL)


def _trace(question: _Question) -> _Stop | None:
    by_hand = question.facts.purpose is Purpose.LOCATE and not question.by_dialer
    return None if by_hand else _held(question, Rule.TRACE)


def _dispute(question: _Question) -> _Stop | None:
    return _held(question, Rule.DISPUTE_HOLD)


def _promise(question: _Question) -> _Stop | None:
    """A call that was agreed for the promise's day is made by hand, so only dialers wait."""
    return _held(question, Rule.PROMISE_RUNNING) if question.by_dialer else None


def _cooldown(question: _Question) -> _Stop | None:
    """Holds of a few days, the rest after an abandoned call, the rest after a conversation."""
    ends = [*_rests(question)]
    held = _held(question, Rule.COOLDOWN)
    if held is not None:
        if held[0] is None:
            return held
        ends.append(held[0])
    return (max(ends),) if ends else None


def _rests(question: _Question) -> list[datetime]:
    facts, profile = question.facts, question.profile
    ends = []
    if question.by_dialer and facts.last_abandoned_at is not None:
        ends.append(facts.last_abandoned_at + timedelta(hours=profile.no_redial_hours))
    if facts.last_conversation_at is not None:
        spoken_on = business_date(facts.last_conversation_at, question.zone)
        rest = timedelta(days=profile.rest_after_conversation_days)
        ends.append(day_start(spoken_on + rest, question.zone))
    return [end.astimezone(UTC) for end in ends if end > question.at]


def _holiday(question: _Question) -> _Stop | None:
    facts, profile = question.facts, question.profile
    if not (profile.holidays_closed and question.by_dialer) or question.today not in facts.holidays:
        return None
    return (next_open([WHOLE_DAY], question.at, question.zone, facts.holidays),)


def _out_of_window(question: _Question) -> _Stop | None:
    windows = question.facts.windows if question.by_dialer else ()
    lawful = allowed_windows(question.profile, windows)
    if is_open(lawful, question.at, question.zone):
        return None
    return (next_open(lawful, question.at, question.zone),)


def _daily_cap(question: _Question) -> _Stop | None:
    cap = daily_cap(question.profile, question.facts.cap_per_day)
    if cap is None or question.facts.attempts_on.get(question.today, 0) < cap:
        return None
    return (None,) if cap <= 0 else (next_day(question.at, question.zone),)


def _weekly_cap(question: _Question) -> _Stop | None:
    cap = weekly_cap(question.profile, question.facts.cap_per_week)
    if cap is None or _in_week(question, question.today) < cap:
        return None
    if cap <= 0:
        return (None,)
    free = question.today + _DAY
    while _in_week(question, free) >= cap:
        free += _DAY
    return (day_start(free, question.zone),)


def _in_week(question: _Question, day: date) -> int:
    """Attempts of the week that `day` lies in: its ISO week, or the seven days that end with it."""
    rolling = question.profile.week is Week.ROLLING
    first = day - (timedelta(days=6) if rolling else timedelta(days=day.weekday()))
    counts = question.facts.attempts_on.items()
    return sum(count for on, count in counts if first <= on <= day)


def _min_gap(question: _Question) -> _Stop | None:
    facts = question.facts
    if facts.last_attempt_at is None:
        return None
    minutes = max(question.profile.min_gap_minutes, facts.min_gap_minutes or 0)
    ends = facts.last_attempt_at + timedelta(minutes=minutes)
    return (ends.astimezone(UTC),) if ends > question.at else None


def _locked(question: _Question) -> _Stop | None:
    return (None,) if question.facts.locked else None


def _held(question: _Question, rule: Rule) -> _Stop | None:
    """The last end of the holds in force that are told by `rule`; None as end when one has none."""
    ends = [
        hold.until
        for hold in question.facts.holds
        if HELD_BY[hold.kind] is rule and (hold.until is None or hold.until > question.at)
    ]
    if not ends:
        return None
    known = [end for end in ends if end is not None]
    return (max(known).astimezone(UTC),) if len(known) == len(ends) else (None,)


_ORDER: Final[tuple[tuple[Rule, Callable[[_Question], _Stop | None]], ...]] = (
    (Rule.DNC, _dnc),
    (Rule.NO_CONSENT, _no_consent),
    (Rule.INVALID_NUMBER, _invalid_number),
    (Rule.THIRD_PARTY_NOT_LIABLE, _third_party),
    (Rule.LEGAL, _legal),
    (Rule.TRACE, _trace),
    (Rule.DISPUTE_HOLD, _dispute),
    (Rule.PROMISE_RUNNING, _promise),
    (Rule.COOLDOWN, _cooldown),
    (Rule.HOLIDAY, _holiday),
    (Rule.OUT_OF_WINDOW, _out_of_window),
    (Rule.DAILY_CAP, _daily_cap),
    (Rule.WEEKLY_CAP, _weekly_cap),
    (Rule.MIN_GAP, _min_gap),
    (Rule.LOCKED, _locked),
)
