"""Phone numbers: what was received, the E.164 form, and whether a campaign could dial it.

Vietnamese numbers are read by the numbering plan in force since September 2018 (old eleven-digit
mobiles are converted); others are kept raw and are not dialable. A house in the United States or the
United Kingdom reads by the plan of its own country (`numbering.py`). Numbers are portable, so no
carrier is inferred. Whether a number MAY be dialled is asked of compliance, which also asks where its
owner may be (`zones_of`): those tables come with libphonenumber.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from app.values.numbering import PLANS, Plan, national_digits


class PhoneKind(StrEnum):
    """What sort of line a number is."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    SERVICE = "SERVICE"
    FOREIGN = "FOREIGN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as received (`raw`) and as understood.

    `e164` is None when the number was not understood; `country` is ISO 3166 or None;
    `dialable` says only that the network would accept it, not that it may be called.
    """

    raw: str
    e164: str | None
    country: str | None
    kind: PhoneKind
    dialable: bool


# 2018 conversion of eleven-digit mobiles: the four leading digits become three.
_CONVERTED: Final = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035",
    "0166": "036", "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip

_MOBILE: Final = re.compile(r"0[35789]\d{8}", re.ASCII)
_OLD_MOBILE: Final = re.compile(r"01\d{9}", re.ASCII)
_LANDLINE: Final = re.compile(r"02\d{9}", re.ASCII)
_SERVICE: Final = re.compile(r"(1[89]00\d{4,6}|1\d{2}|0?1[89]00\d{4,6})", re.ASCII)
_ZEROLESS_MOBILE: Final = re.compile(r"[35789]\d{8}", re.ASCII)
_AMERICAN: Final = re.compile(r"1?[2-9]\d{9}", re.ASCII)
_SHAPE: Final = re.compile(r"[\d\s().+\-/\u00a0]+")
_AMERICA: Final = "1"
_AREA_CODE: Final = 4  # digits: the country's and the area's
_TWO_DIGIT_AREAS: Final = ("24", "28")  # Hà Nội, Hồ Chí Minh City


def read_phone(raw: str, home: str = "VN") -> Phone:
    """Understand a number as people and spreadsheets write it. Never raises: see `kind`, `e164`.

    `home` is the country whose numbers may be dialled and are written without its code: US or UK, else
    Vietnam. There a nine-digit mobile without its zero (a spreadsheet's number cell) is accepted.
    """
    plan = PLANS.get(home)
    if plan is not None:
        return _by_plan(raw, plan)
    national = _national(raw)
    if national is None:
        return Phone(raw, None, None, PhoneKind.UNKNOWN, dialable=False)
    if _OLD_MOBILE.fullmatch(national) and national[:4] in _CONVERTED:
        national = _CONVERTED[national[:4]] + national[4:]
    elif _ZEROLESS_MOBILE.fullmatch(national):
        national = f"0{national}"
    if _MOBILE.fullmatch(national):
        return Phone(raw, f"+84{national[1:]}", "VN", PhoneKind.MOBILE, dialable=True)
    if _LANDLINE.fullmatch(national):
        return Phone(raw, f"+84{national[1:]}", "VN", PhoneKind.LANDLINE, dialable=True)
    if _SERVICE.fullmatch(national):
        return Phone(raw, None, "VN", PhoneKind.SERVICE, dialable=False)
    return _foreign(raw, national)


def _by_plan(raw: str, plan: Plan) -> Phone:
    digits = national_digits(raw, plan) if _SHAPE.fullmatch(raw) else None
    if digits is None:
        return Phone(raw, None, None, PhoneKind.UNKNOWN, dialable=False)
    if digits.startswith("+"):
        return Phone(raw, digits, None, PhoneKind.FOREIGN, dialable=False)
    if plan.person.fullmatch(digits):
        landline = plan.mobile is not None and not plan.mobile.fullmatch(digits)
        kind = PhoneKind.LANDLINE if landline else PhoneKind.MOBILE
        return Phone(raw, f"+{plan.code}{digits}", plan.country, kind, dialable=True)
    kind = PhoneKind.SERVICE if plan.service.fullmatch(digits) else PhoneKind.UNKNOWN
    return Phone(raw, None, plan.country, kind, dialable=False)


def _foreign(raw: str, digits: str) -> Phone:
    if _AMERICAN.fullmatch(digits.removeprefix("+")):
        return Phone(raw, None, "US", PhoneKind.FOREIGN, dialable=False)
    if digits.startswith("+"):
        return Phone(raw, None, None, PhoneKind.FOREIGN, dialable=False)
    return Phone(raw, None, None, PhoneKind.UNKNOWN, dialable=False)


def _national(raw: str) -> str | None:
    """Digits with the national zero when Vietnamese, with `+` when abroad, None when no number."""
    if not _SHAPE.fullmatch(raw):
        return None
    digits = re.sub(r"\D", "", raw)
    abroad = raw.strip().lstrip("(").startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00")
    if digits.startswith("84") and (abroad or len(digits) in (11, 12)):
        return "0" + digits[2:].removeprefix("0")
    return f"+{digits}" if abroad else digits


def shown(e164: str) -> str:
    """How a number is shown: `0912 345 678`, `028 3822 1234`, `0236 382 1234`; others unchanged."""
    if not e164.startswith("+84"):
        return e164
    national = f"0{e164[3:]}"
    if _MOBILE.fullmatch(national):
        return f"{national[:4]} {national[4:7]} {national[7:]}"
    if e164[3:5] in _TWO_DIGIT_AREAS:
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    return f"{national[:4]} {national[4:7]} {national[7:]}"


def masked(e164: str) -> str:
    """A number for logs and for people without the permission: all but its last three digits."""
    return "•" * max(0, len(e164) - 3) + e164[-3:]


@lru_cache(maxsize=4096)  # a floor's numbers share few area codes
def zones_of(e164: str | None) -> tuple[str, ...]:
    """The IANA zones that a number's owner may live in, by its prefix; empty when it says nothing.

    Numbers are portable and an area code of North America may span zones, so every zone of the area
    code is a candidate, whatever the exchange: whoever calls must be right in all of them.
    """
    if e164 is None or not e164.startswith("+"):
        return ()
    digits = e164[1:]
    if digits.startswith(_AMERICA) and (zones := _area_code_zones(digits[:_AREA_CODE])):
        return zones
    for length in range(min(len(digits), TIMEZONE_LONGEST_PREFIX), 0, -1):
        if (found := TIMEZONE_DATA.get(digits[:length])) is not None:
            return tuple(found)
    return ()


def _area_code_zones(area: str) -> tuple[str, ...]:
    found = {zone for prefix in _PREFIXES_OF.get(area, ()) for zone in TIMEZONE_DATA[prefix]}
    return tuple(sorted(found))


def _prefixes_by_area() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for prefix in TIMEZONE_DATA:
        if prefix.startswith(_AMERICA) and len(prefix) >= _AREA_CODE:
            found.setdefault(prefix[:_AREA_CODE], []).append(prefix)
    return {area: tuple(prefixes) for area, prefixes in found.items()}


_PREFIXES_OF: Final = _prefixes_by_area()
