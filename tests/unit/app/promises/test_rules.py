"""Entry checks, required amount, labels and rates of domain section 6.1."""

from datetime import UTC, date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from app.promises.rules import (
    Judged,
    KeptRates,
    Offer,
    Terms,
    entry_objections,
    hearing_end,
    kept_rates,
    required_minor,
    shown_state,
    window_end,
)

TODAY = date(2026, 11, 17)
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")


def test_the_window_ends_with_the_last_day_of_grace() -> None:
    """Vector: due 20/11, grace 1: 21/11 23:59:59 counts, 22/11 00:00:00 is too late."""
    assert window_end(date(2026, 11, 20), 1, SAIGON) == datetime(2026, 11, 21, 17, tzinfo=UTC)


def test_the_tolerance_is_let_off() -> None:
    """Vector: 4,990,000 of 5,000,000 is kept, 4,989,999 is not."""
    assert required_minor(5_000_000) == 4_990_000
    assert required_minor(5_000_000, Terms(threshold_pct=90, tolerance_minor=0)) == 4_500_000


def test_something_must_always_come_in() -> None:
    assert required_minor(5_000) == 1


@pytest.mark.parametrize(
    ("offer", "codes"),
    [
        (Offer(5_000_000, TODAY, 5_000_000), []),
        (Offer(5_000_000, date(2026, 12, 1), 5_000_000), []),
        (Offer(0, TODAY, 5_000_000), ["AMOUNT_ZERO"]),
        (Offer(5_000_001, TODAY, 5_000_000), ["ABOVE_OUTSTANDING"]),
        (Offer(3_000_000, TODAY, 5_000_000, 2_000_001), ["PROMISED_TWICE"]),
        (Offer(1, date(2026, 11, 16), 5), ["DUE_PAST"]),
        (Offer(-1, date(2026, 12, 2), 5), ["AMOUNT_ZERO", "DUE_TOO_FAR"]),
    ],
)
def test_an_offer_is_checked_before_it_is_a_promise(offer: Offer, codes: list[str]) -> None:
    found = entry_objections(offer, TODAY)

    assert [objection.code for objection in found] == codes
    assert all(objection.why_vi and objection.why_en for objection in found)


def test_a_promise_for_a_holiday_is_only_warned_about() -> None:
    (objection,) = entry_objections(Offer(1, TODAY, 5), TODAY, holidays=[TODAY])

    assert (objection.code, objection.warning) == ("HOLIDAY", True)


@pytest.mark.parametrize(
    ("state", "due_on", "shown"),
    [
        ("KEPT", TODAY, "KEPT"),
        ("OPEN", date(2026, 11, 18), "UPCOMING"),
        ("OPEN", TODAY, "DUE_TODAY"),
        ("OPEN", date(2026, 11, 16), "IN_GRACE"),
    ],
)
def test_an_open_promise_is_told_by_its_day(state: str, due_on: date, shown: str) -> None:
    assert shown_state(state, due_on, TODAY) == shown


def test_money_on_its_way_keeps_a_promise_provisionally() -> None:
    assert shown_state("OPEN", TODAY, TODAY, provisional=True) == "PROVISIONALLY_KEPT"
    assert shown_state("BROKEN", TODAY, TODAY, provisional=True) == "BROKEN"


@pytest.mark.req("S2-025")
def test_rates_count_only_what_was_judged() -> None:
    rates = kept_rates(
        [
            Judged("KEPT", 2_000, 2_000),
            Judged("PARTLY_KEPT", 3_000, 1_000),
            Judged("BROKEN", 5_000, 0),
            Judged("RESCHEDULED", 9_000, 0),
            Judged("OPEN", 9_000, 0),
        ]
    )

    assert rates == KeptRates(Fraction(1, 3), Fraction(3, 10), 2, 7_000)


def test_before_the_first_judgement_there_is_no_rate() -> None:
    assert kept_rates([]) == KeptRates(None, None, 0, 0)


@pytest.mark.parametrize(
    ("ends", "holidays", "until"),
    [
        (20, (), date(2026, 11, 27)),  # Friday: itself, then Monday to Thursday
        (21, (), date(2026, 11, 28)),  # Saturday: Monday to Friday
        (23, (), date(2026, 11, 28)),  # Monday: the whole week
        (23, (24, 25), date(2026, 12, 2)),  # two holidays: on to Monday and Tuesday
    ],
)
def test_money_told_late_is_heard_for_five_business_days(
    ends: int, holidays: tuple[int, ...], until: date
) -> None:
    end = datetime(2026, 11, ends, tzinfo=SAIGON)
    days = {date(2026, 11, day) for day in holidays}
    assert hearing_end(end, days) == datetime.combine(until, time(), SAIGON)
