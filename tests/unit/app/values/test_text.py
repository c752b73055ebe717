"""Search key and name order of domain section 0, person names."""

import pytest

from app.values.text import name_sort_key, normalise, search_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Nguyễn Thị Thu Hà", "nguyen thi thu ha"),
        ("  ĐẶNG   Đình Đức ", "dang dinh duc"),
        ("Nguyễn", "nguyen"),
        ("Ưng Ổ Ợ", "ung o o"),
    ],
)
def test_people_are_found_without_marks(text: str, key: str) -> None:
    assert search_key(text) == key


def test_the_key_is_the_same_for_composed_and_decomposed_text() -> None:
    assert search_key("Ha\u0300") == search_key("H\u00e0") == "ha"


def test_stored_text_is_composed_and_tidy() -> None:
    assert normalise(" Ha\u0300  Nội ") == "Hà Nội"


def test_names_are_listed_by_given_name_in_the_order_of_the_alphabet() -> None:
    names = ["Lê Ân", "Trần Đức", "Nguyễn An", "Vũ Dũng", "Bùi Ăn", "Phạm An"]

    assert sorted(names, key=name_sort_key) == [
        "Nguyễn An",
        "Phạm An",
        "Bùi Ăn",
        "Lê Ân",
        "Vũ Dũng",
        "Trần Đức",
    ]


def test_tones_decide_only_between_equal_letters() -> None:
    names = ["Hạ", "Hai", "Há", "Hã", "Hả", "Hà", "Ha"]

    assert sorted(names, key=name_sort_key) == ["Ha", "Hà", "Hả", "Hã", "Há", "Hạ", "Hai"]


def test_other_letters_and_lone_marks_still_have_a_place() -> None:
    assert sorted(["Ω", "Y", "\u0301"], key=name_sort_key) == ["Y", "Ω", "\u0301"]


def test_the_key_is_digits_so_that_every_collation_agrees() -> None:
    assert name_sort_key("Nguyễn Thị Thu Hà").isdigit()
