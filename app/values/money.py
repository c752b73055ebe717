"""Exact money: integer minor units and an ISO 4217 code. No floats, no implicit rounding.

Amounts of two currencies never meet: adding or comparing them raises. How much a debt is or who
gets a payment is decided in the rules of the slices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

EXPONENTS: Final = {"VND": 0, "USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
"""Digits after the decimal mark, per currency that the house keeps books in."""

SYMBOLS: Final = {"VND": "₫", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

_SPACE: Final = "\u00a0"  # never breaks a line between an amount and its sign


class CurrencyMismatchError(ValueError):
    """Two currencies met in one sum or comparison. Attributes: left, right (ISO codes)."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} cannot be added or compared")
        self.left = left
        self.right = right


class AmountError(ValueError):
    """A text is no exact amount of its currency. Attributes: text, currency."""

    def __init__(self, text: str, currency: str, why: str) -> None:
        super().__init__(f"{text!r} is not an amount in {currency}: {why}")
        self.text = text
        self.currency = currency


@dataclass(frozen=True, slots=True)
class Money:
    """An amount. `minor` counts the smallest unit (1 = one đồng, one cent) and may be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"{self.currency!r} is not a currency this house keeps books in")
        if type(self.minor) is not int:
            raise TypeError(f"minor units are a whole number, not {self.minor!r}")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.minor

    def portion(self, part: Fraction) -> "Money":
        """This amount times `part`, rounded half up (away from zero) at the minor unit."""
        return Money(half_up(self.minor * part), self.currency)

    def split(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Share by weight; the shares sum exactly to the whole (largest remainder, first wins ties).

        Raises ValueError when a weight is negative or all are zero.
        """
        whole = sum(weights)
        if whole <= 0 or min(weights) < 0:
            raise ValueError("weights are not negative and at least one is positive")
        floors = [self.minor * weight // whole for weight in weights]
        remainders = [self.minor * weight % whole for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
        for index in by_remainder[: self.minor - sum(floors)]:
            floors[index] += 1
        return tuple(Money(minor, self.currency) for minor in floors)

    def display(self, language: str = "vi") -> str:
        """The amount as people write it: vi `5.000.000 ₫`, en `$145.50` (VND in en `5,000,000 ₫`)."""
        exponent = EXPONENTS[self.currency]
        group, mark = (".", ",") if language == "vi" else (",", ".")
        whole, cents = divmod(abs(self.minor), 10**exponent)
        number = f"{whole:,}".replace(",", group)
        if exponent:
            number += f"{mark}{cents:0{exponent}d}"
        sign = "-" if self.minor < 0 else ""
        symbol = SYMBOLS[self.currency]
        if language == "vi" or self.currency == "VND":
            return f"{sign}{number}{_SPACE}{symbol}"
        return f"{sign}{symbol}{number}"


def half_up(value: Fraction) -> int:
    """The nearest whole number; halves go away from zero, as accountants round."""
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude


def zero(currency: str) -> Money:
    """No money, in a currency."""
    return Money(0, currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The exact sum; of nothing it is zero in `currency`. Raises CurrencyMismatchError."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result


def parse(text: str, currency: str) -> Money:
    """Read a plain decimal such as `5000000` or `145.50`. Raises AmountError, never rounds.

    Grouped amounts as people write them are read by `parse_written`.
    """
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        raise AmountError(text, currency, "unknown currency")
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise AmountError(text, currency, "it is not a number") from None
    if not value.is_finite():
        raise AmountError(text, currency, "it is not finite")
    scaled = value.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise AmountError(text, currency, f"it has more than {exponent} decimals")
    return Money(int(scaled), currency)


def parse_written(text: str, currency: str, language: str = "vi") -> Money:
    """Read an amount as people of `language` write it: `5.000.000 ₫`, `5,000,000`, `$145.50`.

    Only groups of three digits count as grouped, so `5.5` in đồng is refused and not read as 55.
    """
    group, mark = (".", ",") if language == "vi" else (",", ".")
    symbol = SYMBOLS.get(currency, "")
    bare = text.replace(_SPACE, " ").replace(symbol, "").replace(currency, "").strip()
    whole, _, cents = bare.partition(mark)
    groups = whole.lstrip("-").split(group)
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(part) != 3 for part in groups[1:])):  # noqa: PLR2004 - thousands
        raise AmountError(text, currency, f"digits between {group!r} are groups of three")
    return parse(whole.replace(group, "") + (f".{cents}" if cents else ""), currency)
