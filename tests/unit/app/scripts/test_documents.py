"""Pieces as JSON, and every fault of a piece with its field and the fix in both languages."""

import json
from typing import Any

import pytest

from app.scripts.defaults import BOOK
from app.scripts.documents import (
    PieceError,
    book_from,
    check,
    from_document,
    read_rule,
    to_document,
)
from app.scripts.pieces import Piece, Sort
from app.scripts.rules import EVERYBODY, Condition, Some
from tests.support.scripts import a_script, a_statement

THIRD = Condition("party", "=", "THIRD_PARTY")


def test_the_whole_book_is_written_and_read_back() -> None:
    written = json.loads(json.dumps([to_document(piece) for piece in BOOK.pieces]))
    assert book_from(BOOK.version, written) == BOOK
    assert from_document(to_document(a_script())) == a_script()


def test_everything_that_the_product_comes_with_may_be_saved() -> None:
    for piece in BOOK.pieces:
        check(piece)


def fault_of(piece: Piece) -> PieceError:
    with pytest.raises(PieceError) as fault:
        check(piece)
    assert all(fault.value.sentences)
    assert fault.value.sentences[0] != fault.value.sentences[1]
    return fault.value


LINE = ("một", "one")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"code": "broken"}, "code", "capitals, digits and underscores"),
        ({"code": "A" * 41}, "code", "2 to 40"),
        ({"title": ("", "Overdue")}, "title_vi", "in both languages"),
        ({"title": ("Quá hạn", "x" * 61)}, "title_en", "1 to 60"),
        ({"priority": -1}, "priority", "0 to 999"),
        ({"priority": 1000}, "priority", "0 to 999"),
        ({"lines": ()}, "vi_1", "Write 1 to 8"),
        ({"lines": (LINE,) * 9}, "vi_1", "Write 1 to 8"),
        ({"lines": (LINE, ("hai", ""))}, "en_2", "Text 2"),
        ({"lines": (("x" * 601, "one"),)}, "vi_1", "1 to 600"),
        ({"lines": (("{ten} và {due}", "one"),)}, "vi_1", "There is no {ten}"),
        ({"lines": (("một", "{due"),)}, "en_1", "around the name of a field"),
        ({"lines": (("nợ {due}", "one"),), "when": THIRD}, "vi_1", "take {due} out"),
        ({"lines": (("một", "{Part} {tail}"),), "when": Some((THIRD, EVERYBODY))}, "en_1",
         "take {part}, {tail} out"),
        ({"blocks": ("PTP_PAID",)}, "blocks", "Only a statement"),
        ({"required_when": EVERYBODY}, "blocks", "Only a statement"),
    ],
)  # fmt: skip
def test_a_fault_names_its_field_and_the_fix(
    changes: dict[str, Any], field: str, says: str
) -> None:
    fault = fault_of(a_script(**changes))
    assert fault.field == field
    assert says in fault.sentences[1]


def test_a_statement_is_its_title_and_blocks_what_agents_can_choose() -> None:
    assert fault_of(a_statement(lines=(LINE,))).field == "vi_1"
    assert "NO_SUCH_LEAF" in fault_of(a_statement(blocks=("NO_SUCH_LEAF",))).sentences[1]
    assert "ABANDONED" in fault_of(a_statement(blocks=("ABANDONED_MESSAGE",))).sentences[1]


@pytest.mark.parametrize("sort", [Sort.OBJECTION, Sort.GREETING, Sort.TEMPLATE])
def test_the_others_have_one_text(sort: Sort) -> None:
    check(a_script(sort=sort, lines=(LINE,)))
    assert fault_of(a_script(sort=sort, lines=(LINE, LINE))).field == "vi_1"


def test_a_rule_of_a_form_is_refused_in_its_field() -> None:
    assert read_rule("when", {}) == EVERYBODY
    with pytest.raises(PieceError) as fault:
        read_rule("when", {"all": [{"field": "age", "op": "=", "value": 3}]})
    assert fault.value.field == "when"
    assert fault.value.sentences[1].startswith("all[0].field: There is no field 'age'.")
    with pytest.raises(PieceError, match="This is no rule"):
        read_rule("required_when", 3)
