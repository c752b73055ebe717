"""How a customer is to be treated: the words, and the small decisions."""

from datetime import date, timedelta

import pytest

from app.care.rules import (
    DECIDED,
    MANNERS,
    DisputeStatus,
    StatusType,
    answer_due,
    check_review_day,
    first_review,
    may_become,
)
from app.customers.rules import COOPERATION

TODAY = date(2026, 11, 23)


@pytest.mark.req("S0b-033")
def test_every_status_stands_for_a_level_of_cooperation() -> None:
    assert set(COOPERATION) == set(StatusType)
    assert set(StatusType) > MANNERS


@pytest.mark.req("S4a-040")
def test_a_dispute_is_taken_up_or_decided_and_stays_decided() -> None:
    assert may_become("OPEN", "IN_REVIEW")
    assert may_become("OPEN", "CORRECTED")
    assert all(may_become(now, done) for now in ("OPEN", "IN_REVIEW") for done in DECIDED)
    assert not may_become("IN_REVIEW", "OPEN")
    assert not may_become("IN_REVIEW", "CORRECTED")
    assert not any(may_become(done, other) for done in DECIDED for other in DisputeStatus)
    assert not may_become("ODD", "UPHELD")


def test_an_answer_and_a_first_look_have_their_days() -> None:
    assert answer_due(TODAY) == TODAY + timedelta(days=10)
    assert first_review(TODAY) == TODAY + timedelta(days=5)


def test_the_next_look_lies_ahead_and_within_a_quarter() -> None:
    assert check_review_day(TODAY, TODAY) == "Choose a day after today."
    assert check_review_day(TODAY + timedelta(days=91), TODAY) == "Choose a day within 90 days."
    assert check_review_day(TODAY + timedelta(days=90), TODAY) is None
