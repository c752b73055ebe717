"""Each rule of the verdict alone, the order among them, and when each ends (domain sections 3, 8)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from app.accounts.rules import HoldKind
from app.compliance.profiles import NONE, UK, US, VN, Rule, stricter
from app.compliance.rules import (
    ALLOWED,
    HELD_BY,
    Consent,
    ContactFacts,
    Held,
    Purpose,
    Starter,
    allowed_windows,
    daily_cap,
    free_from,
    judge,
    may_contact,
    open_until,
    opens_at,
    weekly_cap,
)
from app.customers.rules import Verification
from app.values.period import LocalWindow

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 23, 10, tzinfo=SAIGON)  # a Monday
TODAY = date(2026, 11, 23)
FREE = ContactFacts()
BY_HAND = ContactFacts(starter=Starter.AGENT)


def saigon(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=SAIGON)


def refusal(facts: ContactFacts, at: datetime = MORNING) -> tuple[Rule | None, datetime | None]:
    verdict = may_contact(facts, at, VN)
    assert not verdict.allowed
    return verdict.rule, verdict.until


def test_nothing_in_the_way_means_allowed() -> None:
    assert may_contact(FREE, MORNING, VN) == ALLOWED


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (replace(FREE, do_not_contact=True), Rule.DNC),
        (replace(FREE, verification=Verification.DO_NOT_CONTACT), Rule.DNC),
        (replace(FREE, holds=(Held(HoldKind.DECEASED),)), Rule.DNC),
        (replace(FREE, consent=Consent.WITHDRAWN), Rule.NO_CONSENT),
        (replace(FREE, verification=Verification.INVALID), Rule.INVALID_NUMBER),
        (replace(FREE, verification=Verification.WRONG_PARTY), Rule.INVALID_NUMBER),
        (replace(FREE, dialable=False), Rule.INVALID_NUMBER),
        (replace(FREE, liable=False), Rule.THIRD_PARTY_NOT_LIABLE),
        (replace(FREE, holds=(Held(HoldKind.LEGAL),)), Rule.LEGAL),
        (replace(FREE, holds=(Held(HoldKind.TRACE),)), Rule.TRACE),
        (replace(FREE, holds=(Held(HoldKind.DISPUTE_HOLD),)), Rule.DISPUTE_HOLD),
        (replace(FREE, holds=(Held(HoldKind.PROMISE_RUNNING),)), Rule.PROMISE_RUNNING),
        (replace(FREE, holds=(Held(HoldKind.SETTLEMENT),)), Rule.COOLDOWN),
        (replace(FREE, locked=True), Rule.LOCKED),
        (replace(FREE, cap_per_day=0), Rule.DAILY_CAP),
        (replace(FREE, cap_per_week=0), Rule.WEEKLY_CAP),
        (
            replace(FREE, windows=(LocalWindow(5 * 60, 6 * 60),)),
            Rule.OUT_OF_WINDOW,
        ),
    ],
)
@pytest.mark.req("S1-039")
def test_what_no_waiting_ends_has_no_end(facts: ContactFacts, rule: Rule) -> None:
    assert refusal(facts) == (rule, None)


def test_a_verdict_names_its_source() -> None:
    verdict = may_contact(FREE, saigon(2026, 11, 23, 21), VN)

    assert verdict.rule is Rule.OUT_OF_WINDOW
    assert "Circular" in verdict.source


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (saigon(2026, 11, 23, 6, 59, 59), saigon(2026, 11, 23, 7)),
        (saigon(2026, 11, 23, 21), saigon(2026, 11, 24, 7)),
    ],
)
def test_reminders_are_from_seven_to_twenty_one(at: datetime, until: datetime) -> None:
    assert refusal(FREE, at) == (Rule.OUT_OF_WINDOW, until)
    assert may_contact(FREE, until, VN).allowed
    assert may_contact(FREE, saigon(2026, 11, 23, 20, 59, 59), VN).allowed


def test_the_hours_are_those_of_the_customers_place() -> None:
    in_new_york = replace(FREE, zone="America/New_York")

    assert refusal(in_new_york, datetime(2026, 11, 23, 11, 59, tzinfo=UTC)) == (
        Rule.OUT_OF_WINDOW,
        datetime(2026, 11, 23, 12, tzinfo=UTC),
    )


def test_a_campaigns_window_binds_the_dialer_and_not_an_agent_who_calls_by_hand() -> None:
    narrow = replace(FREE, windows=(LocalWindow(8 * 60, 9 * 60),))

    assert refusal(narrow) == (Rule.OUT_OF_WINDOW, saigon(2026, 11, 24, 8))
    assert may_contact(replace(narrow, starter=Starter.AGENT), MORNING, VN).allowed


def test_no_window_of_a_campaign_is_wider_than_the_law() -> None:
    wide = (LocalWindow(6 * 60, 8 * 60), LocalWindow(22 * 60, 23 * 60))

    assert allowed_windows(VN, wide) == (LocalWindow(7 * 60, 8 * 60),)
    assert allowed_windows(VN) == (VN.hours,)


def test_three_attempts_a_day_over_everything_and_then_tomorrow() -> None:
    tried = replace(FREE, attempts_on={TODAY: 3})

    assert refusal(tried) == (Rule.DAILY_CAP, saigon(2026, 11, 24))
    assert may_contact(replace(FREE, attempts_on={TODAY: 2}), MORNING, VN).allowed


def test_a_campaign_may_set_the_cap_up_to_the_law_and_no_further() -> None:
    assert daily_cap(VN, None) == 3
    assert daily_cap(VN, 1) == 1
    assert daily_cap(VN, 9) == 5
    assert daily_cap(NONE, None) is None
    assert may_contact(replace(FREE, attempts_on={TODAY: 4}, cap_per_day=9), MORNING, VN).allowed
    assert refusal(replace(FREE, attempts_on={TODAY: 5}, cap_per_day=9))[0] is Rule.DAILY_CAP


def test_a_campaigns_week_runs_from_monday() -> None:
    sunday = date(2026, 11, 22)
    facts = replace(FREE, attempts_on={sunday: 4, TODAY: 1}, cap_per_week=2)

    assert may_contact(facts, MORNING, VN).allowed
    assert refusal(replace(facts, attempts_on={TODAY: 2}))[1] == saigon(2026, 11, 30)
    assert weekly_cap(VN, None) is None


def test_seven_calls_about_one_debt_in_seven_days_that_roll() -> None:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    facts = ContactFacts(
        zone="America/New_York",
        debt_calls_on={date(2026, 11, 17): 3, date(2026, 11, 19): 2, date(2026, 11, 22): 2},
    )

    verdict = may_contact(facts, at, US)

    assert verdict.rule is Rule.WEEKLY_CAP
    assert verdict.until == datetime(2026, 11, 24, 5, tzinfo=UTC)
    assert weekly_cap(US, 3) == 3


def test_calls_about_another_debt_do_not_count_to_the_seven() -> None:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    facts = ContactFacts(zone="America/New_York", attempts_on={date(2026, 11, 22): 7})

    assert may_contact(facts, at, US).allowed


def test_a_call_that_the_customer_asked_for_is_free_of_both_sevens() -> None:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    facts = ContactFacts(
        zone="America/New_York",
        debt_calls_on={date(2026, 11, 22): 7},
        last_conversation_at=at - timedelta(days=1),
    )

    assert may_contact(facts, at, US).rule is Rule.COOLDOWN
    assert judge(Rule.WEEKLY_CAP, facts, at, US).source.endswith("14(b)(2)(i)(A)")
    assert may_contact(replace(facts, agreed=True), at, US).allowed


def test_the_strictest_of_the_places_where_a_number_may_ring_rules() -> None:
    """Nine in New York is six in Los Angeles, whose evening ends three hours later."""
    either = ContactFacts(zone="America/New_York", other_zones=("America/Los_Angeles",))
    morning = datetime(2026, 11, 23, 14, tzinfo=UTC)

    assert may_contact(replace(either, other_zones=()), morning, US).allowed
    verdict = may_contact(either, morning, US)
    assert (verdict.rule, verdict.until) == (
        Rule.OUT_OF_WINDOW,
        datetime(2026, 11, 23, 16, tzinfo=UTC),
    )
    assert not may_contact(either, datetime(2026, 11, 24, 2, tzinfo=UTC), US).allowed


def test_hours_and_places_that_the_customer_named_are_left_alone() -> None:
    at_lunch = replace(FREE, avoided=(LocalWindow(12 * 60, 13 * 60 + 30),))
    noon = saigon(2026, 11, 23, 12)

    assert may_contact(at_lunch, MORNING, VN).allowed
    assert refusal(at_lunch, noon) == (Rule.OUT_OF_WINDOW, saigon(2026, 11, 23, 13, 30))
    assert "VNBA" in may_contact(at_lunch, noon, VN).source
    assert may_contact(replace(at_lunch, agreed=True), noon, VN).allowed
    assert refusal(replace(FREE, avoided_place=True)) == (Rule.OUT_OF_WINDOW, None)
    assert may_contact(replace(at_lunch, avoided_place=True), noon, NONE).allowed


def test_until_passes_over_the_hours_that_the_customer_named() -> None:
    early = replace(FREE, avoided=(LocalWindow(6 * 60, 9 * 60),))

    assert refusal(early, saigon(2026, 11, 23, 5)) == (Rule.OUT_OF_WINDOW, saigon(2026, 11, 23, 9))


@pytest.mark.parametrize(
    ("facts", "at", "source"),
    [
        ({"windows": (LocalWindow(8 * 60, 9 * 60),)}, MORNING, "campaign"),
        ({"windows": (LocalWindow(8 * 60, 9 * 60),)}, saigon(2026, 11, 23, 22), "Circular"),
        ({"attempts_on": {TODAY: 3}}, MORNING, "own policy"),
        ({"attempts_on": {TODAY: 2}, "cap_per_day": 2}, MORNING, "campaign"),
        ({"attempts_on": {TODAY: 5}}, MORNING, "Circular"),
        ({"attempts_on": {TODAY: 2}, "cap_per_week": 2}, MORNING, "campaign"),
        ({"last_attempt_at": MORNING - timedelta(minutes=5)}, MORNING, "VNBA"),
        (
            {"last_attempt_at": MORNING - timedelta(minutes=20), "min_gap_minutes": 30},
            MORNING,
            "campaign",
        ),
        ({"last_abandoned_at": MORNING}, MORNING, "own policy"),
        ({"locked": True}, MORNING, "own policy"),
    ],
)
def test_the_source_is_of_what_binds(facts: dict[str, Any], at: datetime, source: str) -> None:
    assert source in may_contact(replace(FREE, **facts), at, VN).source


def test_an_abandoned_briton_is_left_alone_by_the_industrys_yardstick() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    facts = ContactFacts(zone="Europe/London", last_abandoned_at=noon - timedelta(hours=71))

    verdict = may_contact(facts, noon, UK)

    assert (verdict.rule, verdict.until) == (Rule.COOLDOWN, noon + timedelta(hours=1))
    assert "Ofcom" in verdict.source


def test_when_all_rules_together_would_allow() -> None:
    """The gap ends at night; the window opens in the morning; lunch is the customer's own."""
    facts = replace(
        FREE,
        last_attempt_at=saigon(2026, 11, 23, 20, 50),
        avoided=(LocalWindow(7 * 60, 9 * 60),),
        attempts_on={TODAY: 3},
    )

    assert free_from(facts, saigon(2026, 11, 23, 20, 55), VN) == saigon(2026, 11, 24, 9)
    assert free_from(FREE, MORNING, VN) == MORNING
    assert free_from(replace(FREE, do_not_contact=True), MORNING, VN) is None


def test_a_conversation_earns_seven_days_of_rest_in_america() -> None:
    spoken = datetime(2026, 11, 20, 22, tzinfo=UTC)
    facts = ContactFacts(zone="America/New_York", last_conversation_at=spoken)

    verdict = may_contact(facts, datetime(2026, 11, 23, 15, tzinfo=UTC), US)

    assert (verdict.rule, verdict.until) == (
        Rule.COOLDOWN,
        datetime(2026, 11, 27, 5, tzinfo=UTC),
    )
    assert may_contact(replace(facts, zone="Asia/Ho_Chi_Minh"), MORNING, VN).allowed


def test_a_gap_lies_between_two_attempts() -> None:
    just_now = replace(FREE, last_attempt_at=MORNING - timedelta(minutes=5))

    assert refusal(just_now) == (Rule.MIN_GAP, MORNING + timedelta(minutes=10))
    assert refusal(replace(just_now, min_gap_minutes=60))[1] == MORNING + timedelta(minutes=55)
    assert may_contact(just_now, MORNING + timedelta(minutes=10), VN).allowed


def test_an_abandoned_call_is_not_redialled_by_a_dialer_for_72_hours() -> None:
    left = replace(FREE, last_abandoned_at=MORNING - timedelta(hours=70))

    assert refusal(left) == (Rule.COOLDOWN, MORNING + timedelta(hours=2))
    assert may_contact(replace(left, starter=Starter.AGENT), MORNING, VN).allowed


def test_a_hold_ends_when_its_time_comes() -> None:
    until = MORNING + timedelta(days=2)
    held = replace(FREE, holds=(Held(HoldKind.PROOF_CHECK, until),))

    assert refusal(held) == (Rule.COOLDOWN, until)
    assert may_contact(held, until, VN).allowed


def test_of_several_holds_the_last_to_end_counts_and_one_without_end_most() -> None:
    soon, late = MORNING + timedelta(days=1), MORNING + timedelta(days=2)
    both = (Held(HoldKind.PROOF_CHECK, soon), Held(HoldKind.DOCUMENTS, late))
    open_ended = (*both, Held(HoldKind.SETTLEMENT))

    assert refusal(replace(FREE, holds=both)) == (Rule.COOLDOWN, late)
    assert refusal(replace(FREE, holds=open_ended)) == (Rule.COOLDOWN, None)


def test_a_rest_longer_than_a_hold_counts() -> None:
    facts = replace(
        FREE,
        holds=(Held(HoldKind.PROOF_CHECK, MORNING + timedelta(hours=1)),),
        last_abandoned_at=MORNING,
    )

    assert refusal(facts) == (Rule.COOLDOWN, MORNING + timedelta(hours=72))


def test_an_agent_may_call_on_a_running_promise_and_on_a_holiday_by_hand() -> None:
    facts = replace(
        BY_HAND,
        holds=(Held(HoldKind.PROMISE_RUNNING),),
        holidays=frozenset({TODAY}),
    )

    assert may_contact(facts, MORNING, VN).allowed


def test_no_campaign_on_a_holiday_nor_on_the_next_one() -> None:
    tet = frozenset({TODAY, date(2026, 11, 24)})

    assert refusal(replace(FREE, holidays=tet)) == (Rule.HOLIDAY, saigon(2026, 11, 25))


def test_somebody_who_owes_nothing_is_only_asked_by_hand_where_the_customer_is() -> None:
    mother = replace(FREE, liable=False, purpose=Purpose.LOCATE)

    assert refusal(mother)[0] is Rule.THIRD_PARTY_NOT_LIABLE
    assert may_contact(replace(mother, starter=Starter.AGENT), MORNING, VN).allowed
    assert refusal(replace(BY_HAND, liable=False))[0] is Rule.THIRD_PARTY_NOT_LIABLE


def test_a_trace_is_worked_by_hand_and_only_to_find_the_customer() -> None:
    traced = replace(BY_HAND, holds=(Held(HoldKind.TRACE),))

    assert refusal(traced)[0] is Rule.TRACE
    assert may_contact(replace(traced, purpose=Purpose.LOCATE), MORNING, VN).allowed


def test_the_profile_none_keeps_what_customers_asked_for_and_drops_the_hours() -> None:
    night = saigon(2026, 11, 23, 23)

    assert may_contact(replace(FREE, holidays=frozenset({TODAY})), night, NONE).allowed
    assert may_contact(replace(FREE, liable=False), night, NONE).allowed
    assert may_contact(replace(FREE, do_not_contact=True), night, NONE).rule is Rule.DNC


def test_a_no_is_honoured_everywhere_and_a_yes_is_needed_where_the_law_wants_one() -> None:
    for profile in (VN, US, UK, NONE):
        said_no = may_contact(
            replace(FREE, consent=Consent.WITHDRAWN), saigon(2026, 11, 23, 10), profile
        )
        assert (said_no.rule, said_no.until) == (Rule.NO_CONSENT, None)
        assert said_no.source == profile.source(Rule.NO_CONSENT)
        silent = judge(
            Rule.NO_CONSENT,
            replace(FREE, consent=Consent.UNKNOWN),
            saigon(2026, 11, 23, 10),
            profile,
        )
        assert silent.allowed is (profile is not US)
    by_hand = replace(FREE, consent=Consent.UNKNOWN, starter=Starter.AGENT)
    assert judge(Rule.NO_CONSENT, by_hand, saigon(2026, 11, 23, 10), US).allowed
    both = judge(
        Rule.NO_CONSENT,
        replace(FREE, consent=Consent.UNKNOWN),
        saigon(2026, 11, 23, 10),
        stricter(VN, US),
    )
    assert "64.1200" in both.source


def test_what_lasts_longest_is_told_first() -> None:
    facts = ContactFacts(
        do_not_contact=True,
        consent=Consent.WITHDRAWN,
        verification=Verification.INVALID,
        liable=False,
        locked=True,
        holds=tuple(
            Held(kind)
            for kind in (
                HoldKind.LEGAL,
                HoldKind.TRACE,
                HoldKind.DISPUTE_HOLD,
                HoldKind.PROMISE_RUNNING,
                HoldKind.COOLDOWN,
            )
        ),
        attempts_on={TODAY: 9},
        cap_per_week=1,
        last_attempt_at=saigon(2026, 11, 23, 22, 55),
        holidays=frozenset({TODAY}),
    )
    night = saigon(2026, 11, 23, 23)
    told = [rule for rule in Rule if not judge(rule, facts, night, VN).allowed]

    assert told == list(Rule)
    assert may_contact(facts, night, VN).rule is Rule.DNC


def test_a_rule_that_has_nothing_against_it_allows_alone() -> None:
    assert all(judge(rule, FREE, MORNING, VN) == ALLOWED for rule in Rule)


def test_every_kind_of_hold_is_told_by_some_rule() -> None:
    assert set(HELD_BY) == set(HoldKind)


def test_dialing_is_open_until_the_window_closes() -> None:
    campaign = [LocalWindow(8 * 60, 20 * 60)]

    assert open_until(VN, campaign, MORNING, "Asia/Ho_Chi_Minh") == saigon(2026, 11, 23, 20)
    assert open_until(VN, [], saigon(2026, 11, 23, 20, 59, 50), "Asia/Ho_Chi_Minh") == saigon(
        2026, 11, 23, 21
    )
    assert open_until(VN, campaign, saigon(2026, 11, 23, 20), "Asia/Ho_Chi_Minh") is None
    assert open_until(NONE, [], MORNING, "Asia/Ho_Chi_Minh") is None
    assert opens_at(VN, campaign, saigon(2026, 11, 23, 20), "Asia/Ho_Chi_Minh") == saigon(
        2026, 11, 24, 8
    )


def test_a_place_that_does_not_exist_allows_nobody_to_dial() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        may_contact(replace(FREE, zone="Atlantis/Poseidonis"), MORNING, VN)
