"""Money: exact minor units; display of domain section 0 (`5.000.000 ₫`, `$145.50`)."""

from fractions import Fraction
from typing import Any

import pytest

from app.values.money import (
    AmountError,
    CurrencyMismatchError,
    Money,
    half_up,
    parse,
    parse_written,
    total,
    zero,
)

DONG = Money(5_000_000, "VND")
CENTS = Money(14_550, "USD")


def test_amounts_of_one_currency_add_subtract_and_compare_exactly() -> None:
    one, two = Money(1, "VND"), Money(2, "VND")

    assert one + two == Money(3, "VND")
    assert two - one == one
    assert -one == Money(-1, "VND")
    assert one < two <= Money(2, "VND")
    assert two > one
    assert two >= Money(2, "VND")
    assert bool(one)
    assert not zero("VND")


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatchError) as caught:
        _ = DONG + CENTS

    assert (caught.value.left, caught.value.right) == ("VND", "USD")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="'XAU'"):
        Money(1, "XAU")


@pytest.mark.parametrize("minor", [1.0, True, "1"])
def test_minor_units_are_whole_numbers(minor: Any) -> None:
    with pytest.raises(TypeError):
        Money(minor, "VND")


def test_a_portion_is_rounded_half_up() -> None:
    assert Money(5, "VND").portion(Fraction(1, 2)) == Money(3, "VND")
    assert Money(-5, "VND").portion(Fraction(1, 2)) == Money(-3, "VND")
    assert half_up(Fraction(85, 2)) == 43


def test_a_split_gives_the_remainder_to_the_largest_fractions_first() -> None:
    shares = Money(100, "USD").split([1, 1, 1])

    assert [share.minor for share in shares] == [34, 33, 33]


@pytest.mark.parametrize("weights", [[0, 0], [2, -1]])
def test_weights_that_cannot_share_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        DONG.split(weights)


@pytest.mark.parametrize(
    ("amount", "language", "shown"),
    [
        (DONG, "vi", "5.000.000\u00a0₫"),
        (DONG, "en", "5,000,000\u00a0₫"),
        (CENTS, "en", "$145.50"),
        (CENTS, "vi", "145,50\u00a0$"),
        (Money(-5, "USD"), "en", "-$0.05"),
        (Money(-1200, "VND"), "vi", "-1.200\u00a0₫"),
    ],
)
def test_amounts_are_shown_as_people_write_them(amount: Money, language: str, shown: str) -> None:
    assert amount.display(language) == shown


def test_a_total_of_nothing_is_zero() -> None:
    assert total([], "VND") == zero("VND")
    assert total([DONG, DONG], "VND") == Money(10_000_000, "VND")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("5000000", "VND", 5_000_000), (" 145.5 ", "USD", 14_550), ("145.50", "USD", 14_550)],
)
def test_plain_decimals_are_read(text: str, currency: str, minor: int) -> None:
    assert parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("abc", "VND"), ("1.5", "VND"), ("1.005", "USD"), ("NaN", "USD"), ("1", "XAU")],
)
def test_what_is_no_exact_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse(text, currency)

    assert caught.value.text == text
    assert caught.value.currency == currency


@pytest.mark.parametrize(
    ("text", "currency", "language", "minor"),
    [
        ("5.000.000\u00a0₫", "VND", "vi", 5_000_000),
        ("5,000,000 VND", "VND", "en", 5_000_000),
        ("$1,145.50", "USD", "en", 114_550),
        ("-1.145,50 $", "USD", "vi", -114_550),
        ("500", "VND", "vi", 500),
    ],
)
def test_written_amounts_are_read(text: str, currency: str, language: str, minor: int) -> None:
    assert parse_written(text, currency, language) == Money(minor, currency)


@pytest.mark.parametrize("text", ["5.5", "5000.000", "5.00.000"])
def test_a_group_that_is_not_three_digits_is_not_guessed_at(text: str) -> None:
    with pytest.raises(AmountError, match="groups of three"):
        parse_written(text, "VND")
