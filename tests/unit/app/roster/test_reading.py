"""Shifts as people write them, in a file and in the form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.errors import Invalid
from app.portfolio.service import DateOrder, Fault
from app.roster.reading import Entry, Layout, Times, UnplannableError, read_row, read_shift
from app.roster.rules import Shift, breaks_text, span_text, week_of

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 11, 23)
HEADER = ["Nhân viên", "Ngày", "Vào ca", "Hết ca", "Giờ nghỉ", "Ghi chú"]


def planned(starts: str, ends: str, breaks: str = "") -> Shift:
    found = read_shift(DAY, Times(starts, ends, breaks), ZONE)
    assert found is not None
    return found


def test_times_of_the_wall_are_kept_as_instants_and_told_as_they_were_written() -> None:
    shift = planned("08:00", "17:00", "15:00-15:15, 12:00 - 13:00")
    assert shift.period.start == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert span_text(shift.period, ZONE) == "08:00-17:00"
    assert breaks_text(shift, ZONE) == "12:00-13:00; 15:00-15:15"
    assert planned("08:00", "17:00", breaks_text(shift, ZONE)) == shift


@pytest.mark.parametrize("written", ["8:00", "8h", "8h00", "8.00", "08:00:00", "08:00"])
def test_a_time_may_be_written_as_people_write_it(written: str) -> None:
    assert planned(written, "12h30") == planned("08:00", "12:30")


def test_a_shift_may_end_at_midnight() -> None:
    shift = planned("14:00", "24:00")
    assert shift.period.end == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert span_text(shift.period, ZONE) == "14:00-24:00"


def test_a_day_of_twenty_five_hours_is_kept_right() -> None:
    """The clocks of Berlin go back at three in the morning."""
    zone = ZoneInfo("Europe/Berlin")
    shift = read_shift(date(2026, 10, 25), Times("00:00", "24:00"), zone)
    assert shift is not None
    assert shift.period.duration.total_seconds() == 25 * 3_600


def test_nothing_written_is_a_day_off() -> None:
    assert read_shift(DAY, Times("", ""), ZONE) is None


@pytest.mark.parametrize(
    ("times", "field", "code"),
    [
        (("08:00", ""), "ends", "CLOCK"),
        (("", "17:00"), "starts", "CLOCK"),
        (("", "", "12:00-13:00"), "starts", "REQUIRED"),
        (("25:00", "26:00"), "starts", "CLOCK"),
        (("08:60", "17:00"), "starts", "CLOCK"),
        (("morning", "17:00"), "starts", "CLOCK"),
        (("24:01", "24:00"), "starts", "CLOCK"),
        (("17:00", "08:00"), "ends", "SHIFT_ORDER"),
        (("08:00", "08:00"), "ends", "SHIFT_ORDER"),
        (("08:00", "17:00", "lunch"), "breaks", "BREAK_SPAN"),
        (("08:00", "17:00", "13:00-12:00"), "breaks", "BREAK_SPAN"),
        (("08:00", "17:00", "07:00-08:30"), "breaks", "BREAK_OUTSIDE"),
        (("08:00", "17:00", "12:00-13:00; 13:00-13:30"), "breaks", "BREAKS_TOUCH"),
        (("08:00", "17:00", ";".join(f"{h}:00-{h}:10" for h in range(8, 17))), "breaks", "BREAKS_MANY"),
    ],
)  # fmt: skip
def test_what_is_no_shift_is_refused_at_its_field(
    times: tuple[str, ...], field: str, code: str
) -> None:
    with pytest.raises(UnplannableError) as refused:
        read_shift(DAY, Times(*times), ZONE)
    assert (refused.value.field, refused.value.reason.code) == (field, code)


def test_columns_are_known_in_both_languages_and_others_are_passed_over() -> None:
    layout = Layout(HEADER)
    assert layout.ignored == ["Ghi chú"]
    cells = ["minh", "23/11/2026", "8h", "17h", "12:00-13:00", "x"]
    assert read_row(layout, cells, DateOrder.DMY, ZONE) == Entry(
        "minh", DAY, planned("08:00", "17:00", "12:00-13:00")
    )
    english = Layout(["start", "end", "date", "agent"])
    assert read_row(english, ["8:00", "9:00", "2026-11-23", "minh"], DateOrder.MDY, ZONE) == Entry(
        "minh", DAY, planned("08:00", "09:00")
    )


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (["", "23/11/2026", "8h", "17h", "", ""], ("agent", "REQUIRED")),
        (["minh", "45985", "8h", "17h", "", ""], ("day", "EXCEL_SERIAL")),
        (["minh", "", "8h", "17h", "", ""], ("day", "DATE")),
        (["minh", "23/11/2026", "8h", "7h", "", ""], ("ends", "SHIFT_ORDER")),
    ],
)
def test_a_row_that_cannot_be_says_which_cell_and_why(
    cells: list[str], fault: tuple[str, str]
) -> None:
    found = read_row(Layout(HEADER), cells, DateOrder.DMY, ZONE)
    assert isinstance(found, Fault)
    assert (found.field, found.reason.code) == fault


@pytest.mark.parametrize(
    "header", [["agent", "day", "starts"], ["agent", "day", "start", "from", "ends"]]
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(header: list[str]) -> None:
    with pytest.raises(Invalid, match="columns"):
        Layout(header)


def test_a_week_begins_on_monday() -> None:
    week = week_of(date(2026, 11, 29))
    assert (week[0], week[-1]) == (DAY, date(2026, 11, 29))
