"""Laws of money meeting promises (domain section 6.1, invariant 8 of section 11), and its vectors."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.promises.judging import Judgement, Paid, Promised, judge
from app.promises.rules import required_minor, window_end

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 11, 16, 2, tzinfo=UTC)


def promised(number: int, amount: int, day: int) -> Promised:
    """A promise made on 16/11 for a day of November, with the default terms."""
    due_on = datetime(2026, 11, day, tzinfo=UTC).date()
    ends = window_end(due_on, 1, SAIGON)
    return Promised(UUID(int=number), "OPEN", amount, required_minor(amount), START, ends)


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=SAIGON)


FIVE = promised(1, 5_000_000, 20)
LATER = at(30)


@pytest.mark.parametrize(
    ("paid", "state", "in_window", "late"),
    [
        (Paid(5_000_000, at(20, 12)), "KEPT", 5_000_000, 0),
        (Paid(4_990_000, at(21, 23, 59, 59)), "KEPT", 4_990_000, 0),
        (Paid(4_989_999, at(21, 23, 59, 59)), "PARTLY_KEPT", 4_989_999, 0),
        (Paid(5_000_000, at(22)), "BROKEN", 0, 5_000_000),
    ],
)
def test_the_vectors_of_one_promise(paid: Paid, state: str, in_window: int, late: int) -> None:
    assert judge([FIVE], [paid], LATER) == [Judgement(FIVE.id, state, in_window, late)]


def test_the_vector_of_two_promises_and_one_payment() -> None:
    first, second = promised(1, 2_000_000, 18), promised(2, 3_000_000, 20)

    judged = judge([first, second], [Paid(2_500_000, at(17, 9))], at(17, 10))

    assert [(one.state, one.in_window_minor) for one in judged] == [
        ("KEPT", 2_000_000),
        ("OPEN", 500_000),
    ]


PROMISES = st.lists(
    st.tuples(st.integers(1, 9_000_000), st.integers(16, 26)), min_size=1, max_size=5
).map(
    lambda rows: [
        promised(number, amount, day)
        for number, (amount, day) in enumerate(sorted(rows, key=lambda row: row[1]))
    ]
)
PAYMENTS = st.lists(st.tuples(st.integers(1, 9_000_000), st.integers(-2, 16 * 24)), max_size=6).map(
    lambda rows: [
        Paid(amount, START + timedelta(hours=hours))
        for amount, hours in sorted(rows, key=lambda row: row[1])
    ]
)


@given(PROMISES, PAYMENTS)
def test_one_money_unit_counts_once(promises: list[Promised], payments: list[Paid]) -> None:
    judged = judge(promises, payments, LATER)
    counted = sum(one.in_window_minor + one.late_minor for one in judged)

    assert counted <= sum(paid.amount_minor for paid in payments)
    for promise, one in zip(promises, judged, strict=True):
        assert 0 <= one.in_window_minor + one.late_minor <= promise.amount_minor


@given(PROMISES, PAYMENTS)
def test_after_every_window_each_promise_is_kept_partly_kept_or_broken(
    promises: list[Promised], payments: list[Paid]
) -> None:
    for promise, one in zip(promises, judge(promises, payments, LATER), strict=True):
        if one.state == "KEPT":
            assert one.in_window_minor >= promise.required_minor
        elif one.state == "PARTLY_KEPT":
            assert 0 < one.in_window_minor < promise.required_minor
        else:
            assert (one.state, one.in_window_minor) == ("BROKEN", 0)


@given(PROMISES, PAYMENTS, st.integers(1, 9_000_000))
def test_more_money_in_time_never_makes_a_promise_worse(
    promises: list[Promised], payments: list[Paid], more: int
) -> None:
    order = ["BROKEN", "PARTLY_KEPT", "KEPT"]
    before = judge(promises, payments, LATER)
    after = judge(promises, [Paid(more, START), *payments], LATER)

    assert sum(one.in_window_minor for one in after) >= sum(one.in_window_minor for one in before)
    if len(promises) == 1:
        assert order.index(after[0].state) >= order.index(before[0].state)


@given(PROMISES, PAYMENTS)
def test_paying_late_mends_nothing(promises: list[Promised], payments: list[Paid]) -> None:
    broken = [one.id for one in judge(promises, payments, LATER) if one.state == "BROKEN"]
    late = [*payments, Paid(10**9, LATER)]

    assert [one.id for one in judge(promises, late, LATER) if one.state == "BROKEN"] == broken
