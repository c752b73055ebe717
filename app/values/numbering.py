"""Numbering plans beside the Vietnamese: North America and the United Kingdom. Pure.

Enough to tell a person's number from a service's and to write it as networks do; which exchange it belongs
to is not looked up, because numbers are ported.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """How a country writes its numbers. `trunk` is dialled first within the country, `abroad` to leave it."""

    code: str
    country: str  # ISO 3166
    trunk: str
    abroad: str
    person: re.Pattern[str]  # national digits without the trunk prefix
    mobile: re.Pattern[str] | None  # None: numbers do not tell
    service: re.Pattern[str]


_NANP: Final = Plan(
    code="1",
    country="US",
    trunk="1",
    abroad="011",
    # Area codes N11 and those of toll-free and premium services belong to nobody.
    person=re.compile(
        r"(?!.11)(?!8(?:00|33|44|55|66|77|88)|900)[2-9]\d{2}(?!.11)[2-9]\d{6}", re.ASCII
    ),
    mobile=None,
    service=re.compile(r"[2-9]11|(?:8(?:00|33|44|55|66|77|88)|900)[2-9]\d{6}", re.ASCII),
)
_BRITISH: Final = Plan(
    code="44",
    country="GB",
    trunk="0",
    abroad="00",
    # 70 and 76 are personal numbers and pagers, save 7624 of the Isle of Man's mobiles.
    person=re.compile(r"[12]\d{8,9}|3\d{9}|7[1-57-9]\d{8}|7624\d{6}", re.ASCII),
    mobile=re.compile(r"7\d{9}", re.ASCII),
    service=re.compile(r"[89]\d{6,9}|1\d{2}|999|70\d{8}|76\d{8}", re.ASCII),
)
PLANS: Final = MappingProxyType({"US": _NANP, "UK": _BRITISH})
"""By the word that legal profiles have for the country."""
MOST_DIGITS: Final = 15  # of any number in the world, by E.164
LEAST_DIGITS: Final = 8
_NOT_DIGITS: Final = re.compile(r"\D", re.ASCII)


def national_digits(raw: str, plan: Plan) -> str | None:
    """The digits within the country, `+` and all digits for another one, None when it is no number."""
    digits = _NOT_DIGITS.sub("", raw)
    abroad = raw.strip().lstrip("(").startswith("+")
    if not abroad and digits.startswith(plan.abroad):
        digits, abroad = digits.removeprefix(plan.abroad), True
    if abroad and not digits.startswith(plan.code):
        return f"+{digits}" if LEAST_DIGITS <= len(digits) <= MOST_DIGITS else None
    if abroad:
        digits = digits.removeprefix(plan.code)
    return digits.removeprefix(plan.trunk) if digits.startswith(plan.trunk) else digits
