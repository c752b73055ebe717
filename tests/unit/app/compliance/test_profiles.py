"""Profiles of domain section 8 and decisions 21 to 23."""

import pytest

from app.compliance.profiles import (
    NONE,
    OWN_POLICY,
    PROFILES,
    RULE_LABELS,
    UK,
    US,
    VN,
    AbandonClock,
    AbandonWindow,
    Rule,
    profile_named,
    rule_label,
)
from app.values.period import LocalWindow


def test_vietnam_allows_seven_to_twenty_one_and_five_reminders_three_by_default() -> None:
    assert VN.hours == LocalWindow(7 * 60, 21 * 60)
    assert (VN.cap_per_day, VN.cap_per_day_max) == (3, 5)
    assert "18/2019" in VN.source(Rule.OUT_OF_WINDOW)
    assert "18/2019" in VN.source(Rule.DAILY_CAP)


def test_where_no_statute_was_found_the_row_says_own_policy() -> None:
    assert VN.source(Rule.HOLIDAY) == OWN_POLICY
    assert UK.source(Rule.OUT_OF_WINDOW) == OWN_POLICY
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


def test_every_rule_has_words_in_both_languages() -> None:
    assert set(RULE_LABELS) == set(Rule)
    assert rule_label(Rule.OUT_OF_WINDOW, "vi") == "Ngoài giờ gọi"
    assert rule_label(Rule.OUT_OF_WINDOW, "en") == "Outside calling hours"
