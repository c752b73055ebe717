"""The hour as a strip: gaps are gaps, and each reason is a band."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.pacing.rules import Minute
from app.pacing.strip import strip_of

NOW = datetime(2026, 11, 23, 3, 0, 42, tzinfo=UTC)
MINUTE = Minute(
    mode="PREDICTIVE", lines=6.0, agents=10.0, free=2.0, busy=8.0, opened=9, dialed=900, answered=200,
    abandoned=4, target_pct=2.0, limit_pct=3.0, because={"CHANCE": 50, "LINES": 10},
)  # fmt: skip


def ago(minutes: int) -> datetime:
    return NOW.replace(second=0) - timedelta(minutes=minutes)


def test_an_hour_of_which_nothing_was_kept_is_empty() -> None:
    strip = strip_of({}, NOW)
    assert (strip.latest, strip.bands, strip.lines) == (None, (), "")
    assert len(strip.ticks) == 6


def test_a_gap_lifts_the_pen_and_ends_the_band() -> None:
    held = replace(MINUTE, lines=12.0, because={"STALE": 60})
    strip = strip_of({ago(60): MINUTE, ago(59): MINUTE, ago(2): MINUTE, ago(1): held}, NOW)
    assert strip.most == 12
    assert strip.lines == "M0 50H1V50H2M58 50H59V0H60"
    assert [(band.x, band.width, band.code, band.tone) for band in strip.bands] == [
        (0, 2, "CHANCE", "steady"),
        (58, 1, "CHANCE", "steady"),
        (59, 1, "STALE", "fault"),
    ]
    assert (strip.bands[0].begins, strip.bands[0].ends) == (ago(60), ago(58))
    assert strip.latest == held
    assert [at for at, _ in strip.rows] == [ago(1), ago(2), ago(59), ago(60)]


def test_target_and_limit_lie_in_the_chart_whatever_is_abandoned() -> None:
    strip = strip_of({ago(1): MINUTE}, NOW)
    assert (strip.top_pct, strip.limit_y, strip.target_y) == (4.0, 25.0, 50.0)
    worse = strip_of({ago(1): replace(MINUTE, abandoned=20)}, NOW)
    assert worse.top_pct == 10.0
    assert 0 < worse.limit_y < worse.target_y < 100


def test_minutes_before_and_after_the_hour_are_left_out() -> None:
    strip = strip_of({ago(61): MINUTE, ago(0): MINUTE}, NOW)
    assert strip.rows == ()
    assert strip.lines == ""
