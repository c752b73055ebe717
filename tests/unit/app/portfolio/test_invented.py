"""Invented people: believable, nobody's, and the same again."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.rules import check_amounts
from app.portfolio.invented import PREFIXES, Invented, Stage
from app.portfolio.pasts import Inventor
from app.values.phone import PhoneKind, read_phone
from tests.support.portfolio import AGENT, NOW, ZONE, invent


@pytest.fixture(scope="module")
def made() -> Invented:
    return invent()


def test_the_same_seed_invents_the_same_and_another_does_not() -> None:
    assert dict(invent(60).tables()) == dict(invent(60).tables())
    assert invent(60).customers != invent(60, seed=2).customers


def test_every_number_is_a_mobile_that_no_operator_has(made: Invented) -> None:
    numbers = [phone["number"] for phone in made.phones]
    assert len(set(numbers)) == len(numbers)
    for phone in made.phones:
        read = read_phone(phone["raw"])
        assert (read.e164, read.kind) == (phone["number"], PhoneKind.MOBILE)
        assert phone["raw"].startswith(PREFIXES)


def test_each_customer_has_one_primary_number_that_may_be_dialled(made: Invented) -> None:
    primary = Counter(phone["customer_id"] for phone in made.phones if phone["is_primary"])
    assert set(primary.values()) == {1}
    assert all(phone["dialable"] for phone in made.phones if phone["is_primary"])


def test_amounts_agree_and_nothing_lies_in_the_future(made: Invented) -> None:
    today = NOW.astimezone(ZONE).date()
    for loan in made.loans:
        amounts = (loan["outstanding_minor"], loan["overdue_minor"], loan["due_minor"])
        assert check_amounts(*amounts) is None
        assert loan["opened_on"] < today
        assert bool(loan["overdue_minor"]) == bool(loan["oldest_unpaid_due_on"])
    assert all(
        payment["paid_at"] <= NOW and payment["amount_minor"] > 0 for payment in made.payments
    )
    assert all(action["at"] <= NOW for action in made.actions)


def test_every_bucket_product_and_branch_is_there(made: Invented) -> None:
    assert {loan["product"] for loan in made.loans} == {
        "CREDIT_CARD",
        "PERSONAL",
        "AUTO",
        "MORTGAGE",
    }
    ages = [
        (NOW.date() - loan["oldest_unpaid_due_on"]).days
        for loan in made.loans
        if loan["overdue_minor"]
    ]
    assert min(ages) < 10
    assert max(ages) > 360
    assert len({customer["province"] for customer in made.customers}) == 5
    assert {customer["kind"] for customer in made.customers} == {"INDIVIDUAL", "ORGANIZATION"}


def test_a_moment_is_in_calling_hours_or_just_before_now() -> None:
    inventor = Inventor(random.Random(1), Stage(NOW, ZONE, [AGENT]))
    yesterday = NOW.astimezone(ZONE).date() - timedelta(days=1)
    assert all(8 <= inventor.moment(yesterday).astimezone(ZONE).hour < 20 for _ in range(200))
    assert all(inventor.moment(NOW.date()) < NOW for _ in range(50))


class Repeating(random.Random):
    """Draws the same number twice before it draws another."""

    drawn = 0

    def randrange(self, *_: int) -> int:  # type: ignore[override]  # one number is enough here
        self.drawn += 1
        return self.drawn // 3

    def choice(self, seq: Any) -> Any:
        return seq[0]


def test_a_number_is_not_given_out_twice() -> None:
    inventor = Inventor(Repeating(1), Stage(NOW, ZONE, [AGENT]))
    assert [inventor.number(), inventor.number()] == ["+84500000000", "+84500000001"]
