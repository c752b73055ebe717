"""Laws of the compliance verdict, over summer-time edges.

It never dials when a rule says no, and `until` is the first instant at which the rule that said no
would allow.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import HoldKind
from app.compliance.profiles import NONE, UK, US, VN, Profile, Rule
from app.compliance.rules import Consent, ContactFacts, Held, Purpose, Starter, judge, may_contact
from app.customers.rules import Verification
from app.values.period import LocalWindow

ZONES = (
    "Asia/Ho_Chi_Minh",
    "America/New_York",
    "Europe/London",
    "Africa/Cairo",  # midnight itself is skipped
    "Australia/Lord_Howe",  # moves by half an hour
    "Asia/Kathmandu",
)
# Within three days of a change of the clock somewhere, or anywhere in two years.
EDGES = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 8), (3, 29), (4, 4), (4, 24), (10, 29))]
NEAR = st.builds(
    lambda edge, minutes: edge + timedelta(minutes=minutes),
    st.sampled_from(
        [*EDGES, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
    ),
    st.integers(-3 * 1440, 3 * 1440),
)
ANYWHEN = st.integers(0, 2 * 365 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
INSTANTS = st.one_of(NEAR, ANYWHEN)
PROFILES = st.sampled_from([VN, US, UK, NONE])


@st.composite
def windows(draw: st.DrawFn) -> LocalWindow:
    opens = draw(st.integers(0, 1439))
    closes = draw(st.integers(opens + 1, 1440))
    days = draw(st.frozensets(st.integers(1, 7), min_size=1))
    return LocalWindow(opens, closes, days)


@st.composite
def situations(draw: st.DrawFn) -> tuple[ContactFacts, datetime]:
    at = draw(INSTANTS)
    zone = draw(st.sampled_from(ZONES))
    today = at.astimezone(ZoneInfo(zone)).date()
    before = st.integers(0, 9 * 1440).map(lambda minutes: at - timedelta(minutes=minutes))
    after = st.integers(-1440, 9 * 1440).map(lambda minutes: at + timedelta(minutes=minutes))
    held = st.builds(Held, st.sampled_from(HoldKind), st.none() | after)
    past_days = st.integers(0, 8).map(lambda days: today - timedelta(days=days))
    facts = ContactFacts(
        zone=zone,
        starter=draw(st.sampled_from(Starter)),
        purpose=draw(st.sampled_from(Purpose)),
        do_not_contact=draw(st.sampled_from([False, False, False, True])),
        consent=draw(st.sampled_from(Consent)),
        verification=draw(st.sampled_from(Verification)),
        dialable=draw(st.sampled_from([True, True, True, False])),
        liable=draw(st.sampled_from([True, True, True, False])),
        locked=draw(st.booleans()),
        holds=tuple(draw(st.lists(held, max_size=3))),
        attempts_on=draw(st.dictionaries(past_days, st.integers(0, 6), max_size=5)),
        last_attempt_at=draw(st.none() | before),
        last_abandoned_at=draw(st.none() | before),
        last_conversation_at=draw(st.none() | before),
        holidays=frozenset(
            today + timedelta(days=day) for day in draw(st.sets(st.integers(-1, 4), max_size=4))
        ),
        windows=tuple(draw(st.lists(windows(), max_size=3))),
        cap_per_day=draw(st.none() | st.integers(0, 8)),
        cap_per_week=draw(st.none() | st.integers(0, 12)),
        min_gap_minutes=draw(st.none() | st.integers(0, 3000)),
    )
    return facts, at


@given(situations(), PROFILES)
def test_the_verdict_is_that_of_the_first_rule_that_says_no(
    situation: tuple[ContactFacts, datetime], profile: Profile
) -> None:
    facts, at = situation
    verdict = may_contact(facts, at, profile)
    refusals = [alone for rule in Rule if not (alone := judge(rule, facts, at, profile)).allowed]

    assert verdict.allowed is (not refusals)
    assert verdict == (refusals[0] if refusals else verdict)
    assert verdict.allowed or verdict.source


def _assert_until_is_first(
    rule: Rule, facts: ContactFacts, at: datetime, profile: Profile, share: float
) -> None:
    """Refused at once, at any instant between and just before `until`; allowed at `until`."""
    alone = judge(rule, facts, at, profile)
    if alone.until is None:
        later = at + timedelta(days=300) * share
        assert alone.allowed or not judge(rule, facts, later, profile).allowed
        return
    assert alone.until > at
    assert judge(rule, facts, alone.until, profile).allowed
    between = at + (alone.until - at) * share
    for moment in (between, max(at, alone.until - timedelta(microseconds=1))):
        assert moment >= alone.until or not judge(rule, facts, moment, profile).allowed


SHARES = st.floats(0, 1, exclude_max=True)


@given(situations(), PROFILES, st.sampled_from(Rule), SHARES)
def test_until_is_the_first_instant_at_which_the_rule_alone_allows(
    situation: tuple[ContactFacts, datetime], profile: Profile, rule: Rule, share: float
) -> None:
    facts, at = situation
    _assert_until_is_first(rule, facts, at, profile, share)


CHANGES = st.sampled_from(
    [
        ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ]
)


@given(CHANGES, st.integers(1, 1440), st.lists(windows(), max_size=2), PROFILES, SHARES)
def test_until_is_right_across_a_change_of_the_clock(
    change: tuple[str, datetime],
    minutes: int,
    open_in: list[LocalWindow],
    profile: Profile,
    share: float,
) -> None:
    zone, changes_at = change
    at = changes_at - timedelta(minutes=minutes)
    today = at.astimezone(ZoneInfo(zone)).date()
    facts = ContactFacts(zone=zone, windows=tuple(open_in), holidays=frozenset({today}))

    for rule in (Rule.OUT_OF_WINDOW, Rule.HOLIDAY):
        _assert_until_is_first(rule, facts, at, profile, share)


@given(st.lists(st.integers(1, 9000), min_size=2, max_size=4), ANYWHEN, SHARES)
def test_until_is_the_end_of_the_last_hold(minutes: list[int], at: datetime, share: float) -> None:
    ends = [at + timedelta(minutes=after) for after in minutes]
    kinds = (HoldKind.PROOF_CHECK, HoldKind.DOCUMENTS, HoldKind.COOLDOWN, HoldKind.SETTLEMENT)
    holds = tuple(Held(kind, end) for kind, end in zip(kinds, ends, strict=False))
    facts = ContactFacts(holds=holds)

    _assert_until_is_first(Rule.COOLDOWN, facts, at, VN, share)
    assert judge(Rule.COOLDOWN, facts, at, VN).until == max(ends)


@given(
    ANYWHEN,
    st.lists(st.integers(0, 4), min_size=7, max_size=7),
    st.integers(1, 7),
    PROFILES,
    SHARES,
)
def test_until_is_the_first_day_with_room_under_the_cap(
    at: datetime, counts: list[int], cap: int, profile: Profile, share: float
) -> None:
    today = at.astimezone(ZoneInfo("America/New_York")).date()
    tried = {today - timedelta(days=day): count for day, count in enumerate(counts)}
    facts = ContactFacts(
        zone="America/New_York", attempts_on=tried, cap_per_day=cap, cap_per_week=cap
    )

    for rule in (Rule.DAILY_CAP, Rule.WEEKLY_CAP):
        _assert_until_is_first(rule, facts, at, profile, share)


@given(situations())
def test_nobody_is_reminded_outside_seven_to_twenty_one_on_the_own_wall(
    situation: tuple[ContactFacts, datetime],
) -> None:
    facts, at = situation
    if may_contact(facts, at, VN).allowed:
        wall = at.astimezone(ZoneInfo(facts.zone))
        assert 7 <= wall.hour < 21


@given(situations())
def test_nobody_is_reminded_more_than_five_times_a_day(
    situation: tuple[ContactFacts, datetime],
) -> None:
    facts, at = situation
    if may_contact(facts, at, VN).allowed:
        today = at.astimezone(ZoneInfo(facts.zone)).date()
        assert facts.attempts_on.get(today, 0) < 5


@given(situations(), windows(), st.integers(0, 2), st.integers(60, 600))
def test_a_tighter_setting_never_turns_a_no_into_a_yes(
    situation: tuple[ContactFacts, datetime], window: LocalWindow, cap: int, gap: int
) -> None:
    facts, at = situation
    if may_contact(facts, at, VN).allowed:
        return
    tighter = replace(
        facts,
        windows=tuple(_narrowed(w, window) for w in facts.windows) or (window,),
        cap_per_day=min(cap, 3 if facts.cap_per_day is None else facts.cap_per_day),
        min_gap_minutes=max(gap, facts.min_gap_minutes or 0),
    )

    assert not may_contact(tighter, at, VN).allowed


def _narrowed(window: LocalWindow, by: LocalWindow) -> LocalWindow:
    opens = max(window.from_minute, by.from_minute)
    closes = min(window.to_minute, by.to_minute)
    return LocalWindow(opens, closes, window.weekdays) if opens < closes else window
