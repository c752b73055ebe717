"""No unlawful dial in a simulated year, and none around any change of the clock, by an independent judge.

The judge (`loadtests/law_oracle.py`) shares nothing with the rules. The sweep asks both ways: at each minute
around each change a call is allowed when, and only when, the wall clocks say so.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compliance.profiles import NONE, PROFILES, UK, US, VN, Profile, stricter
from app.compliance.rules import ContactFacts, may_contact
from loadtests.law_oracle import LAWS, Dial, Law, Life, violations
from loadtests.law_year import STARTS, simulate

ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/London",
    "Asia/Ho_Chi_Minh", "Australia/Lord_Howe",
)  # fmt: skip
YEAR = [STARTS + timedelta(hours=hour) for hour in range(366 * 24)]
ALL = st.sampled_from(list(PROFILES.values()))


def willing(zone: str) -> Life:
    """Somebody who once agreed to be called, and to whom nothing has happened since."""
    return Life(zone, words=((datetime(2020, 1, 1, tzinfo=UTC), True),))


def changes(zone: str) -> list[datetime]:
    """The hours of the year in which a zone's clock is moved; a day of June where it never is."""
    place = ZoneInfo(zone)
    found = [
        later
        for earlier, later in pairwise(YEAR)
        if earlier.astimezone(place).utcoffset() != later.astimezone(place).utcoffset()
    ]
    return found or [datetime(STARTS.year, 6, 1, tzinfo=UTC)]


def test_the_zones_of_the_sweep_do_move_their_clocks() -> None:
    moves = {zone: len(changes(zone)) for zone in ZONES}
    assert [moves[zone] for zone in ZONES] == [2, 2, 1, 2, 1, 2]


@given(ALL, st.integers(0, 2**32))
@settings(max_examples=8)
def test_a_year_has_no_unlawful_dial(profile: Profile, seed: int) -> None:
    tally = simulate(profile, 24, random.Random(seed))
    assert not tally.broken, tally
    assert tally.dials > 24


def test_the_simulated_year_meets_every_limit_that_it_is_there_for() -> None:
    """A year in which nothing was ever refused would prove nothing."""
    met = simulate(US, 150, random.Random(7)).refusals
    assert {
        "OUT_OF_WINDOW", "COOLDOWN", "DAILY_CAP", "WEEKLY_CAP", "MIN_GAP", "HOLIDAY",
        "PROMISE_RUNNING", "DISPUTE_HOLD", "DNC", "NO_CONSENT", "THIRD_PARTY_NOT_LIABLE",
    } <= set(met)  # fmt: skip


def test_the_judge_finds_what_is_unlawful() -> None:
    """Dialled without asking anybody, a year breaks the law in every way that there is."""
    noon = datetime(2026, 6, 3, 16, tzinfo=UTC)
    home = "America/New_York"
    lawful = Dial(noon, loan=0, zones=(home,))

    day = timedelta(days=1)
    yes, no = (noon - day, True), (noon - timedelta(hours=1), False)

    def broken(dial: Dial = lawful, law: str = "US", **life: object) -> list[str]:
        lived = Life(home, words=(yes,))
        for name, value in life.items():
            setattr(lived, name, value)
        return violations(lived, dial, LAWS[law])

    earlier = [Dial(noon - back * day, 0, (home,)) for back in range(1, 7)]
    assert broken() == []
    assert broken(dials=[*earlier, Dial(noon - timedelta(hours=1), 0, (home,))]) == [
        "seven in seven"
    ]
    assert broken(dials=earlier) == []
    assert broken(dials=[Dial(noon - timedelta(hours=h), 1, (home,)) for h in (1, 2, 3)]) == ["day"]
    assert broken(dials=[Dial(noon - timedelta(minutes=14), 1, (home,))]) == ["gap"]
    assert broken(talks=[(noon - 6 * day, 0)]) == ["conversation"]
    assert broken(talks=[(noon - 7 * day, 0), (noon - day, 1)]) == []
    assert broken(abandoned=[noon - timedelta(hours=71)]) == ["abandoned"]
    assert broken(holds=[(noon - day, None)]) == ["hold"]
    assert broken(forbidden_from=noon) == ["forbidden"]
    assert broken(words=()) == ["without a yes"]
    assert broken(law="VN", words=()) == []
    assert broken(law="NONE", words=(yes, no)) == ["against a no"]
    assert broken(words=(no, (noon, True))) == []
    assert broken(words=(yes, (noon + day, False))) == []
    assert broken(holidays={noon.date()}) == ["holiday"]
    assert broken(avoided=((12 * 60, 13 * 60),)) == ["named times"]
    assert broken(in_call_until=noon + timedelta(seconds=1)) == ["two calls"]
    assert broken(Dial(noon, 0, (home, "Pacific/Honolulu"))) == ["hours"]
    assert broken(Dial(noon, 0, (home,), owes=False)) == ["third party"]
    assert broken(Dial(noon, 0, (home,), usable=False)) == ["unusable number"]


@pytest.mark.parametrize("profile", [VN, US, UK, NONE], ids=lambda profile: profile.name)
@pytest.mark.parametrize("zone", ZONES)
def test_around_each_change_of_the_clock_a_call_is_allowed_when_and_only_when_it_is_lawful(
    zone: str, profile: Profile
) -> None:
    facts, law = ContactFacts(zone=zone), LAWS[profile.name]
    for change in changes(zone):
        for minute in range(-26 * 60, 26 * 60, 5):
            for second in (-1, 0):
                at = change + timedelta(minutes=minute, seconds=second)
                lawful = not violations(willing(zone), Dial(at, 0, (zone,)), law)
                assert may_contact(facts, at, profile).allowed is lawful, at


PAIRS = st.lists(st.sampled_from(ZONES), min_size=2, max_size=3, unique=True)
NEAR = st.sampled_from([change for zone in ZONES for change in changes(zone)])


@given(PAIRS, NEAR, st.integers(-4 * 1440, 4 * 1440), ALL)
def test_a_number_that_may_ring_in_several_places_is_called_when_all_allow(
    zones: list[str], change: datetime, minutes: int, profile: Profile
) -> None:
    at = change + timedelta(minutes=minutes)
    home, *others = zones
    facts = ContactFacts(zone=home, other_zones=tuple(others))
    verdict = may_contact(facts, at, profile)
    judged = violations(willing(home), Dial(at, 0, tuple(others)), LAWS[profile.name])
    assert verdict.allowed is not bool(judged)
    if verdict.until is not None:
        ends = verdict.until
        assert may_contact(facts, ends, profile).allowed
        between = at + (ends - at) / 2
        assert not may_contact(facts, between, profile).allowed
        assert not may_contact(facts, ends - timedelta(seconds=1), profile).allowed


@given(ALL, ALL, st.sampled_from(ZONES), NEAR, st.integers(-2 * 1440, 2 * 1440), st.integers(0, 8))
def test_two_profiles_together_refuse_whatever_either_refuses(
    law: Profile, added: Profile, zone: str, change: datetime, minutes: int, tried: int
) -> None:
    at = change + timedelta(minutes=minutes)
    today = at.astimezone(ZoneInfo(zone)).date()
    facts = ContactFacts(
        zone=zone,
        attempts_on={today: tried},
        debt_calls_on={today: tried},
        liable=tried != 1,
        last_conversation_at=at - timedelta(days=tried),
        last_abandoned_at=at - timedelta(days=tried),
        holidays=frozenset({today} if tried == 2 else ()),
    )
    both = may_contact(facts, at, stricter(law, added))
    alone = [may_contact(facts, at, law), may_contact(facts, at, added)]
    assert both.allowed is all(verdict.allowed for verdict in alone)


def test_the_judges_numbers_are_those_of_the_table() -> None:
    """Hours, caps and rests of docs/law.md, once more, so that neither side moves alone."""
    assert LAWS["US"] == Law(480, 1260, 3, 7, 7, 15, 72, wants_yes=True)
    assert LAWS["VN"] == Law(420, 1260, 3, None, 0, 15, 72)
