"""Rules from JSON: what is written is read back, everything else is refused with its place and the fix."""

from typing import Any

import pytest

from app.scripts.reading import DEEPEST, MOST_CONDITIONS, RuleError, read, to_json
from app.scripts.rules import EVERYBODY, NOBODY, All, Condition, Not, Some

DPD: dict[str, Any] = {"field": "dpd", "op": "between", "value": [31, 60]}


def test_an_empty_document_is_everybody() -> None:
    assert read({}) == EVERYBODY
    assert read({"any": []}) == NOBODY


def test_a_rule_is_read_and_written() -> None:
    document = {
        "all": [
            {"any": [DPD, {"field": "flags", "op": "has", "value": "HARDSHIP"}]},
            {"not": {"field": "segment", "op": "in", "value": ["VIP", "Ưu  tiên"]}},
            {},
        ]
    }
    rule = read(document)

    assert rule == All(
        (
            Some((Condition("dpd", "between", (31, 60)), Condition("flags", "has", "HARDSHIP"))),
            Not(Condition("segment", "in", ("VIP", "Ưu tiên"))),
            EVERYBODY,
        )
    )
    assert read(to_json(rule)) == rule


@pytest.mark.parametrize(
    ("document", "place", "says"),
    [
        ([], "", "This is no rule"),
        ("dpd > 1", "", "This is no rule"),
        ({"all": [DPD, 7]}, "all[1]", "This is no rule"),
        ({"all": DPD}, "all", "This is no list"),
        ({"any": "dpd"}, "any", "This is no list"),
        ({"not": {"field": "age", "op": "=", "value": 1}}, "not.field", "There is no field 'age'"),
        ({"field": ["dpd"], "op": "=", "value": 1}, "field", "There is no field"),
        ({"all": [{**DPD, "op": "like"}]}, "all[0].op", "Use one of: = != in < <= > >= between"),
        ({"field": "product", "op": "<", "value": "AUTO"}, "op", "Use one of: = != in"),
        ({"field": "flags", "op": "=", "value": "VIP"}, "op", "Use one of: has"),
        ({"field": "dpd", "op": None, "value": 1}, "op", "knows no operator None"),
        ({"field": "dpd", "op": "="}, "", "Too much or lacking: value"),
        ({**DPD, "or": 1}, "", "Too much or lacking: or"),
        ({**DPD, "value": 31}, "value", "Write [low, high]"),
        ({**DPD, "value": [1, 2, 3]}, "value", "Write [low, high]"),
        ({**DPD, "value": [60, 31]}, "value", "Write [31, 60]"),
        ({"field": "dpd", "op": "in", "value": []}, "value", "Write [one, two, …]"),
        ({"field": "dpd", "op": "=", "value": "45"}, "value", "Write a whole number"),
        ({"field": "dpd", "op": "in", "value": [1, True]}, "value[1]", "Write a whole number"),
        ({"field": "bucket", "op": ">", "value": "B9"}, "value", "It is one of B0, B1"),
        ({"field": "risk", "op": "=", "value": 3}, "value", "risk is never 3"),
        ({"field": "segment", "op": "=", "value": " "}, "value", "needs a word"),
        ({"field": "segment", "op": "=", "value": 4}, "value", "needs a word"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place_and_the_fix(
    document: object, place: str, says: str
) -> None:
    with pytest.raises(RuleError) as fault:
        read(document)
    assert fault.value.place == place
    assert says in fault.value.sentences[1]
    assert fault.value.sentences[0] != fault.value.sentences[1]


def test_a_rule_is_not_nested_without_end() -> None:
    document: dict[str, Any] = DPD
    for _ in range(DEEPEST + 1):
        document = {"not": document}
    with pytest.raises(RuleError, match="nested too deep"):
        read(document)


def test_a_rule_has_a_bounded_number_of_conditions() -> None:
    assert read({"any": [DPD] * MOST_CONDITIONS}) != NOBODY
    with pytest.raises(RuleError, match="Too many conditions"):
        read({"any": [DPD] * (MOST_CONDITIONS + 1)})
