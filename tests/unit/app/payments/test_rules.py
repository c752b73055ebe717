"""The payment pattern of domain section 6.5."""

from datetime import date, timedelta

from app.payments.rules import DueItem, Pattern, pattern

FIRST = date(2026, 5, 5)


def due(month: int, *paid: tuple[int, int]) -> DueItem:
    """The due date of a month, with payments as (days late, amount); 1,000 was due."""
    on = FIRST + timedelta(days=30 * month)
    return DueItem(on, 1_000, tuple((on + timedelta(days=late), minor) for late, minor in paid))


def test_four_of_six_in_time_and_in_full_are_regular() -> None:
    items = [due(n, (5, 950)) for n in range(3)] + [
        due(3, (-5, 1_000)),
        due(4),
        due(5, (20, 1_000)),
    ]

    assert pattern(items) is Pattern.REGULAR


def test_a_day_or_a_dong_less_is_not_in_time() -> None:
    late = [due(n, (6, 1_000)) for n in range(6)]
    short = [due(n, (0, 949)) for n in range(6)]

    assert pattern(late) is pattern(short) is Pattern.IRREGULAR


def test_parts_that_add_up_count() -> None:
    assert pattern([due(n, (0, 500), (3, 500)) for n in range(4)]) is Pattern.REGULAR


def test_two_unpaid_in_a_row_have_stopped() -> None:
    assert pattern([*(due(n, (0, 1_000)) for n in range(4)), due(4), due(5)]) is Pattern.STOPPED


def test_only_the_last_six_count() -> None:
    old = [due(n, (0, 1_000)) for n in range(4)]
    new = [due(n, (9, 1_000)) for n in range(4, 10)]

    assert pattern([*new, *old]) is Pattern.IRREGULAR


def test_two_due_dates_are_too_few_to_tell() -> None:
    assert pattern([due(0, (0, 1_000)), due(1)]) is Pattern.INSUFFICIENT
