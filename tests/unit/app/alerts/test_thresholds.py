"""From where on something is amber and red, and what may be set instead (ux.md 6.3)."""

from __future__ import annotations

import pytest

from app.alerts.thresholds import (
    DEFAULTS,
    NumbersError,
    Threshold,
    changed,
    document,
    settings_from,
)


def test_defaults_are_those_of_the_design() -> None:
    assert (DEFAULTS[Threshold.READY_WAIT].amber, DEFAULTS[Threshold.READY_WAIT].red) == (60, 300)
    abandonment = DEFAULTS[Threshold.ABANDONMENT]
    assert (abandonment.amber, abandonment.red) == (2.0, 3.0)
    assert (abandonment.margin, abandonment.hold_s) == (0.3, 120)
    assert DEFAULTS[Threshold.ATTAINMENT].falls


def test_numbers_that_are_set_stand_in_place_of_the_default() -> None:
    settings = settings_from({"HELD": {"amber": 30}})
    assert (settings.limits[Threshold.HELD].amber, settings.limits[Threshold.HELD].red) == (30, 120)


def test_what_nobody_knows_any_more_is_left_out() -> None:
    told = settings_from({"GONE": {"amber": 1}, "HELD": {"amber": -4}})
    assert told.limits == DEFAULTS


@pytest.mark.parametrize(
    ("name", "numbers", "field"),
    [
        (Threshold.HELD, {"amber": 200}, "red"),
        (Threshold.ATTAINMENT, {"red": 99}, "red"),
        (Threshold.HELD, {"amber": True}, "amber"),
        (Threshold.HELD, {"amber": "60"}, "amber"),
        (Threshold.HELD, {"red": float("nan")}, "red"),
        (Threshold.HELD, {"amber": -1}, "amber"),
        (Threshold.HELD, {"margin": -1}, "margin"),
        (Threshold.HELD, {"margin": None}, "margin"),
        (Threshold.HELD, {"hold_s": 9999}, "hold_s"),
        (Threshold.HELD, {"hold_s": 1.5}, "hold_s"),
        (Threshold.HELD, {"violet": 1}, "violet"),
    ],
)
def test_numbers_that_cannot_be_name_their_field(
    name: Threshold, numbers: dict[str, object], field: str
) -> None:
    with pytest.raises(NumbersError) as refused:
        changed(name, numbers)
    assert refused.value.field == field


def test_there_may_be_no_red_at_all() -> None:
    assert changed(Threshold.HELD, {"red": None}).red is None


def test_pages_are_told_every_threshold_with_its_unit() -> None:
    told = document(settings_from({}))
    assert set(told) == set(Threshold)
    assert told["POP_P95"]["unit"] == "MS"
