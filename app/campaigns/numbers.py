"""Which of a customer's numbers is rung: the order by best time (domain section 6.3). Pure.

A number that is INVALID, WRONG_PARTY or DO_NOT_CONTACT, that no network takes, or whose owner does not
owe is never among them. Of the others comes first:

1. the one whose best band it is now, as the desk shows it: three contacts in all, one in the band;
2. then the one with the better share of right parties in this band, (rpc + 1) / (attempts + 4);
3. then the primary one;
4. then the one with the better share over the whole day;
5. then the one that has been known for longer: ids grow with time, so that no tie is left to chance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final
from uuid import UUID

from app.customers.rules import Verification, best_band

DIALLED: Final = frozenset({Verification.UNVERIFIED, Verification.VERIFIED})


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the hopper knows it. `bands` map a band's first hour to (right party, attempts)."""

    id: UUID
    number: str  # E.164
    is_primary: bool = False
    verification: Verification = Verification.UNVERIFIED
    dialable: bool = True
    liable: bool = True
    attempts: int = 0
    rpc: int = 0
    bands: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def in_order(numbers: Iterable[Number], band: int | None) -> Sequence[Number]:
    """The numbers that may be rung, best first, in the band (its first hour) that it is there now."""
    callable_ = [
        number
        for number in numbers
        if number.verification in DIALLED and number.dialable and number.liable
    ]
    return sorted(callable_, key=lambda number: _rank(number, band))


def _rank(number: Number, band: int | None) -> tuple[bool, Fraction, bool, Fraction, UUID]:
    now = number.bands.get(band, (0, 0)) if band is not None else (0, 0)
    return (
        band is None or best_band(number.bands) != band,
        -_share(*now),
        not number.is_primary,
        -_share(number.rpc, number.attempts),
        number.id,
    )


def _share(rpc: int, attempts: int) -> Fraction:
    return Fraction(rpc + 1, attempts + 4)
