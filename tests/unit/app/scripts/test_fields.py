"""The closed list: every field is one of a situation, has its words in both languages, and an operator."""

from dataclasses import fields

from app.history.dispositions import LEAVES
from app.scripts.fields import FIELDS, OPERATORS, Kind, Situation


def test_every_field_of_the_list_is_one_that_a_situation_knows() -> None:
    assert FIELDS.keys() == {field.name for field in fields(Situation)}


def test_fields_and_their_words_are_said_in_both_languages() -> None:
    for field in FIELDS.values():
        assert all(field.label)
        assert all(all(pair) for pair in field.words.values())


def test_only_numbers_and_free_texts_have_no_list_of_words() -> None:
    for field in FIELDS.values():
        assert bool(field.words) is (field.kind not in (Kind.NUMBER, Kind.TEXT)), field.name


def test_what_has_no_order_is_not_compared() -> None:
    assert "<" not in OPERATORS[Kind.WORD] + OPERATORS[Kind.TEXT] + OPERATORS[Kind.SET]


def test_every_outcome_of_the_tree_can_be_asked_about() -> None:
    assert FIELDS["last_outcome"].words.keys() == {leaf.code for leaf in LEAVES}
