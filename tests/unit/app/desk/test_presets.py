"""Presets of ux 4.4: the promise, and callbacks with illegal times refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.desk import presets
from app.desk.picture import see
from app.desk.pop import PopFacts
from tests.support.pops import BROKEN, CARD, DISPUTE, FACTS, HA, NOW, PAID, RINGING, TODAY


def refusals(
    facts: PopFacts, attempts: int = 1, language: str = "en", cap: int = RINGING.cap
) -> list[str | None]:
    rows = presets.callbacks(facts, see(facts), language, tried=attempts, cap=cap)
    return [row["refused"] for row in rows]


def at(hour: int, minute: int = 0) -> datetime:
    """That hour in Ho Chi Minh City on the day of the facts."""
    return datetime(2026, 11, 22, hour - 7, minute, tzinfo=UTC)


def test_a_promise_is_filled_in_with_amount_day_and_last_way_to_pay() -> None:
    calm = replace(FACTS, who=replace(HA, hardship=None))
    assert presets.promise(calm, see(calm)) == {
        "amount_minor": 5_420_000,
        "currency": "VND",
        "due_on": "2026-11-25",
        "method": "QR",
    }


def test_somebody_who_never_paid_is_offered_a_transfer() -> None:
    filled = presets.promise(FACTS, see(replace(FACTS, payments=())))

    assert filled is not None
    assert filled["method"] == "BANK_TRANSFER"


@pytest.mark.req("S0b-036")
def test_somebody_in_hardship_is_offered_a_part_and_nothing_is_promised_on_a_contested_debt() -> (
    None
):
    strained = presets.promise(FACTS, see(FACTS))
    contested = replace(FACTS, disputes=(DISPUTE,))

    assert strained is not None
    assert strained["amount_minor"] == 2_100_000
    assert presets.promise(contested, see(contested)) is None


def test_nothing_owed_is_nothing_to_promise() -> None:
    free = replace(FACTS, loans=(replace(CARD, outstanding_minor=0),))

    assert presets.promise(free, see(free)) is None
    assert presets.promise(FACTS, see(replace(FACTS, loans=()))) is None


def test_four_times_to_call_back() -> None:
    rows = presets.callbacks(FACTS, see(FACTS), "vi", tried=1, cap=3)

    assert [(row["key"], row["label"]) for row in rows] == [
        ("1", "Sau 1 giờ"),
        ("2", "Tối nay 18:30"),
        ("3", "Mai cùng giờ"),
        ("4", "Ngày đến hạn 05/12"),
    ]
    assert [row["at"] for row in rows] == [
        int(instant.timestamp() * 1000)
        for instant in (
            at(15, 5),
            at(18, 30),
            at(14, 5) + timedelta(days=1),
            datetime(2026, 12, 5, 2, tzinfo=UTC),
        )
    ]


def test_the_due_day_is_the_running_promises_else_the_loans_else_the_one_asked_for() -> None:
    running = replace(BROKEN, state="OPEN", due_on=TODAY + timedelta(days=2))
    promised = replace(FACTS, promises=(running,))
    bare = replace(FACTS, loans=(replace(CARD, next_due_on=TODAY),), promises=())
    nobody = PopFacts(today=TODAY, now=NOW)

    def label(facts: PopFacts) -> str:
        return str(presets.callbacks(facts, see(facts), "en", tried=1, cap=3)[3]["label"])

    assert label(promised) == "On the due day 24/11"
    assert label(bare) == label(nobody) == "On the due day 25/11"


def test_an_hour_later_may_be_too_late_in_the_evening() -> None:
    late = replace(FACTS, now=at(20, 30))

    assert refusals(late) == ["Outside calling hours", "This time has passed", None, None]
    assert refusals(late, language="vi")[0] == "Ngoài giờ gọi"


def test_a_callback_at_a_minute_to_nine_in_the_evening_is_allowed_and_at_nine_is_not() -> None:
    assert refusals(replace(FACTS, now=at(19, 59)))[0] is None
    assert refusals(replace(FACTS, now=at(20, 0)))[0] == "Outside calling hours"


def test_the_cap_of_the_day_refuses_today_and_not_tomorrow() -> None:
    assert refusals(FACTS, attempts=3) == ["Daily cap reached", "Daily cap reached", None, None]


def test_where_nothing_caps_the_day_nothing_is_refused_for_it() -> None:
    free = replace(FACTS, legal_profile="NONE")

    assert refusals(free, attempts=40, cap=0) == [None] * 4


def test_hours_are_those_of_the_customers_place() -> None:
    abroad = replace(FACTS, who=replace(HA, timezone="America/New_York"))

    assert refusals(abroad)[0] == "Outside calling hours"


def test_an_unknown_profile_is_judged_by_the_strictest_we_keep() -> None:
    odd = replace(FACTS, legal_profile="ATLANTIS", payments=(PAID,), now=at(20, 30))

    assert refusals(odd)[0] == "Outside calling hours"
