"""Half-open periods, working days, and windows on the wall of a zone with and without summer time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.values.period import (
    WHOLE_DAY,
    LocalWindow,
    Period,
    add_working_days,
    business_date,
    clock_text,
    day_start,
    is_open,
    is_working_day,
    next_close,
    next_day,
    next_open,
    next_open_everywhere,
    window_of,
    without,
)

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NEW_YORK = ZoneInfo("America/New_York")
CAIRO = ZoneInfo("Africa/Cairo")
REMINDERS = LocalWindow(7 * 60, 21 * 60)


def saigon(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=SAIGON)


def test_a_period_holds_its_start_and_not_its_end() -> None:
    start = saigon(2026, 11, 23, 8)
    period = Period(start, start + timedelta(hours=1))

    assert start in period
    assert period.end not in period
    assert period.duration == timedelta(hours=1)


def test_periods_that_touch_do_not_overlap() -> None:
    at = saigon(2026, 11, 23, 8)
    one = Period(at, at + timedelta(hours=2))
    after = Period(one.end, one.end + timedelta(hours=1))
    across = Period(at + timedelta(hours=1), one.end + timedelta(hours=1))

    assert not one.overlaps(after)
    assert one.within(after) is None
    assert one.within(across) == Period(across.start, one.end)


def test_a_period_needs_zones_and_an_order() -> None:
    at = saigon(2026, 11, 23, 8)
    with pytest.raises(ValueError, match="time zone"):
        Period(at.replace(tzinfo=None), at)
    with pytest.raises(ValueError, match="cannot end"):
        Period(at, at - timedelta(seconds=1))


@pytest.mark.parametrize(("opens", "closes"), [(60, 60), (-1, 5), (0, 1441)])
def test_a_window_that_is_no_window_is_refused(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="opens before"):
        LocalWindow(opens, closes)


@pytest.mark.parametrize("weekdays", [frozenset[int](), frozenset({0}), frozenset({8})])
def test_a_window_needs_weekdays(weekdays: frozenset[int]) -> None:
    with pytest.raises(ValueError, match="weekdays"):
        LocalWindow(0, 60, weekdays)


def test_a_window_is_inside_another_when_nowhere_wider() -> None:
    campaign = LocalWindow(8 * 60, 20 * 60, frozenset({1, 2, 3, 4, 5}))

    assert campaign.inside(REMINDERS)
    assert not REMINDERS.inside(campaign)


def test_the_window_closes_on_the_stroke() -> None:
    assert is_open([REMINDERS], saigon(2026, 11, 23, 20, 59, 59), SAIGON)
    assert not is_open([REMINDERS], saigon(2026, 11, 23, 21), SAIGON)
    assert not is_open([REMINDERS], saigon(2026, 11, 23, 6, 59, 59), SAIGON)
    assert is_open([REMINDERS], saigon(2026, 11, 23, 7), SAIGON)


def test_the_next_opening_is_tomorrow_morning_and_skips_closed_days() -> None:
    night = saigon(2026, 11, 23, 21)

    assert next_open([REMINDERS], night, SAIGON) == saigon(2026, 11, 24, 7)
    assert next_open([REMINDERS], night, SAIGON, [date(2026, 11, 24)]) == saigon(2026, 11, 25, 7)
    assert next_close([REMINDERS], saigon(2026, 11, 23, 20), SAIGON) == night


def test_an_open_window_opens_now() -> None:
    noon = saigon(2026, 11, 23, 12, 0, 1)

    assert next_open([REMINDERS], noon, SAIGON) == noon
    assert next_close([REMINDERS], saigon(2026, 11, 23, 22), SAIGON) == saigon(2026, 11, 23, 22)


def test_windows_of_weekdays_wait_for_monday() -> None:
    office = LocalWindow(8 * 60, 17 * 60, frozenset({1, 2, 3, 4, 5}))

    assert next_open([office], saigon(2026, 11, 27, 17), SAIGON) == saigon(2026, 11, 30, 8)


def test_what_never_opens_or_never_closes_says_so() -> None:
    at = saigon(2026, 11, 23, 12)

    assert next_open([], at, SAIGON) is None
    assert next_close([WHOLE_DAY], at, SAIGON) is None


def test_a_window_that_starts_in_the_hour_that_spring_skips_opens_at_the_jump() -> None:
    """New York, 8 March 2026: 02:00 becomes 03:00."""
    window = LocalWindow(2 * 60 + 30, 5 * 60)
    before = datetime(2026, 3, 8, 6, 59, tzinfo=UTC)

    assert next_open([window], before, NEW_YORK) == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_a_window_that_spring_skips_whole_does_not_open_that_day() -> None:
    window = LocalWindow(2 * 60 + 10, 2 * 60 + 50)
    before = datetime(2026, 3, 8, 6, tzinfo=UTC)

    assert next_open([window], before, NEW_YORK) == datetime(2026, 3, 9, 6, 10, tzinfo=UTC)


def test_a_window_in_the_hour_that_autumn_repeats_opens_twice() -> None:
    """New York, 1 November 2026: 02:00 becomes 01:00 again."""
    window = LocalWindow(60 + 30, 60 + 45)
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)

    assert next_open([window], first - timedelta(hours=1), NEW_YORK) == first
    assert next_close([window], first, NEW_YORK) == first + timedelta(minutes=15)
    assert next_open([window], first + timedelta(minutes=15), NEW_YORK) == second


def test_a_window_closes_early_when_the_clock_goes_back_before_it() -> None:
    window = LocalWindow(60 + 30, 3 * 60)
    at = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

    assert next_close([window], at, NEW_YORK) == datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_a_day_starts_when_its_midnight_is_over() -> None:
    assert day_start(date(2026, 11, 23), SAIGON) == datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert next_day(saigon(2026, 11, 23, 23, 59), SAIGON) == saigon(2026, 11, 24)
    # Cairo, 24 April 2026: 00:00 becomes 01:00, so the day starts at 22:00 UTC and not at 21:00.
    assert day_start(date(2026, 4, 24), CAIRO) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_the_business_date_is_the_one_on_the_wall() -> None:
    assert business_date(datetime(2026, 11, 22, 17, tzinfo=UTC), SAIGON) == date(2026, 11, 23)


def test_working_days_skip_weekends_and_holidays() -> None:
    friday, monday = date(2026, 11, 27), date(2026, 11, 30)

    assert is_working_day(friday)
    assert not is_working_day(date(2026, 11, 28))
    assert not is_working_day(friday, [friday])
    assert add_working_days(friday, 1) == monday
    assert add_working_days(friday, 3, [monday]) == date(2026, 12, 3)
    assert add_working_days(date(2026, 11, 28), 0) == monday
    assert add_working_days(date(2026, 11, 28), 1) == monday
    assert add_working_days(date(2026, 11, 29), 3) == date(2026, 12, 2)


def test_minutes_are_shown_as_a_clock() -> None:
    assert clock_text(7 * 60) == "07:00"
    assert clock_text(24 * 60) == "24:00"


def test_the_first_instant_that_is_open_everywhere() -> None:
    zones = [ZoneInfo(name) for name in ("America/New_York", "America/Los_Angeles")]
    office = [LocalWindow(9 * 60, 17 * 60)]
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert next_open_everywhere(office, at, zones) == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert next_open_everywhere([LocalWindow(0, 60)], at, zones) is None  # never midnight in both
    assert next_open_everywhere([], at, zones) is None


def test_hours_are_cut_out_of_windows() -> None:
    day = LocalWindow(8 * 60, 20 * 60)
    lunch = LocalWindow(12 * 60, 13 * 60)
    monday = LocalWindow(0, 10 * 60, frozenset({1}))

    assert without([day], []) == (day,)
    assert without([day], [lunch]) == (
        LocalWindow(8 * 60, 12 * 60),
        LocalWindow(13 * 60, 20 * 60),
    )
    assert without([day], [monday]) == (
        LocalWindow(8 * 60, 20 * 60, frozenset(range(2, 8))),
        LocalWindow(10 * 60, 20 * 60, frozenset({1})),
    )
    assert without([day], [WHOLE_DAY]) == ()


@pytest.mark.parametrize("text", ["12:00-14:00", "12-14", " 12–14h ", "12h-14h"])
def test_a_span_of_hours_is_read_as_people_write_it(text: str) -> None:
    assert window_of(text) == LocalWindow(12 * 60, 14 * 60)


@pytest.mark.parametrize("text", ["", "noi lam viec", "14-12", "8-25", "12:75-13:00"])
def test_what_is_no_span_of_hours_is_none(text: str) -> None:
    assert window_of(text) is None
