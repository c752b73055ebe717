"""Domain section 6.1, points 2 to 6, with its test vectors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.promises.judging import Judgement, Paid, Promised, judge
from app.promises.rules import required_minor, window_end

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MADE = datetime(2026, 11, 10, 9, 0, tzinfo=ZONE)
NEVER = datetime(2026, 11, 11, tzinfo=ZONE)
AFTER = datetime(2026, 12, 31, tzinfo=ZONE)


def at(day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZONE)


def promise(amount: int, due_day: int, *, number: int = 1, state: str = "OPEN") -> Promised:
    due = at(due_day).date()
    return Promised(
        UUID(int=number), state, amount, required_minor(amount), MADE, window_end(due, 1, ZONE)
    )


def one(found: list[Judgement]) -> tuple[str, int, int]:
    (judgement,) = found
    return judgement.state, judgement.in_window_minor, judgement.late_minor


@pytest.mark.parametrize(
    ("amount", "when", "ended"),
    [
        (5_000_000, at(20), ("KEPT", 5_000_000, 0)),
        (4_990_000, at(21, 23, 59, 59), ("KEPT", 4_990_000, 0)),
        (4_989_999, at(20), ("PARTLY_KEPT", 4_989_999, 0)),
        (5_000_000, at(22, 0), ("BROKEN", 0, 5_000_000)),
    ],
)
def test_the_vectors_of_one_promise(
    amount: int, when: datetime, ended: tuple[str, int, int]
) -> None:
    assert one(judge([promise(5_000_000, 20)], [Paid(amount, when)], AFTER)) == ended


def test_the_vector_of_two_promises_and_one_payment() -> None:
    first, second = promise(2_000_000, 18), promise(3_000_000, 20, number=2)
    found = judge([first, second], [Paid(2_500_000, at(17))], at(17, 13))
    assert [(j.state, j.in_window_minor) for j in found] == [("KEPT", 2_000_000), ("OPEN", 500_000)]


def test_an_open_promise_is_kept_at_once_and_judged_otherwise_at_its_windows_end() -> None:
    kept, running = [Paid(5_000_000, at(12))], [Paid(1, at(12))]
    assert one(judge([promise(5_000_000, 20)], kept, at(12)))[0] == "KEPT"
    assert one(judge([promise(5_000_000, 20)], running, at(21, 23, 59, 59)))[0] == "OPEN"
    assert one(judge([promise(5_000_000, 20)], running, at(22, 0)))[0] == "PARTLY_KEPT"
    assert one(judge([promise(5_000_000, 20)], [], at(22, 0)))[0] == "BROKEN"


def test_money_from_before_the_promise_is_not_its_money() -> None:
    early = [Paid(5_000_000, MADE - timedelta(seconds=1))]
    assert one(judge([promise(5_000_000, 20)], early, AFTER)) == ("BROKEN", 0, 0)


def test_paying_late_never_mends_a_broken_promise() -> None:
    broken = promise(5_000_000, 20, state="BROKEN")
    assert one(judge([broken], [Paid(9_000_000, at(25))], AFTER)) == ("BROKEN", 0, 5_000_000)


@pytest.mark.parametrize(
    ("state", "paid", "ended"),
    [
        ("BROKEN", [], ("BROKEN", 0, 0)),
        ("BROKEN", [Paid(1, at(21))], ("PARTLY_KEPT", 1, 0)),
        ("BROKEN", [Paid(4_990_000, at(21))], ("KEPT", 4_990_000, 0)),
        ("BROKEN", [Paid(5_000_000, at(22, 0))], ("BROKEN", 0, 5_000_000)),
        ("PARTLY_KEPT", [Paid(1, at(20)), Paid(4_990_000, at(21))], ("KEPT", 4_990_001, 0)),
        ("PARTLY_KEPT", [], ("PARTLY_KEPT", 0, 0)),
        ("KEPT", [], ("KEPT", 0, 0)),
    ],
)
def test_money_paid_in_time_and_told_late_makes_a_judgement_better_never_worse(
    state: str, paid: list[Paid], ended: tuple[str, int, int]
) -> None:
    heard = replace(promise(5_000_000, 20, state=state), heard_until=at(27, 0))
    assert one(judge([heard], paid, at(26, 23, 59, 59))) == ended


def test_a_judgement_stands_once_nobody_is_heard_any_more() -> None:
    broken = replace(promise(5_000_000, 20, state="BROKEN"), heard_until=at(27, 0))
    assert one(judge([broken], [Paid(5_000_000, at(20))], at(27, 0)))[0] == "BROKEN"


def test_a_kept_promise_takes_no_late_money() -> None:
    kept = promise(5_000_000, 20, state="KEPT")
    paid = [Paid(4_990_000, at(20)), Paid(10_000, at(25))]
    assert one(judge([kept], paid, AFTER)) == ("KEPT", 4_990_000, 0)


def test_money_counts_once_over_promises_and_payments() -> None:
    promises = [promise(2_000_000, 18), promise(2_000_000, 20, number=2)]
    found = judge(promises, [Paid(1_500_000, at(17)), Paid(1_000_000, at(18))], at(19))
    assert [j.in_window_minor for j in found] == [2_000_000, 500_000]


@pytest.mark.parametrize("state", ["CANCELLED", "RESCHEDULED"])
def test_a_promise_that_was_moved_or_withdrawn_takes_nothing(state: str) -> None:
    moved, running = promise(5_000_000, 18, state=state), promise(5_000_000, 20, number=2)
    found = judge([moved, running], [Paid(5_000_000, at(17))], at(18))
    assert [(j.id, j.state) for j in found] == [(UUID(int=2), "KEPT")]


def test_instants_of_any_zone_compare() -> None:
    utc_midnight = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # midnight in Ho Chi Minh City
    assert (
        one(judge([promise(5_000_000, 20)], [Paid(5_000_000, utc_midnight)], AFTER))[0] == "BROKEN"
    )
