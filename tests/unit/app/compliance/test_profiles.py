"""Profiles of domain section 8 and decisions 21 to 23."""

from dataclasses import replace

import pytest

from app.compliance.profiles import (
    NONE,
    OF_CAMPAIGN,
    OWN_POLICY,
    PROFILES,
    RULE_LABELS,
    UK,
    US,
    VN,
    AbandonClock,
    AbandonWindow,
    Rule,
    _joined,
    profile_named,
    rule_label,
    source_label,
    stricter,
)
from app.values.period import LocalWindow


def test_vietnam_allows_seven_to_twenty_one_and_five_reminders_three_by_default() -> None:
    assert VN.hours == LocalWindow(7 * 60, 21 * 60)
    assert (VN.cap_per_day, VN.cap_per_day_max) == (3, 5)
    assert "18/2019" in VN.source(Rule.OUT_OF_WINDOW)
    assert "18/2019" in VN.source(Rule.DAILY_CAP)


def test_where_no_statute_was_found_the_row_says_own_policy() -> None:
    assert VN.source(Rule.HOLIDAY) == OWN_POLICY
    assert "own policy" in UK.source(Rule.OUT_OF_WINDOW)
    assert UK.source(Rule.DAILY_CAP) == OWN_POLICY
    assert all(NONE.source(rule) == OWN_POLICY for rule in Rule)


def test_abandonment_is_judged_as_each_country_does() -> None:
    assert (VN.abandon_clock, VN.abandon_window) == (
        AbandonClock.GREETING_END,
        AbandonWindow.DAY_AND_30_DAYS,
    )
    assert (UK.abandon_clock, UK.abandon_window) == (
        AbandonClock.ANSWER,
        AbandonWindow.ROLLING_24_HOURS,
    )
    assert all(profile.abandon_limit_pct <= 3.0 for profile in PROFILES.values())
    assert all(profile.ring_seconds_min >= 15 for profile in PROFILES.values())


def test_profiles_are_found_by_name() -> None:
    assert profile_named("US") is US
    with pytest.raises(KeyError):
        profile_named("ATLANTIS")


def test_a_source_reads_in_the_readers_language() -> None:
    assert source_label(VN.source(Rule.OUT_OF_WINDOW), "vi").startswith("Thông tư 43/2016")
    assert source_label(OF_CAMPAIGN, "vi") == "cài đặt của chiến dịch, chặt hơn luật"
    sources = {
        source
        for profile in PROFILES.values()
        for source in (
            *profile.sources.values(),
            profile.no_redial_source,
            profile.avoided_source,
            profile.agentless_source,
        )
    } | {OWN_POLICY, OF_CAMPAIGN}
    for source in sources:
        assert source_label(source, "en") == source
        told = source_label(source, "vi")
        assert not {"policy", "setting", "Circular", "yardstick", "Code"} & set(told.split())


def test_every_rule_has_words_in_both_languages() -> None:
    assert set(RULE_LABELS) == set(Rule)
    assert rule_label(Rule.OUT_OF_WINDOW, "vi") == "Ngoài giờ gọi"
    assert rule_label(Rule.OUT_OF_WINDOW, "en") == "Outside calling hours"


def test_america_counts_by_debt_and_begins_the_rest_with_the_day_of_the_conversation() -> None:
    assert (US.debt_calls_max, US.rest_after_conversation_days) == (7, 7)
    assert US.hours == LocalWindow(8 * 60, 21 * 60)
    assert "1006.14(b)(2)" in US.source(Rule.WEEKLY_CAP)
    assert "1006.14(b)(2)" in US.conversation_source


def test_who_is_abandoned_hears_name_and_number_and_is_not_rung_again_for_three_days() -> None:
    for profile in (VN, US, UK):
        assert profile.message.says == ("NAME", "NUMBER")
        assert (profile.no_redial_hours, profile.connect_threshold_ms) == (72, 2_000)
    assert "Ofcom" in UK.no_redial_source
    assert VN.no_redial_source == US.no_redial_source == OWN_POLICY


def test_two_profiles_together_are_the_stricter_one_limit_by_limit() -> None:
    both = stricter(VN, US)

    assert both.name == "VN+US"
    assert both.hours == US.hours
    assert both.cap_per_day_max == 5
    assert both.debt_calls_max == 7
    assert "Regulation F" in both.source(Rule.OUT_OF_WINDOW)
    assert "Circular" in both.source(Rule.DAILY_CAP)
    assert stricter(VN, UK).abandon_clock is AbandonClock.ANSWER
    assert (both.agentless, both.agentless_source) == (False, US.agentless_source)
    assert stricter(VN, VN) is VN
    assert stricter(both, US) is both


def test_the_profile_none_takes_nothing_from_the_law_and_adds_nothing() -> None:
    for profile in (VN, US, UK):
        for both in (stricter(profile, NONE), stricter(NONE, profile)):
            assert both.hours == profile.hours
            assert both.cap_per_day_max == profile.cap_per_day_max
            assert all(both.source(rule) == profile.source(rule) for rule in Rule)


def test_two_laws_that_each_cut_the_day_are_both_named() -> None:
    late = replace(UK, name="UK", hours=LocalWindow(9 * 60, 22 * 60))
    both = _joined(US, late)

    assert both.hours == LocalWindow(9 * 60, 21 * 60)
    assert US.source(Rule.OUT_OF_WINDOW) in both.source(Rule.OUT_OF_WINDOW)
    assert UK.source(Rule.OUT_OF_WINDOW) in both.source(Rule.OUT_OF_WINDOW)
