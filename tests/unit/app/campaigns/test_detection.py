"""How a campaign's detection listens: numbers of Asterisk's AMD(), or nothing."""

import pytest

from app.campaigns.lawful import problems
from app.campaigns.strategy import Settings
from app.compliance.profiles import VN


@pytest.mark.parametrize("numbers", ["", "2000", "2000,1800,700,3500,100,50,4,256,2500"])
def test_numbers_of_amd_are_taken(numbers: str) -> None:
    assert problems(Settings(amd_arguments=numbers), VN) == ()


@pytest.mark.parametrize(
    "numbers", ["2,", "two", "2000;1800", "1,2,3,4,5,6,7,8,9,10", "-1", "100000", "${X}"]
)
def test_anything_else_is_refused_with_an_example(numbers: str) -> None:
    (problem,) = problems(Settings(amd_arguments=numbers), VN)
    assert problem.field == "amd_arguments"
    assert "2000,1800,700,3500" in problem.why_en
    assert "2000,1800,700,3500" in problem.why_vi
