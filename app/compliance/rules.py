"""May we contact this person now, by this means? A verdict with its rule, source and end. Pure.

Legal profiles are frozen data (domain section 8); settings may only tighten them. The facts are
gathered by `service.py`; the same question is asked at selection and again at the moment of dialling.

The rules are asked in a fixed order, and the first that says no gives the verdict: first what no
waiting ends (DNC, NO_CONSENT, INVALID_NUMBER, THIRD_PARTY_NOT_LIABLE), then what somebody must
release (LEGAL, TRACE, DISPUTE_HOLD, PROMISE_RUNNING, COOLDOWN), then the calendar (HOLIDAY,
OUT_OF_WINDOW), then the counts (DAILY_CAP, WEEKLY_CAP, MIN_GAP), and the shortest last (LOCKED).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from app.accounts.rules import HoldKind
from app.compliance.contact import ALLOWED, Consent, ContactFacts, Held, Purpose, Starter, Verdict
from app.compliance.profiles import (
    DEBT_CALL_DAYS,
    OF_CAMPAIGN,
    OWN_POLICY,
    Profile,
    Rule,
    Week,
)
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
    next_open_everywhere,
    without,
)

__all__ = [
    "ALLOWED",
    "HELD_BY",
    "Consent",
    "ContactFacts",
    "Held",
    "Purpose",
    "Starter",
    "Verdict",
    "allowed_windows",
    "daily_cap",
    "free_from",
    "judge",
    "may_contact",
    "open_until",
    "opens_at",
    "weekly_cap",
]

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


class _Stop(NamedTuple):
    """A rule says no: when it ends, and its source where that is not the rule's own."""

    until: datetime | None = None
    source: str | None = None


_FOR_GOOD: Final = _Stop()


@dataclass(frozen=True, slots=True)
class _Question:
    facts: ContactFacts
    profile: Profile
    at: datetime
    zone: tzinfo

    @property
    def zones(self) -> tuple[tzinfo, ...]:
        return (self.zone, *(ZoneInfo(name) for name in self.facts.other_zones))

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
            return _refused(rule, stop, profile)
    return ALLOWED


def judge(rule: Rule, facts: ContactFacts, at: datetime, profile: Profile) -> Verdict:
    """What one rule alone says; the law that `until` obeys is stated in its terms."""
    stop = dict(_ORDER)[rule](_Question(facts, profile, at, ZoneInfo(facts.zone)))
    return ALLOWED if stop is None else _refused(rule, stop, profile)


def _refused(rule: Rule, stop: _Stop, profile: Profile) -> Verdict:
    source = stop.source or profile.source(rule)
    return Verdict(allowed=False, rule=rule, source=source, until=stop.until)


def free_from(facts: ContactFacts, at: datetime, profile: Profile) -> datetime | None:
    """The first instant from `at` on at which every rule allows if nothing else happens.

    None when only somebody's deed, or nothing at all, would end what is in the way.
    """
    for _ in range(_MOST_STEPS):
        verdict = may_contact(facts, at, profile)
        if verdict.allowed:
            return at
        if verdict.until is None:
            return None
        at = verdict.until
    return None


_MOST_STEPS: Final = 64  # rules take turns at refusing: a window, a rest, the next window


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
        return _FOR_GOOD
    return _held(question, Rule.DNC)


def _no_consent(question: _Question) -> _Stop | None:
    """A no is honoured everywhere; where the law wants a yes, a dialer does not go on without one."""
    consent = question.facts.consent
    lacking = consent is Consent.UNKNOWN and question.profile.consent_needed and question.by_dialer
    return _FOR_GOOD if lacking or consent is Consent.WITHDRAWN else None


def _invalid_number(question: _Question) -> _Stop | None:
    facts = question.facts
    return _FOR_GOOD if facts.verification in _NEVER_DIALLED or not facts.dialable else None


def _third_party(question: _Question) -> _Stop | None:
    facts = question.facts
    if facts.liable or not question.profile.liable_only:
        return None
    by_hand = facts.purpose is Purpose.LOCATE and facts.starter is Starter.AGENT
    return None if by_hand else _FOR_GOOD


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
    """Holds of a few days, the rest after an abandoned call, the rest after a conversation.

    The last to end is told, with its own source; one without an end outlasts all.
    """
    stops = [*_rests(question)]
    held = _held(question, Rule.COOLDOWN)
    if held is not None:
        if held.until is None:
            return held
        stops.append(held)
    return max(stops, key=lambda stop: stop.until or question.at, default=None)


def _rests(question: _Question) -> list[_Stop]:
    facts, profile = question.facts, question.profile
    rests = []
    if question.by_dialer and facts.last_abandoned_at is not None:
        ends = facts.last_abandoned_at + timedelta(hours=profile.no_redial_hours)
        rests.append(_Stop(ends.astimezone(UTC), profile.no_redial_source))
    if facts.last_conversation_at is not None and not _lifted(question):
        spoken_on = business_date(facts.last_conversation_at, question.zone)
        rest = timedelta(days=profile.rest_after_conversation_days)
        ends = day_start(spoken_on + rest, question.zone)
        rests.append(_Stop(ends, profile.conversation_source))
    return [rest for rest in rests if rest.until is not None and rest.until > question.at]


def _lifted(question: _Question) -> bool:
    """Whether the customer's own wish to be called lifts the limits of how often."""
    return question.facts.agreed and question.profile.consent_lifts_frequency


def _holiday(question: _Question) -> _Stop | None:
    facts, profile = question.facts, question.profile
    if not (profile.holidays_closed and question.by_dialer) or question.today not in facts.holidays:
        return None
    return _Stop(next_open([WHOLE_DAY], question.at, question.zone, facts.holidays))


def _out_of_window(question: _Question) -> _Stop | None:
    """The hours at every place where the number may ring, less those that the customer named.

    A place or time that the customer named gives way only to a call that he asked for himself.
    """
    facts, profile = question.facts, question.profile
    honoured = profile.honours_avoided_times and not facts.agreed
    if honoured and facts.avoided_place:
        return _Stop(source=profile.avoided_source)
    lawful = allowed_windows(profile, facts.windows if question.by_dialer else ())
    stop = _closed(question, without(lawful, facts.avoided) if honoured else lawful)
    if stop is None or _closed(question, (profile.hours,)):
        return stop
    by_campaign = _closed(question, lawful) is not None
    return stop._replace(source=OF_CAMPAIGN if by_campaign else profile.avoided_source)


def _closed(question: _Question, windows: Sequence[LocalWindow]) -> _Stop | None:
    if all(is_open(windows, question.at, zone) for zone in question.zones):
        return None
    if not question.facts.other_zones:
        return _Stop(next_open(windows, question.at, question.zone))
    return _Stop(next_open_everywhere(windows, question.at, question.zones))


def _daily_cap(question: _Question) -> _Stop | None:
    facts, profile = question.facts, question.profile
    cap, counted = daily_cap(profile, facts.cap_per_day), facts.attempts_on.get(question.today, 0)
    if cap is None or counted < cap:
        return None
    source = OWN_POLICY if facts.cap_per_day is None else OF_CAMPAIGN
    if profile.cap_per_day_max is not None and counted >= profile.cap_per_day_max:
        source = profile.source(Rule.DAILY_CAP)
    return _Stop(next_day(question.at, question.zone) if cap > 0 else None, source)


def _weekly_cap(question: _Question) -> _Stop | None:
    """The week's contacts with the customer, and the calls of seven days about this loan."""
    facts, profile = question.facts, question.profile
    full = []
    cap = weekly_cap(profile, facts.cap_per_week)
    if cap is not None:
        rolling = profile.week is Week.ROLLING
        stop = _week_full(question, facts.attempts_on, cap, rolling=rolling)
        by_law = cap == profile.cap_per_week_max
        full.append(stop and (stop if by_law else stop._replace(source=OF_CAMPAIGN)))
    if profile.debt_calls_max is not None and not _lifted(question):
        most = profile.debt_calls_max
        full.append(_week_full(question, facts.debt_calls_on, most, rolling=True))
    stops = [stop for stop in full if stop is not None]
    for_good = [stop for stop in stops if stop.until is None]
    return max(for_good or stops, key=lambda stop: stop.until or question.at, default=None)


def _week_full(
    question: _Question, counts: Mapping[date, int], cap: int, *, rolling: bool
) -> _Stop | None:
    """Full until the first day with room: of seven days that roll, or of a week from Monday."""

    def in_week(day: date) -> int:
        first = day - timedelta(days=DEBT_CALL_DAYS - 1 if rolling else day.weekday())
        return sum(count for on, count in counts.items() if first <= on <= day)

    if in_week(question.today) < cap:
        return None
    if cap <= 0:
        return _FOR_GOOD
    free = question.today + _DAY
    while in_week(free) >= cap:
        free += _DAY
    return _Stop(day_start(free, question.zone))


def _min_gap(question: _Question) -> _Stop | None:
    facts = question.facts
    if facts.last_attempt_at is None:
        return None
    least = question.profile.min_gap_minutes
    by_law = facts.last_attempt_at + timedelta(minutes=least)
    ends = facts.last_attempt_at + timedelta(minutes=max(least, facts.min_gap_minutes or 0))
    if ends <= question.at:
        return None
    return _Stop(ends.astimezone(UTC), None if by_law > question.at else OF_CAMPAIGN)


def _locked(question: _Question) -> _Stop | None:
    return _Stop(source=OWN_POLICY) if question.facts.locked else None


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
    return _Stop(max(known).astimezone(UTC) if len(known) == len(ends) else None, OWN_POLICY)


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
