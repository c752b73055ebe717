"""Amounts in words: what an agent reads aloud (ux section 2, formats)."""

import pytest

from app.values.money import Money
from app.values.spelling import amount_in_words


@pytest.mark.parametrize(
    ("minor", "vietnamese", "english"),
    [
        (0, "không đồng", "zero dong"),
        (1, "một đồng", "one dong"),
        (10, "mười đồng", "ten dong"),
        (15, "mười lăm đồng", "fifteen dong"),
        (21, "hai mươi mốt đồng", "twenty-one dong"),
        (24, "hai mươi tư đồng", "twenty-four dong"),
        (40, "bốn mươi đồng", "forty dong"),
        (105, "một trăm linh năm đồng", "one hundred five dong"),
        (1_000, "một nghìn đồng", "one thousand dong"),
        (1_005, "một nghìn không trăm linh năm đồng", "one thousand five dong"),
        (1_015, "một nghìn không trăm mười lăm đồng", "one thousand fifteen dong"),
        (5_000_000, "năm triệu đồng", "five million dong"),
        (
            5_420_000,
            "năm triệu bốn trăm hai mươi nghìn đồng",
            "five million four hundred twenty thousand dong",
        ),
        (
            38_900_000,
            "ba mươi tám triệu chín trăm nghìn đồng",
            "thirty-eight million nine hundred thousand dong",
        ),
        (1_000_000_001, "một tỷ không trăm linh một đồng", "one billion one dong"),
        (
            99_999_000_003,
            "chín mươi chín tỷ chín trăm chín mươi chín triệu không trăm linh ba đồng",
            "ninety-nine billion nine hundred ninety-nine million three dong",
        ),
        (10**18, "một tỷ tỷ đồng", "one billion billion dong"),
        (-2_000_000, "âm hai triệu đồng", "minus two million dong"),
    ],
)
def test_dong_in_words(minor: int, vietnamese: str, english: str) -> None:
    assert amount_in_words(Money(minor, "VND"), "vi") == vietnamese
    assert amount_in_words(Money(minor, "VND"), "en") == english


@pytest.mark.parametrize(
    ("amount", "vietnamese", "english"),
    [
        (
            Money(14_550, "USD"),
            "một trăm bốn mươi lăm đô la Mỹ năm mươi xu",
            "one hundred forty-five dollars and fifty cents",
        ),
        (Money(101, "USD"), "một đô la Mỹ một xu", "one dollar and one cent"),
        (Money(200, "USD"), "hai đô la Mỹ", "two dollars"),
        (Money(101, "GBP"), "một bảng Anh một xu", "one pound and one penny"),
        (Money(1_000, "JPY"), "một nghìn yên", "one thousand yen"),
    ],
)
def test_currencies_with_and_without_hundredths(
    amount: Money, vietnamese: str, english: str
) -> None:
    assert amount_in_words(amount, "vi") == vietnamese
    assert amount_in_words(amount, "en") == english
