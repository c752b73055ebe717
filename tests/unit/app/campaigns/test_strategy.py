"""Settings: read, written, and refused where own policy or the law says no (ux CB2, CB3)."""

from dataclasses import replace
from typing import Any

import pytest

from app.calls.rules import Cause
from app.campaigns.lawful import mode_problem, problems
from app.campaigns.readiness import ReadyFacts, is_ready, readiness
from app.campaigns.retries import RETRY, Again, Retry
from app.campaigns.rules import Mode
from app.campaigns.strategy import Settings, SettingsError, settings_document, settings_from
from app.compliance.profiles import NONE, UK, US, VN
from app.values.period import LocalWindow

DEFAULT = Settings()


def test_nothing_said_means_the_defaults_and_they_are_lawful_everywhere() -> None:
    assert settings_from({}) == DEFAULT
    assert [problems(DEFAULT, profile) for profile in (VN, US, NONE)] == [(), (), ()]


def test_settings_are_read_from_json() -> None:
    document: dict[str, object] = {
        "ratio_ceiling": 2,
        "wrapup_s": 30,
        "amd": True,
        "caller_ids": ["02838221234"],
        "cap_per_day": 4,
        "cap_per_week": None,
        "windows": [
            {"weekdays": [1, 2, 3], "from": "08:30", "to": "20:00"},
            {"from": "9:00", "to": "12:00"},
        ],
        "retry": {
            "BUSY": {"delay_seconds": 600, "max_attempts": 3},
            "REFUSED": {"max_attempts": 2},
            "MACHINE": {"again": "DONE", "max_attempts": 1},
        },
        "legal_profile": "US",
    }

    assert settings_from(document) == replace(
        DEFAULT,
        ratio_ceiling=2.0,
        wrapup_s=30,
        amd=True,
        caller_ids=("02838221234",),
        cap_per_day=4,
        windows=(
            LocalWindow(8 * 60 + 30, 20 * 60, frozenset({1, 2, 3})),
            LocalWindow(9 * 60, 12 * 60),
        ),
        retry={
            **RETRY,
            Cause.BUSY: Retry(600, 3),
            "REFUSED": Retry(0, 2, Again.NEXT_DAY),
            Cause.MACHINE: Retry(0, 1, Again.DONE),
        },
        legal_profile="US",
    )


def test_only_retries_that_differ_from_the_usual_are_kept() -> None:
    settings = replace(DEFAULT, retry={**RETRY, Cause.BUSY: Retry(600, 3)})

    assert settings_document(settings)["retry"] == {
        "BUSY": {"delay_seconds": 600, "max_attempts": 3, "again": "AFTER"}
    }
    assert settings_from(settings_document(settings)) == settings


def test_what_is_written_is_read_back() -> None:
    settings = replace(DEFAULT, cap_per_day=2, windows=(LocalWindow(0, 1440),), reason="x")

    assert settings_from(settings_document(settings)) == settings


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"ratio": 2}, "ratio"),
        ({"lines": "many"}, "lines"),
        ({"lines": True}, "lines"),
        ({"lines": 1.5}, "lines"),
        ({"amd": 1}, "amd"),
        ({"cap_per_day": "3"}, "cap_per_day"),
        ({"caller_ids": "028"}, "caller_ids"),
        ({"windows": ["08:00"]}, "windows"),
        ({"windows": [{"from": "08:00"}]}, "windows"),
        ({"windows": [{"from": "20:00", "to": "08:00"}]}, "windows"),
        ({"windows": [{"from": "8", "to": "20:00"}]}, "windows"),
        ({"windows": [{"from": "08:75", "to": "20:00"}]}, "windows"),
        ({"windows": [{"from": "08:00", "to": "20:00", "weekdays": 3}]}, "windows"),
        ({"retry": []}, "retry"),
        ({"retry": {"BORED": {"delay_seconds": 1, "max_attempts": 1}}}, "retry"),
        ({"retry": {"BUSY": {"delay_seconds": 60}}}, "retry"),
        ({"retry": {"BUSY": {"max_attempts": 2}}}, "retry"),
        ({"retry": {"BUSY": 60}}, "retry"),
        ({"retry": {"BUSY": {"again": "SOON", "delay_seconds": 60, "max_attempts": 1}}}, "retry"),
        ({"retry": {"BUSY": {"delay_seconds": "1", "max_attempts": 1}}}, "retry"),
    ],
)
def test_a_document_that_is_no_settings_names_the_field(
    document: dict[str, object], field: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from(document)

    assert caught.value.field == field
    assert caught.value.why


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ratio_ceiling": 3.1}, "ratio_ceiling"),
        ({"wrapup_s": 10}, "wrapup_s"),
        ({"abandon_limit_pct": 3.5}, "abandon_limit_pct"),
        ({"abandon_limit_pct": 1.0}, "abandon_target_pct"),
        ({"ring_timeout_s": 10}, "ring_timeout_s"),
        ({"connect_threshold_ms": 2_500}, "connect_threshold_ms"),
        ({"cap_per_day": 6}, "cap_per_day"),
        ({"cap_per_day": 0}, "cap_per_day"),
        ({"cap_per_week": 0}, "cap_per_week"),
        ({"min_gap_minutes": 5}, "min_gap_minutes"),
        ({"windows": ()}, "windows"),
        ({"windows": (LocalWindow(6 * 60 + 30, 20 * 60),)}, "windows"),
        ({"legal_profile": "ATLANTIS"}, "legal_profile"),
        ({"retry": {Cause.BUSY: Retry(30, 3)}}, "retry"),
        ({"retry": {Cause.BUSY: Retry(60, 0)}}, "retry"),
    ],
)
def test_settings_beyond_policy_or_law_are_refused(changed: dict[str, Any], field: str) -> None:
    found = problems(replace(DEFAULT, **changed), VN)

    assert field in {problem.field for problem in found}
    assert all(problem.why_vi and problem.why_en and problem.source for problem in found)


def test_six_reminders_a_day_are_refused_with_the_circular() -> None:
    (problem,) = problems(replace(DEFAULT, cap_per_day=6), VN)

    assert "18/2019" in problem.source
    assert problem.why_en == "at most 5"


def test_five_reminders_are_lawful_and_any_number_without_a_law() -> None:
    assert problems(replace(DEFAULT, cap_per_day=5), VN) == ()
    assert problems(replace(DEFAULT, cap_per_day=50), NONE) == ()
    assert problems(replace(DEFAULT, cap_per_week=8), US) == ()  # the law counts by loan
    assert problems(replace(DEFAULT, min_gap_minutes=30), VN) == ()


READY = ReadyFacts(dialable=1, agents=1, opens_today=True, languages=frozenset({"vi"}))


@pytest.mark.req("S0c-048")
def test_a_campaign_starts_when_the_list_is_green() -> None:
    settings = replace(DEFAULT, caller_ids=("02838221234",))

    assert is_ready(readiness(READY, settings, VN))


def test_a_reminder_without_agents_is_ready_without_agents_where_the_law_has_it() -> None:
    settings = replace(DEFAULT, caller_ids=("02838221234",))
    reminder = replace(READY, agents=0, mode=Mode.AGENTLESS)

    assert is_ready(readiness(reminder, settings, VN))
    refused = [check.code for check in readiness(reminder, settings, US) if not check.ok]
    assert refused == ["MODE_LAWFUL"]
    for mode in Mode:
        assert mode_problem(mode, VN) is None
        assert (mode_problem(mode, UK) is None) is (mode is not Mode.AGENTLESS)


@pytest.mark.parametrize(
    ("facts", "settings", "code"),
    [
        (replace(READY, dialable=0), DEFAULT, "DIALABLE"),
        (replace(READY, agents=0), DEFAULT, "AGENTS"),
        (READY, replace(DEFAULT, lines=0), "LINES"),
        (replace(READY, opens_today=False), DEFAULT, "WINDOW_TODAY"),
        (READY, replace(DEFAULT, cap_per_day=9), "SETTINGS_LAWFUL"),
        (replace(READY, languages=frozenset({"fr"})), DEFAULT, "SCRIPT_LANGUAGES"),
        (READY, DEFAULT, "CALLER_ID"),
    ],
)
def test_what_is_not_ready_is_named(facts: ReadyFacts, settings: Settings, code: str) -> None:
    checks = readiness(facts, settings, VN)

    assert code in {check.code for check in checks if not check.ok}
    assert not is_ready(checks)
