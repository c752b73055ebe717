"""Slots: what is filled, what stays visible, what nobody but the customer hears."""

import pytest

from app.scripts.texts import SLOTS, TOLD_TO_THE_CUSTOMER_ONLY, fill, for_others, pick, slots_in


def test_one_of_two_languages_is_picked() -> None:
    assert pick(("có", "yes"), "vi") == "có"
    assert pick(("có", "yes"), "en") == "yes"


def test_slots_take_their_values_and_a_capital_where_asked() -> None:
    values = {"you": "chị", "me": "em"}

    assert fill("{You} cho {me} hỏi", values, "vi") == "Chị cho em hỏi"
    assert fill("{you.x} { you }", values, "vi") == "{you.x} { you }"


@pytest.mark.parametrize(
    ("language", "shown"), [("vi", "⟨tên khách⟩"), ("en", "⟨customer's name⟩")]
)
def test_am12_a_missing_value_is_shown_by_the_name_of_its_field(language: str, shown: str) -> None:
    assert fill("{name}", {}, language) == shown
    assert fill("{Name}", {}, language) == shown


def test_a_slot_that_nobody_knows_is_shown_as_it_is_called() -> None:
    assert fill("{whatever}", {}, "vi") == "⟨whatever⟩"


def test_the_slots_of_texts_are_found_whatever_their_capitals() -> None:
    assert slots_in(["{You} {me}", "{due}", "no"]) == {"you", "me", "due"}


def test_others_hear_names_only() -> None:
    values = dict.fromkeys(SLOTS, "x")
    assert for_others(values).keys() == SLOTS.keys() - TOLD_TO_THE_CUSTOMER_ONLY
    assert {"due", "part", "dpd", "tail", "product"} <= TOLD_TO_THE_CUSTOMER_ONLY
