"""The order of a customer's numbers (domain section 6.3), and those that are never among them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.campaigns.numbers import Number, in_order
from app.customers.rules import Verification


def a_number(place: int, **known: Any) -> Number:
    return replace(Number(UUID(int=place), f"+84912345{place:03d}"), **known)


def first(*numbers: Number, band: int | None = 9) -> int:
    return in_order(numbers, band)[0].id.int


@pytest.mark.req("S0a-054")
def test_the_number_whose_best_band_it_is_now_comes_first() -> None:
    morning = a_number(2, bands={9: (3, 9), 19: (0, 3)})
    evening = a_number(1, bands={9: (1, 1), 19: (3, 3)}, is_primary=True)

    assert first(morning, evening) == 2
    assert first(morning, evening, band=19) == 1


def test_two_contacts_are_too_few_to_name_a_best_band() -> None:
    """Then the share counts, and (2 + 1) / (20 + 4) is less than the 1 / 4 of a number never tried."""
    tried = a_number(1, bands={9: (2, 20)})

    assert first(tried, a_number(2)) == 2


def test_of_two_without_a_best_band_the_better_share_in_this_one_wins() -> None:
    assert first(a_number(1, bands={9: (0, 3)}), a_number(2, bands={9: (1, 3)})) == 2


def test_ties_go_to_the_primary_number_then_to_the_day_then_to_the_older_one() -> None:
    plain = a_number(1)
    assert first(plain, a_number(2, is_primary=True)) == 2
    assert first(plain, a_number(2, rpc=3, attempts=4)) == 2
    assert first(a_number(2), plain) == 1


def test_outside_all_bands_only_the_ties_decide() -> None:
    assert first(a_number(1, bands={19: (3, 3)}), a_number(2, is_primary=True), band=None) == 2


@pytest.mark.parametrize(
    "known",
    [
        {"verification": Verification.INVALID},
        {"verification": Verification.WRONG_PARTY},
        {"verification": Verification.DO_NOT_CONTACT},
        {"dialable": False},
        {"liable": False},
    ],
)
def test_what_must_never_be_rung_is_not_in_the_order(known: dict[str, Any]) -> None:
    assert in_order([a_number(1, bands={9: (9, 9)}, **known)], 9) == []
