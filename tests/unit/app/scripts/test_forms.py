"""From the editor's form to a piece: what is read, what is refused with its field."""

from typing import Any

import pytest

from app.scripts.documents import PieceError
from app.scripts.forms import LONGEST_RULE, blockable, piece_of, rule_text
from app.scripts.pieces import Piece, Sort
from app.scripts.reading import to_json
from app.scripts.rules import EVERYBODY, NOBODY, All, Condition, Not, Some

FORM: dict[str, Any] = {
    "sort": "SCRIPT", "code": "broken_card", "title_vi": " Thất  hứa ", "title_en": "Broken",
    "priority": 15, "when": '{"field": "dpd", "op": ">", "value": 3}', "active": True,
    "vi_1": "một", "en_1": "one", "vi_2": "", "en_2": "", "vi_3": "ba", "en_3": "",
}  # fmt: skip
DPD = Condition("dpd", ">", 3)


def test_a_form_is_read_as_a_piece() -> None:
    assert piece_of(FORM) == Piece(
        sort=Sort.SCRIPT,
        code="BROKEN_CARD",
        title=("Thất hứa", "Broken"),
        lines=(("một", "one"), ("ba", "")),
        priority=15,
        when=DPD,
    )
    assert piece_of({**FORM, "when": " ", "active": False}).when == EVERYBODY
    assert piece_of({**FORM, "active": None}).active is False


def test_only_a_statement_blocks_outcomes_in_the_order_of_the_tree() -> None:
    more = {**FORM, "blocks": ["X", "PTP_PAID", 7, "PTP_SCHEDULED"], "required_when": "{}"}
    assert piece_of(more).blocks == ()
    assert piece_of(more).required_when == NOBODY
    statement = piece_of({**more, "sort": "STATEMENT"})
    assert statement.blocks == ("PTP_SCHEDULED", "PTP_PAID", "X")
    assert statement.required_when == EVERYBODY
    assert piece_of({**more, "sort": "STATEMENT", "blocks": "PTP_PAID"}).blocks == ()


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"sort": "POEM"}, "sort", "SCRIPT, STATEMENT"),
        ({"sort": None}, "sort", "Choose one of"),
        ({"priority": "5"}, "priority", "whole number"),
        ({"priority": True}, "priority", "whole number"),
        ({"when": "{"}, "when", "1:2 is no JSON"),
        ({"when": "[" * 3_000}, "when", "is no JSON"),
        ({"when": "x" * (LONGEST_RULE + 1)}, "when", "at most"),
        ({"when": 3}, "when", "at most"),
        ({"when": "[]"}, "when", "This is no rule"),
        ({"when": '{"field": "age", "op": "=", "value": 1}'}, "when", "There is no field 'age'"),
    ],
)
def test_what_cannot_be_read_names_its_field(
    changes: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(PieceError) as fault:
        piece_of({**FORM, **changes})
    assert fault.value.field == field
    assert says in fault.value.sentences[1]


def test_a_text_that_is_none_is_empty() -> None:
    assert piece_of({**FORM, "title_vi": 4}).title == ("", "Broken")


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (EVERYBODY, ""),
        (DPD, '{"field": "dpd", "op": ">", "value": 3}'),
        (Not(DPD), '{"not": {"field": "dpd", "op": ">", "value": 3}}'),
        (Some((DPD,)), '{"any": [\n  {"field": "dpd", "op": ">", "value": 3}\n]}'),
        (All((DPD, Not(EVERYBODY))),
         '{"all": [\n  {"field": "dpd", "op": ">", "value": 3},\n  {"not": {}}\n]}'),
        (NOBODY, '{"any": []}'),
    ],
)  # fmt: skip
def test_a_rule_is_shown_a_condition_a_line_and_read_back(rule: Any, shown: str) -> None:
    text = rule_text(to_json(rule))
    assert text == shown
    assert piece_of({**FORM, "when": text}).when == rule


@pytest.mark.parametrize(("language", "result"), [("vi", "Hứa trả"), ("en", "Promise to Pay")])
def test_outcomes_are_offered_by_result(language: str, result: str) -> None:
    groups = dict(blockable(language))
    assert "PTP_SCHEDULED" in [code for code, _ in groups[result]]
    assert "ABANDONED_MESSAGE" not in [code for rows in groups.values() for code, _ in rows]
