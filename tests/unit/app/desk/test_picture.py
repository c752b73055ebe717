"""What the facts come to."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from app.customers.rules import Behaviour, reliability
from app.desk.picture import see
from app.desk.pop import Held, PopFacts
from app.values.money import Money
from tests.support.pops import BROKEN, CARD, EARLIER, FACTS, HA, LAST, NOW, PAID, TODAY


def test_nothing_known_is_an_empty_picture() -> None:
    picture = see(PopFacts(today=TODAY, now=NOW))

    assert (picture.loan, picture.arrears, picture.asked) == (None, None, None)
    assert picture.reliability is None
    assert picture.attempts_week == 1
    assert not picture.hardship


def test_the_loan_of_the_call_is_aged() -> None:
    picture = see(FACTS)

    assert picture.loan == CARD
    assert picture.arrears is not None
    assert picture.arrears.dpd == 45
    assert picture.rolled_from == "B2"


def test_a_loan_that_did_not_worsen_rolled_from_nowhere() -> None:
    facts = replace(FACTS, loans=(replace(CARD, bucket_before="B3"),))

    assert see(facts).rolled_from is None


def test_what_is_asked_for_is_due_else_overdue_else_all_and_never_more_than_owed() -> None:
    def asked(**changed: Any) -> Money | None:
        return see(replace(FACTS, loans=(replace(CARD, **changed),))).asked

    assert asked() == Money(5_420_000, "VND")
    assert asked(due_minor=0, overdue_minor=7) == Money(7, "VND")
    assert asked(due_minor=0, overdue_minor=0) == Money(38_900_000, "VND")
    assert asked(outstanding_minor=3) == Money(3, "VND")


def test_a_promise_broken_within_a_week_is_in_the_foreground_and_all_of_sixty_days_count() -> None:
    assert see(FACTS).broken == BROKEN
    assert see(FACTS).broken_60d == 2

    old = replace(FACTS, promises=(EARLIER, replace(EARLIER, due_on=TODAY - timedelta(days=61))))
    assert see(old).broken is None
    assert see(old).broken_60d == 1


def test_an_open_promise_runs_and_may_be_due_today() -> None:
    today = replace(BROKEN, state="OPEN", due_on=TODAY)
    later = replace(today, due_on=TODAY + timedelta(days=2))
    picture = see(replace(FACTS, promises=(later, today)))

    assert picture.due_today == today
    assert picture.running == today
    assert see(FACTS).running is None


def test_money_on_its_way_and_the_last_way_to_pay_are_seen() -> None:
    on_its_way = replace(PAID, status="PENDING", method="E_WALLET")
    picture = see(replace(FACTS, payments=(on_its_way, PAID)))

    assert picture.settling == on_its_way
    assert picture.last_method == "E_WALLET"
    assert see(FACTS).settling is None


def test_a_complaint_of_thirty_days_is_seen() -> None:
    fresh = replace(LAST, leaf="COMPLAINT_LOGGED", at=NOW - timedelta(days=30))
    old = replace(fresh, at=NOW - timedelta(days=31))

    assert see(replace(FACTS, actions=(fresh,))).complaint == fresh
    assert see(replace(FACTS, actions=(old,))).complaint is None


def test_calls_since_monday_count_and_this_one_with_them() -> None:
    calls = [replace(LAST, at=NOW - timedelta(days=days)) for days in (0, 6, 7)]
    letter = replace(LAST, kind="LETTER", at=NOW)

    assert see(replace(FACTS, actions=(*calls, letter))).attempts_week == 3


def test_open_disputes_are_counted() -> None:
    holds = (Held("DISPUTE_HOLD", None, "x", NOW), Held("TRACE", None, "x", NOW))

    assert see(replace(FACTS, holds=holds)).disputes == 1


def test_reliability_rests_on_promises_and_payments_of_a_year() -> None:
    facts = replace(
        FACTS,
        promises=(BROKEN, replace(BROKEN, state="KEPT"), replace(BROKEN, state="PARTLY_KEPT")),
        payments=(PAID, replace(PAID, paid_on=TODAY - timedelta(days=366))),
    )
    expected = Behaviour(
        kept=1,
        partly=1,
        broken=1,
        paid_share=Fraction(1_200_000, 1_200_000 + 5_420_000),
        days_since_payment=48,
    )

    assert see(facts).reliability == reliability(expected)


def test_somebody_who_never_owed_or_paid_has_a_score_of_limited_data() -> None:
    seen = see(PopFacts(today=TODAY, now=NOW, who=HA)).reliability

    assert seen is not None
    assert (seen.score, seen.limited) == (43, True)
