"""The person who owes: names and how they are spoken to, reliability, contact success, risk. Pure.

Formulas are those of domain sections 6.2, 6.3 and 6.7. Nothing here looks at a clock.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from app.values.money import half_up
from app.values.text import normalise, search_key


class Verification(StrEnum):
    """What is known of a number; the last three are never dialled."""

    UNVERIFIED = "UNVERIFIED"
    VERIFIED = "VERIFIED"
    INVALID = "INVALID"
    WRONG_PARTY = "WRONG_PARTY"
    DO_NOT_CONTACT = "DO_NOT_CONTACT"


class RiskClass(StrEnum):
    """How much trouble is expected, mildest first."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Relation(StrEnum):
    """What a reference contact is to the customer; only the first two owe by default."""

    GUARANTOR = "GUARANTOR"
    CO_BORROWER = "CO_BORROWER"
    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    CHILD = "CHILD"
    FRIEND = "FRIEND"
    EMPLOYER = "EMPLOYER"
    OTHER = "OTHER"


LIABLE: Final = frozenset({Relation.GUARANTOR, Relation.CO_BORROWER})

COOPERATION: Final = {
    "COOPERATIVE": "HIGH",
    "PROMISE_KEEPER": "HIGH",
    "WILLING_NEEDS_TIME": "MEDIUM",
    "AVOIDING": "LOW",
    "HOSTILE": "VERY_LOW",
    "UNREACHABLE": "UNKNOWN",
    "HARDSHIP": "MEDIUM",
    "DISPUTING": "MEDIUM",
    "NEW": "UNKNOWN",
}
"""Customer status type to cooperation level (domain section 3)."""


# --- names -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in its parts, in Vietnamese order; `display` is all of it, tidied."""

    family: str
    middle: str
    given: str
    display: str


def parse_name(text: str) -> PersonName:
    """Split a Vietnamese name: first word family, last word given, the rest middle."""
    words = normalise(text).split(" ")
    if len(words) == 1:
        return PersonName("", "", words[0], words[0])
    return PersonName(words[0], " ".join(words[1:-1]), words[-1], " ".join(words))


_TITLES: Final = {
    "ANH": "Anh",
    "CHI": "Chị",
    "ONG": "Ông",
    "BA": "Bà",
    "EM": "Em",
    "MR": "Mr.",
    "MS": "Ms.",
}
_ENGLISH_TITLES: Final = {
    "ANH": "Mr.",
    "ONG": "Mr.",
    "MR": "Mr.",
    "CHI": "Ms.",
    "BA": "Ms.",
    "MS": "Ms.",
}


def spoken_address(salutation: str, name: PersonName, language: str) -> str:
    """What an agent calls the customer: `Chị Hà`; in English by family name, `Ms. Nguyễn`.

    Without a salutation Vietnamese stays polite with `Anh/chị Hà`, English with the full name.
    """
    if language == "vi":
        return f"{_TITLES.get(salutation, 'Anh/chị')} {name.given}"
    title = _ENGLISH_TITLES.get(salutation)
    return f"{title} {name.family or name.given}" if title else name.display


# --- reliability, section 6.2 --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Twelve months of a customer. `paid_share` is paid ÷ due as a Fraction, None if nothing was due.

    `days_since_payment` is None for somebody who never paid.
    """

    kept: int = 0
    partly: int = 0
    broken: int = 0
    installments_due: int = 0
    installments_on_time: int = 0
    paid_share: Fraction | None = None
    days_since_payment: int | None = None


@dataclass(frozen=True, slots=True)
class Reliability:
    """A score of 0 to 100, its band A to E, and on how many events it rests."""

    score: int
    band: str
    n: int
    limited: bool


_ENOUGH_EVENTS: Final = 3
_FRESH_DAYS, _STALE_DAYS = 30, 180
_BANDS: Final = ((80, "A"), (60, "B"), (40, "C"), (20, "D"), (0, "E"))


def reliability(seen: Behaviour) -> Reliability:
    """0.35 promises kept + 0.30 paid on time + 0.20 share paid + 0.15 recency, half up."""
    judged = seen.kept + seen.partly + seen.broken
    kept = (seen.kept + Fraction(seen.partly, 2) + 1) / (judged + 2)
    on_time = Fraction(seen.installments_on_time + 1, seen.installments_due + 2)
    share = Fraction(1, 2) if seen.paid_share is None else min(Fraction(1), seen.paid_share)
    parts = 35 * kept + 30 * on_time + 20 * share + 15 * _recency(seen.days_since_payment)
    score = half_up(parts)
    n = judged + seen.installments_due
    return Reliability(score, band_of(score), n, limited=n < _ENOUGH_EVENTS)


def _recency(days: int | None) -> Fraction:
    if days is None or days >= _STALE_DAYS:
        return Fraction(0)
    if days <= _FRESH_DAYS:
        return Fraction(1)
    return Fraction(_STALE_DAYS - days, _STALE_DAYS - _FRESH_DAYS)


def band_of(score: int) -> str:
    """The reliability band of a score: A from 80, B from 60, C from 40, D from 20, else E."""
    return next(band for floor, band in _BANDS if score >= floor)


# --- numbers and their best time, section 6.3 ----------------------------------

FIRST_HOUR, LAST_HOUR, BAND_HOURS = 7, 21, 2
_ENOUGH_CONTACTS: Final = 3


def band_hour(hour: int) -> int | None:
    """The first hour of the two-hour band (from 7) that an hour lies in; None outside 7 to 21."""
    if not FIRST_HOUR <= hour < LAST_HOUR:
        return None
    return hour - (hour - FIRST_HOUR) % BAND_HOURS


def success_text(rpc: int, attempts: int, language: str) -> str:
    """`62 % (13/21)`; in words when nobody has tried."""
    if attempts <= 0:
        return "chưa gọi" if language == "vi" else "no attempts"
    return f"{half_up(Fraction(100 * rpc, attempts))} % ({rpc}/{attempts})"


def best_band(bands: Mapping[int, tuple[int, int]]) -> int | None:
    """The first hour of the band with the best (rpc+1)÷(attempts+4); the earlier wins a tie.

    `bands` maps a band's first hour to (right-party contacts, attempts). None until three contacts
    are known in all; a band without one never wins.
    """
    if sum(rpc for rpc, _ in bands.values()) < _ENOUGH_CONTACTS:
        return None
    scored = [
        (-Fraction(rpc + 1, attempts + 4), hour) for hour, (rpc, attempts) in bands.items() if rpc
    ]
    return min(scored)[1]


def best_band_text(bands: Mapping[int, tuple[int, int]], language: str) -> str:
    """`17–19h` in Vietnamese, `17–19 h` in English, or that there is too little to say."""
    hour = best_band(bands)
    if hour is None:
        return "chưa đủ dữ liệu" if language == "vi" else "not enough data"
    return f"{hour}–{hour + BAND_HOURS}h" if language == "vi" else f"{hour}–{hour + BAND_HOURS} h"


# --- wishes: when and where not ---------------------------------------------------

_HOURS: Final = re.compile(r"(\d{1,2})\s*(?:h|:00)?\s*[-–]\s*(\d{1,2})\s*(?:h|:00)?")
_DAY_PARTS: Final = {
    "sang": (7, 12), "mornings": (7, 12), "morning": (7, 12),
    "trua": (11, 14), "noon": (11, 14),
    "chieu": (12, 18), "afternoons": (12, 18), "afternoon": (12, 18),
    "toi": (18, 21), "evenings": (18, 21), "evening": (18, 21),
}  # fmt: skip
_AT_WORK: Final = frozenset({"work", "noi lam viec", "cong ty", "co quan"})


def read_avoided(told: str) -> str | None:
    """One thing that a customer asks to be spared, in the words that compliance keeps to.

    Hours of the day as `7-12` (also from `buổi sáng`, `evenings`), numbers at work as `WORK`; None for
    what nobody could keep to.
    """
    word = search_key(told).removeprefix("buoi ")
    if word in _AT_WORK:
        return "WORK"
    hours = _HOURS.fullmatch(word)
    first, last = (int(hours[1]), int(hours[2])) if hours else _DAY_PARTS.get(word, (0, 0))
    return f"{first}-{last}" if 0 <= first < last <= 24 else None  # noqa: PLR2004 - hours of a day


# --- risk, section 6.7 ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What a risk class is judged from; `top_exposure` is the top 5 % of the portfolio by debt."""

    dpd: int = 0
    broken_60d: int = 0
    broken_ever: int = 0
    hostile: bool = False
    fraud: bool = False
    top_exposure: bool = False


@dataclass(frozen=True, slots=True)
class Risk:
    """A class and the codes of its reasons, weightiest first."""

    risk_class: RiskClass
    reasons: tuple[str, ...]


_STEPS: Final[Sequence[RiskClass]] = tuple(RiskClass)
_CRITICAL_DPD, _HIGH_DPD, _MEDIUM_DPD, _MANY_BROKEN = 90, 60, 30, 2


def assess_risk(facts: RiskFacts) -> Risk:
    """The class of domain section 6.7 with every reason that put it there."""
    found, reasons = _base_risk(facts)
    if facts.top_exposure:
        found = _STEPS[min(len(_STEPS) - 1, _STEPS.index(found) + 1)]
        reasons = (*reasons, "TOP_EXPOSURE")
    return Risk(found, reasons)


def _base_risk(facts: RiskFacts) -> tuple[RiskClass, tuple[str, ...]]:
    tests = (
        (RiskClass.CRITICAL, facts.dpd > _CRITICAL_DPD, "DPD_OVER_90"),
        (RiskClass.CRITICAL, facts.fraud, "FRAUD"),
        (RiskClass.HIGH, _HIGH_DPD < facts.dpd <= _CRITICAL_DPD, "DPD_61_90"),
        (RiskClass.HIGH, facts.broken_60d >= _MANY_BROKEN, "BROKEN_TWICE"),
        (RiskClass.HIGH, facts.hostile, "HOSTILE"),
        (RiskClass.MEDIUM, _MEDIUM_DPD < facts.dpd <= _HIGH_DPD, "DPD_31_60"),
        (RiskClass.MEDIUM, facts.broken_ever >= 1, "BROKEN_ONCE"),
    )
    for level in reversed(_STEPS):
        reasons = tuple(reason for wanted, met, reason in tests if wanted is level and met)
        if reasons:
            return level, reasons
    return RiskClass.LOW, ()


class Channel(StrEnum):
    """How somebody is contacted."""

    CALL = "CALL"
    SMS = "SMS"
    EMAIL = "EMAIL"


class Aim(StrEnum):
    """What for."""

    DEBT = "DEBT"  # anything about what is owed
    OFFERS = "OFFERS"  # anything else


@dataclass(frozen=True, slots=True)
class Word:
    """A customer's yes or no. `source` says how we know, such as the contract or a letter of a day."""

    given: bool
    source: str
    channel: Channel = Channel.CALL
    aim: Aim = Aim.DEBT
    at: datetime | None = None  # since when; None in what is to be written: now
