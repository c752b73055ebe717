"""Curves as a page draws and tells them."""

from __future__ import annotations

from app.curves.drawing import number, sheet_of
from app.curves.rules import Count, Stage

COUNTS = [
    Count(9, 0, Stage.SETUP, 2, 900, others=100),
    Count(9, 0, Stage.RING, 8, 250, others=650),
    Count(14, 1, Stage.SETUP, 2, 1_000),
    Count(14, 1, Stage.RING, 8, 500, others=500),
    *(Count(9, 0, Stage.TALK, age, 1) for age in range(1, 101)),
]


def test_each_hour_is_a_bar_with_its_interval_below_the_top() -> None:
    sheet = sheet_of(COUNTS, comma=False)
    (nine, told), (two, _) = sheet.hours
    assert sheet.top_pct == 60
    assert (told.dials, told.people, told.share, told.interval) == (
        "1,000",
        "250",
        "25 %",
        "22–28 %",
    )
    assert two.y < nine.y, "who answer more often stand higher"
    assert two.high_y < two.y < two.low_y
    assert two.high_y >= 0
    assert (nine.label_pct, two.label_pct) == (25.0, 75.0)


def test_tries_are_told_apart() -> None:
    first, later = sheet_of(COUNTS, comma=False).tries
    assert (first.key, first.share) == (0, "25 %")
    assert (later.key, later.share) == (1, "50 %")


def test_a_part_falls_from_all_to_nearly_none() -> None:
    sheet = sheet_of(COUNTS, comma=False)
    talk = next(each for each in sheet.lines if each.stage == "TALK")
    assert talk.path.startswith("M0 0H10V1.0")
    assert (talk.until, talk.seen) == ("98", "100")
    told = next(each for each in sheet.parts if each.stage == "TALK")
    assert (told.half, told.most, told.seen) == ("50 s", "90 s", "100")


def test_what_was_never_seen_is_a_dash_and_no_line() -> None:
    sheet = sheet_of(COUNTS, comma=False)
    assert next(each for each in sheet.lines if each.stage == "WRAP").path == ""
    assert next(each for each in sheet.parts if each.stage == "WRAP").half == "–"


def test_numbers_are_written_as_the_language_does() -> None:
    assert (number(12_345, comma=True), number(12_345, comma=False)) == ("12.345", "12,345")
