"""Addresses, slots and small words."""

from dataclasses import replace
from datetime import date

import pytest

from app.desk.words import Address, address, day_text, lower_first, part_of_day, word
from tests.support.pops import HA, NOW


@pytest.mark.parametrize(
    ("salutation", "language", "expected"),
    [
        ("CHI", "vi", Address("Chị Hà", "chị", "em")),
        ("MS", "vi", Address("Chị Hà", "chị", "em")),
        ("MR", "vi", Address("Anh Hà", "anh", "em")),
        ("ONG", "vi", Address("Ông Hà", "ông", "cháu")),
        ("EM", "vi", Address("Em Hà", "em", "mình")),
        ("NONE", "vi", Address("Anh/chị Hà", "anh/chị", "em")),
        ("CHI", "en", Address("Ms. Nguyễn", "you", "I")),
    ],
)
@pytest.mark.req("S0b-004")
def test_pronouns_follow_the_salutation(salutation: str, language: str, expected: Address) -> None:
    assert address(replace(HA, salutation=salutation), language) == expected


def test_a_company_and_a_stranger_are_addressed_politely() -> None:
    company = replace(HA, kind="ORGANIZATION", display="An Phát")

    assert address(company, "vi") == address(None, "vi") == Address("Anh/chị", "anh/chị", "em")
    assert address(company, "en").name == "An Phát"
    assert address(None, "en").name == "Sir or Madam"


def test_small_words() -> None:
    assert word({"A": ("a", "b")}, "A", "en") == "b"
    assert word({}, "A", "en") == "A"
    assert day_text(date(2026, 2, 3)) == "03/02"
    assert lower_first("Chị Hà") == "chị Hà"


@pytest.mark.parametrize(
    ("hour", "part"), [(4, "morning"), (5, "afternoon"), (10, "afternoon"), (11, "evening")]
)
def test_the_day_has_three_parts_on_the_wall(hour: int, part: str) -> None:
    assert part_of_day(NOW.replace(hour=hour, minute=0), "Asia/Ho_Chi_Minh") == part
