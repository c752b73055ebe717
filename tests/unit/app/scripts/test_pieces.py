"""Which piece fits a call: one order, the customer unless asked, and somebody to speak to everybody."""

import pytest

from app.scripts.defaults import BOOK
from app.scripts.fields import Party, Situation
from app.scripts.pieces import (
    Sort,
    a_book,
    choose,
    fits,
    fitting,
    heaviest_call,
    lacking,
    possible_parties,
    unticked,
    with_changes,
)
from app.scripts.rules import EVERYBODY, All, Condition, Not, Some
from tests.support.scripts import a_script, a_statement

CARD = Condition("product", "=", "CREDIT_CARD")
THIRD = Condition("party", "=", "THIRD_PARTY")
OTHERS = [Situation(party=party, product="CREDIT_CARD") for party in Party if party != "CUSTOMER"]


def test_the_first_by_priority_is_taken_and_of_equals_the_first_by_code() -> None:
    first = a_script("OVERDUE", priority=5, when=CARD)
    book = a_book(
        1, [a_script("CURRENT", code="ZED", priority=5, when=CARD), first, a_script("LATE")]
    )
    assert choose(book, Sort.SCRIPT, Situation(product="CREDIT_CARD", dpd=99)) == first
    assert [p.code for p in fitting(book, Sort.SCRIPT, Situation(product="CREDIT_CARD"))] == [
        "OVERDUE",
        "ZED",
    ]
    assert choose(book, Sort.GREETING, Situation()) is None


def test_a_piece_that_is_not_in_use_is_not_taken() -> None:
    book = a_book(1, [a_script(when=EVERYBODY, active=False)])
    assert choose(book, Sort.SCRIPT, Situation()) is None
    assert book.find((Sort.SCRIPT, "OVERDUE")) is not None
    assert book.find((Sort.SCRIPT, "OTHER")) is None


@pytest.mark.parametrize("rule", [EVERYBODY, CARD, Not(Condition("dpd", ">", 3))])
@pytest.mark.parametrize("situation", OTHERS)
def test_a_rule_that_does_not_ask_who_it_is_speaks_to_the_customer_only(
    rule: Condition, situation: Situation
) -> None:
    assert not fits(a_script(when=rule), situation)
    assert possible_parties(a_script(when=rule)) == {Party.CUSTOMER}


def test_a_rule_that_asks_who_it_is_says_to_whom_it_speaks() -> None:
    third = a_script(when=All((THIRD, CARD)))
    assert fits(third, Situation(party=Party.THIRD_PARTY, product="CREDIT_CARD"))
    assert not fits(third, Situation(party=Party.THIRD_PARTY))
    assert possible_parties(third) == {Party.THIRD_PARTY}
    assert possible_parties(a_script(when=Some((THIRD, CARD)))) == set(Party)


def test_a_statement_is_for_everybody_that_its_rule_names() -> None:
    assert fits(a_statement(), Situation(party=Party.THIRD_PARTY))
    assert not fits(a_statement(when=CARD), Situation(product="AUTO"))


@pytest.mark.req("S0b-029")
def test_an_outcome_waits_for_its_statements() -> None:
    assert [s.code for s in unticked(BOOK, "PTP_SCHEDULED", [])] == [
        "RECORDING_NOTICE", "IDENTITY_CHECK", "PAYMENT_ACCOUNT_NOTICE", "PROMISE_SUMMARY",
    ]  # fmt: skip
    said = ["RECORDING_NOTICE", "IDENTITY_CHECK"]
    assert [s.code for s in unticked(BOOK, "PTP_PAID", said)] == ["PAYMENT_ACCOUNT_NOTICE"]
    assert unticked(BOOK, "WRONG_NUMBER_INVALID", []) == ()
    assert unticked(BOOK, "HUNG_UP_BEFORE_ID", []) == ()


def test_a_book_must_have_something_to_say_to_everybody() -> None:
    assert lacking(BOOK) == ()
    without = with_changes(BOOK, [], {(Sort.SCRIPT, "THIRD_PARTY"), (Sort.SCRIPT, "CURRENT")}, 2)
    assert lacking(without) == (
        (Sort.SCRIPT, Party.CUSTOMER),
        (Sort.SCRIPT, Party.THIRD_PARTY),
    )
    narrowed = with_changes(BOOK, [a_script("UNKNOWN", when=All((THIRD, CARD)))], (), 2)
    assert lacking(narrowed) == ((Sort.SCRIPT, Party.UNKNOWN),)


def test_a_call_carries_the_two_longest_scripts_and_all_answers_in_the_heavier_language() -> None:
    long = a_script(title=("t", "t"), lines=(("ạ" * 10, "a"), ("b", "b" * 99)))
    short = a_script("LATE", title=("t", "t"), lines=(("c", "c" * 9),))
    third = a_script("CURRENT", title=("t", "t"), lines=(("d", "d"),))
    answer = a_statement(title=("n", "n"), blocks=("PTP_PAID",))
    assert heaviest_call(a_book(1, [long, short, third])) == 1 + 1 + 99 + 1 + 9
    assert heaviest_call(a_book(1, [answer])) == 9
    vietnamese = a_script(title=("ạ", ""), lines=(("ạ" * 10, "a"),))
    assert heaviest_call(a_book(1, [vietnamese])) == 33
    assert heaviest_call(BOOK) < 8 * 1024


def test_changes_replace_add_and_take_out() -> None:
    changed = with_changes(
        BOOK,
        [a_script(priority=1), a_script(code="NEW", when=CARD)],
        {(Sort.SCRIPT, "LATE")},
        version=7,
    )
    assert changed.version == 7
    assert changed.of(Sort.SCRIPT)[0].code == "OVERDUE"
    assert changed.find((Sort.SCRIPT, "NEW"))
    assert changed.find((Sort.SCRIPT, "LATE")) is None
    assert len(changed.pieces) == len(BOOK.pieces)
