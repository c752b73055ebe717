"""Calls to practise on: every case makes a whole screen, and an outcome that is right for it can be chosen."""

from datetime import UTC, datetime

import pytest

from app.desk import practice
from app.desk.bars import Standing, barred
from app.desk.picture import see
from app.desk.pop import PopFacts
from app.desk.rules import compose
from app.history import dispositions
from app.history.tree import Chooser
from app.values.ids import new_id
from tests.support.pops import OCCASION

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
HOUSE = PopFacts(today=NOW.date(), now=NOW, bank="Ngân hàng Mẫu")
EVERY = range(len(practice.CASES))


@pytest.mark.req("S0a-086")
@pytest.mark.parametrize("number", EVERY)
def test_a_case_is_a_whole_screen(number: int) -> None:
    pop = compose(practice.facts_of(number, HOUSE), OCCASION)

    assert pop["customer"]["name"] == practice.case_at(number).display
    assert pop["loan"]["due_minor"] > 0
    assert pop["script"]["steps"]
    assert pop["presets"]["promise"]


@pytest.mark.parametrize("number", EVERY)
def test_what_fits_a_case_may_be_chosen_by_an_agent(number: int) -> None:
    picture = see(practice.facts_of(number, HOUSE))
    standing = Standing(picture.disputed, picture.hardship)

    for code in practice.case_at(number).fits:
        leaf = dispositions.leaf(code)
        assert leaf is not None
        assert leaf.chooser is Chooser.AGENT
        assert barred(code, standing) is None


def test_after_the_last_case_comes_the_first_with_a_call_of_its_own() -> None:
    again = len(practice.CASES)

    assert practice.case_at(again) is practice.CASES[0]
    assert practice.id_of(again) != practice.id_of(0)
    assert practice.number_of(practice.id_of(again)) == again


def test_a_call_that_was_made_is_not_of_practice() -> None:
    assert practice.number_of(new_id(1_795_000_000_000, bytes(10))) is None


def test_amounts_of_a_currency_with_cents_stay_small() -> None:
    dollars = PopFacts(today=NOW.date(), now=NOW, currency="USD")

    (loan,) = practice.facts_of(0, dollars).loans

    assert loan.due_minor == practice.CASES[0].owes.due // 100
