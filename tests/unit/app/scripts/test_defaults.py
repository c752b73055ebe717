"""What the product comes with: no debt before the identity check, none to strangers, statements that block."""

import pytest

from app.history.dispositions import leaf, selectable
from app.scripts.defaults import BOOK, FIRST_VERSION, STATEMENTS
from app.scripts.fields import Party, Situation
from app.scripts.pieces import Sort, choose, possible_parties
from app.scripts.rules import holds
from app.scripts.texts import TOLD_TO_THE_CUSTOMER_ONLY, slots_in

ASKING = "nợ", "quá hạn", "debt", "overdue", "past due", "thanh toán", "pay "


def test_it_is_the_first_version() -> None:
    assert BOOK.version == FIRST_VERSION == 1


def test_codes_stand_once() -> None:
    keys = [piece.key for piece in BOOK.pieces]
    assert len(keys) == len(set(keys))


@pytest.mark.req("S0b-027")
@pytest.mark.parametrize(
    ("situation", "code"),
    [
        (Situation(party=Party.THIRD_PARTY, dpd=45), "THIRD_PARTY"),
        (Situation(party=Party.UNKNOWN), "UNKNOWN"),
        (Situation(dpd=45, flags=frozenset({"DISPUTE", "HARDSHIP"})), "DISPUTE"),
        (Situation(dpd=45, flags=frozenset({"PAYMENT_COMING"})), "SETTLING"),
        (Situation(flags=frozenset({"NOTHING_DUE"})), "NOTHING"),
        (Situation(dpd=45, flags=frozenset({"HARDSHIP", "BROKEN_PROMISE"})), "HARDSHIP"),
        (Situation(dpd=45, flags=frozenset({"BROKEN_PROMISE"})), "BROKEN"),
        (Situation(dpd=5, flags=frozenset({"PROMISE_DUE_TODAY"})), "DUE_TODAY"),
        (Situation(dpd=91), "LATE"),
        (Situation(dpd=90), "OVERDUE"),
        (Situation(dpd=0), "CURRENT"),
    ],
)
def test_each_conversation_has_its_script(situation: Situation, code: str) -> None:
    chosen = choose(BOOK, Sort.SCRIPT, situation)
    assert chosen is not None
    assert chosen.code == code


@pytest.mark.parametrize("sort", [Sort.SCRIPT, Sort.GREETING])
def test_no_debt_is_named_before_the_identity_check(sort: Sort) -> None:
    for piece in BOOK.of(sort):
        early = [text for line in piece.lines[:2] for text in line]
        assert not slots_in(early) & TOLD_TO_THE_CUSTOMER_ONLY, piece.code
        assert not [word for word in ASKING if word in " ".join(early).lower()], piece.code


def test_others_hear_nothing_of_a_debt_at_all() -> None:
    for piece in BOOK.pieces:
        if possible_parties(piece) == {Party.CUSTOMER} or piece.sort is Sort.STATEMENT:
            continue
        texts = [text for line in piece.lines for text in line]
        assert not slots_in(texts) & TOLD_TO_THE_CUSTOMER_ONLY
        assert not [word for word in ASKING if word in " ".join(texts).lower()], piece.code


def required(situation: Situation) -> list[str]:
    return [piece.code for piece in STATEMENTS if holds(piece.required_when, situation)]


def test_statements_are_required_where_they_apply() -> None:
    assert required(Situation()) == ["RECORDING_NOTICE", "IDENTITY_CHECK", "PURPOSE_NOTICE"]
    assert required(Situation(party=Party.THIRD_PARTY, flags=frozenset({"HARDSHIP"}))) == [
        "RECORDING_NOTICE"
    ]
    rights = required(Situation(flags=frozenset({"HARDSHIP", "DISPUTE"})))
    assert rights[-2:] == ["HARDSHIP_RIGHTS", "DISPUTE_RIGHTS"]


def test_statements_block_only_outcomes_that_exist_and_can_be_chosen() -> None:
    choosable = set(selectable())
    for statement in STATEMENTS:
        assert all(leaf(code) in choosable for code in statement.blocks)


@pytest.mark.req("S0a-076")
def test_notes_have_templates() -> None:
    templates = BOOK.of(Sort.TEMPLATE)
    assert len(templates) >= 4
    assert {"due", "by"} <= slots_in(text for piece in templates for text in piece.lines[0])
