"""One cell of a file into one value: amounts, dates, whole numbers, words. Pure; never guesses.

What Excel did to a cell is recognised here and refused by name, because a digit that Excel dropped
cannot be brought back. The one loss that can (the leading zero of a phone) is mended in `phones`.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.portfolio.reasons import refuse


class DateOrder(StrEnum):
    """The order in which a file writes day, month and year; declared, one for the whole file."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


EXAMPLES: Final = {
    DateOrder.DMY: "25/12/2026",
    DateOrder.MDY: "12/25/2026",
    DateOrder.YMD: "2026-12-25",
}

LARGEST_MINOR: Final = 10**16  # well inside a bigint, and no sum of a portfolio leaves it either

_EXCEL_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
_HASHES: Final = re.compile(r"#{3,}")
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_SERIAL: Final = re.compile(r"(\d{4,6})(?:[.,]\d+)?")
_DATE: Final = re.compile(r"(\d{1,4})([/\-.])(\d{1,2})\2(\d{1,4})(?:[ T]+(.+))?")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MIDNIGHT: Final = re.compile(r"0?0:00(?::00(?:\.0+)?)?(?: ?AM)?|12:00(?::00)? ?AM", re.IGNORECASE)
_GROUPED: Final = re.compile(r"([1-9]\d{0,2})((?:([., '’])\d{3})(?:\3\d{3})*)(?:[.,](\d+))?")
_DECIMAL: Final = re.compile(r"(\d+)(?:[.,](\d+))?")
_CURRENCY_MARKS: Final = re.compile(
    r"^(?:VNĐ|VND|USD|EUR|GBP|JPY|[₫đ$€£¥])|(?:VNĐ|VND|USD|EUR|GBP|JPY|[₫đ$€£¥])$", re.IGNORECASE
)
# "á»" and friends: the bytes of Vietnamese UTF-8 seen through Windows-1252. Never Vietnamese.
_MOJIBAKE: Final = re.compile(
    r"á[º»][\u0080-\u024f\u2010-\u2122]|Ä[\u0080-\u0091‘’]|Ã[\u0080-\u00bf]|Æ°|Æ¡"
)
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_YEAR_DIGITS: Final = 4


def check_excel(text: str) -> None:
    """Refuse what Excel writes instead of any value: its errors, hash marks of a narrow column."""
    if text.startswith("#"):
        if text.upper() in _EXCEL_ERRORS:
            raise refuse("EXCEL_ERROR", seen=text)
        if _HASHES.fullmatch(text):
            raise refuse("EXCEL_HASHES", seen=text[:8])


def check_scientific(text: str) -> None:
    """Refuse `8.49E+10`: the digits behind it are gone."""
    if _SCIENTIFIC.fullmatch(text):
        raise refuse("EXCEL_SCIENTIFIC", seen=text)


def read_text(text: str, limit: int) -> str:
    """Text as stored: NFC, single spaces, at most `limit` characters, printable."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        found = _MOJIBAKE.search(text)
        if found:
            raise refuse("MOJIBAKE", seen=found[0])
    text = " ".join(text.split())
    if not text.isprintable() and any(unicodedata.category(char) == "Cc" for char in text):
        raise refuse("CONTROL")
    if len(text) > limit:
        raise refuse("TOO_LONG", length=len(text), limit=limit)
    return text


def read_code(text: str, limit: int) -> str:
    """An identifier such as a loan's number: text that must not have been shortened by Excel."""
    check_scientific(text)
    return read_text(text.removeprefix("'"), limit)


def read_amount(text: str, currency: str, exponent: int) -> int:
    """An amount in minor units: `5000000`, `5.000.000`, `5,000,000`, `1,234.50`, with or without sign.

    One separator before exactly three digits groups thousands (`5.000` is five thousand); a decimal
    part finer than the currency has is refused, never rounded.
    """
    bare = _bare_amount(text)
    grouped = _GROUPED.fullmatch(bare)
    if grouped and not (
        grouped[4] is not None
        and grouped[3] in ".,"
        and bare.count(grouped[3]) > grouped[2].count(grouped[3])
    ):
        whole = grouped[1] + "".join(char for char in grouped[2] if char.isdigit())
        return _minor(whole, grouped[4] or "", currency, exponent)
    plain = _DECIMAL.fullmatch(bare)
    if plain is None:
        raise refuse("AMOUNT_GROUPS" if re.fullmatch(r"[\d., '’]+", bare) else "AMOUNT")
    return _minor(plain[1], plain[2] or "", currency, exponent)


def _bare_amount(text: str) -> str:
    """The digits and separators, without the signs of a currency. Refuses negatives and `5E+06`."""
    bare = text.replace("\u00a0", " ").replace("\u202f", " ").removeprefix("'").strip()
    bare = _CURRENCY_MARKS.sub("", bare).strip()
    check_scientific(bare)
    if bare.startswith(("-", "(", "−")):
        raise refuse("AMOUNT_NEGATIVE")
    if not bare.isascii() and "’" not in bare:
        raise refuse("AMOUNT")
    return bare.removeprefix("+")


def _minor(whole: str, fraction: str, currency: str, exponent: int) -> int:
    """Digits into minor units; zeros behind the smallest unit are harmless, others are refused."""
    kept, rest = fraction[:exponent], fraction[exponent:]
    if rest.strip("0"):
        raise refuse("AMOUNT_FRACTION", currency=currency)
    minor = int(f"{whole}{kept.ljust(exponent, '0')}")
    if minor > LARGEST_MINOR:
        raise refuse("AMOUNT_LARGE")
    return minor


def read_date(text: str, order: DateOrder) -> date:
    """A date in the declared order; `2026-12-25` is read in any, since no other order writes that.

    Refuses day numbers of Excel, two-digit years, times of day and dates that do not exist.
    """
    text = text.removeprefix("'").strip()
    example = EXAMPLES[order]
    check_scientific(text)
    serial = _SERIAL.fullmatch(text)
    if serial:
        raise refuse("EXCEL_SERIAL", seen=text, iso=_of_serial(int(serial[1])))
    found = _DATE.fullmatch(text)
    if found is None:
        raise refuse("DATE", order=order, example=example)
    if found[5] and not _MIDNIGHT.fullmatch(found[5].strip()):
        raise refuse("DATE_TIME", example=example)
    first, middle, last = found[1], found[3], found[4]
    day_of_iso = _ISO.fullmatch(f"{first}{found[2]}{middle}{found[2]}{last}")
    year, month, day = (
        (first, middle, last) if day_of_iso else _in_order(order, first, middle, last, example)
    )
    return _existing(int(year), int(month), int(day), order)


def _in_order(
    order: DateOrder, first: str, middle: str, last: str, example: str
) -> tuple[str, str, str]:
    """Year, month and day by the declared order; the year is known by its four digits."""
    parts = {
        DateOrder.DMY: (last, middle, first),
        DateOrder.MDY: (last, first, middle),
        DateOrder.YMD: (first, middle, last),
    }[order]
    if len(parts[0]) != _YEAR_DIGITS:
        swapped = len(first if order is not DateOrder.YMD else last) == _YEAR_DIGITS
        if swapped:
            raise refuse("DATE", order=order, example=example)
        raise refuse("DATE_YEAR", example=example)
    return parts


def _existing(year: int, month: int, day: int, order: DateOrder) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise refuse("DATE_ORDER", order=order) from None
    if not date(1900, 1, 1) <= found <= date(2100, 12, 31):
        raise refuse("DATE_RANGE")
    return found


def _of_serial(days: int) -> str:
    return (_EXCEL_EPOCH + timedelta(days=days)).isoformat()


def read_whole(text: str, low: int, high: int) -> int:
    """A whole number between `low` and `high`; `30.0` is 30, as spreadsheets write it."""
    check_scientific(text)
    found = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", text, re.ASCII)
    if found is None or not low <= int(found[1]) <= high:
        raise refuse("WHOLE", low=low, high=high)
    return int(found[1])


def read_choice(text: str, choices: Mapping[str, str]) -> str:
    """A word of a closed list, by its code or by a word people use for it (case and marks apart)."""
    found = choices.get(fold(text))
    if found is None:
        raise refuse("CHOICE", choices=", ".join(sorted(set(choices.values()))))
    return found


def fold(text: str) -> str:
    """How headers and words are compared: lower case, without marks or punctuation."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    kept = "".join(
        char if char.isalnum() else " " for char in bare if not unicodedata.combining(char)
    )
    return " ".join(kept.split())
