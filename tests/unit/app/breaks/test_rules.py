"""What a break reason is made of, and the ten that there are at first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.breaks.rules import BREAKS, BUILT_IN, MOST_ACTIVE, Break, faults

GOOD = Break("PRAYER", "Cầu nguyện", "Prayer", 900)


def test_the_first_ten_are_good_and_differ_in_code() -> None:
    assert [faults(reason) for reason in BREAKS] == [{}] * 10
    assert len({reason.code for reason in BREAKS}) == 10 <= MOST_ACTIVE
    assert {reason.code for reason in BREAKS} >= BUILT_IN


def test_only_technical_trouble_alerts_and_lunch_is_not_paid() -> None:
    assert [reason.code for reason in BREAKS if reason.alerts] == ["TECH"]
    assert [reason.code for reason in BREAKS if not reason.paid] == ["LUNCH"]


@pytest.mark.parametrize("limit", [60, 28_800, None])
def test_a_limit_may_be_as_short_as_a_minute_as_long_as_a_shift_or_none(limit: int | None) -> None:
    assert faults(replace(GOOD, max_seconds=limit)) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "lunch"}, "code"),
        ({"code": "X"}, "code"),
        ({"code": "TEA BREAK"}, "code"),
        ({"label_vi": "  "}, "label_vi"),
        ({"label_en": "x" * 41}, "label_en"),
        ({"max_seconds": 59}, "max_seconds"),
        ({"max_seconds": 28_801}, "max_seconds"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(change: dict[str, object], field: str) -> None:
    assert list(faults(replace(GOOD, **change))) == [field]  # type: ignore[arg-type]  # one field of each type
