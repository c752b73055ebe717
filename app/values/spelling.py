"""Amounts in words, as they are read aloud: `năm triệu đồng`, `five million dong`. Pure.

For whoever reads an amount to a customer: seven digits are misread, words are not.
"""

from typing import Final

from app.values.money import EXPONENTS, Money

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS: Final = ("", "nghìn", "triệu")
_BILLION: Final = 1_000_000_000

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS: Final = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_SCALES: Final = ((_BILLION, "billion"), (1_000_000, "million"), (1_000, "thousand"))

_VIETNAMESE: Final = {
    "VND": ("đồng", ""),
    "USD": ("đô la Mỹ", "xu"),
    "EUR": ("euro", "xu"),
    "GBP": ("bảng Anh", "xu"),
    "JPY": ("yên", ""),
}
_ENGLISH: Final = {
    "VND": ("dong", "dong", "", ""),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "JPY": ("yen", "yen", "", ""),
}
"""One and many of the unit, one and many of its hundredth."""


def amount_in_words(amount: Money, language: str) -> str:
    """The amount as it is read aloud in `vi` or `en`; hundredths follow only where there are any."""
    whole, cents = divmod(abs(amount.minor), 10 ** EXPONENTS[amount.currency])
    if language == "vi":
        unit, hundredth = _VIETNAMESE[amount.currency]
        sign, tail = "âm ", f" {_vietnamese(cents)} {hundredth}"
        said = f"{_vietnamese(whole)} {unit}"
    else:
        one, many, cent, pence = _ENGLISH[amount.currency]
        sign, tail = "minus ", f" and {_english(cents)} {cent if cents == 1 else pence}"
        said = f"{_english(whole)} {one if whole == 1 else many}"
    return (sign if amount.minor < 0 else "") + said + (tail if cents else "")


# --- Vietnamese ------------------------------------------------------------------------


def _vietnamese(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    return " ".join(_long(number, after_more=False))


def _long(number: int, *, after_more: bool) -> list[str]:
    """Billions are read as a number of their own, so that it never ends: `một tỷ tỷ`."""
    billions, rest = divmod(number, _BILLION)
    words = [*_long(billions, after_more=after_more), "tỷ"] if billions else []
    for place in (2, 1, 0):
        group = rest // 1000**place % 1000
        if group:
            words += _group(group, after_more=after_more or bool(words))
            words += [_GROUPS[place]] if place else []
    return words


def _group(group: int, *, after_more: bool) -> list[str]:
    """Three digits; within a longer number the hundred is read even when it is nought."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [_DIGITS[hundreds], "trăm"] if hundreds or after_more else []
    if tens == 0 and units and words:
        words.append("linh")
    elif tens == 1:
        words.append("mười")
    elif tens:
        words += [_DIGITS[tens], "mươi"]
    if units:
        words.append(_unit(units, tens))
    return words


def _unit(units: int, tens: int) -> str:
    """The last digit sounds otherwise after a ten: `hai mươi mốt`, `hai mươi tư`, `mười lăm`."""
    if tens > 1 and units in (1, 4):
        return "mốt" if units == 1 else "tư"
    return "lăm" if tens and units == 5 else _DIGITS[units]  # noqa: PLR2004 - the digit five


# --- English ---------------------------------------------------------------------------


def _english(number: int) -> str:
    for size, name in _SCALES:
        if number >= size:
            many, rest = divmod(number, size)
            return f"{_english(many)} {name}" + (f" {_english(rest)}" if rest else "")
    if number >= 100:  # noqa: PLR2004 - a hundred
        hundreds, rest = divmod(number, 100)
        return f"{_SMALL[hundreds]} hundred" + (f" {_english(rest)}" if rest else "")
    if number < len(_SMALL):
        return _SMALL[number]
    return _TENS[number // 10] + (f"-{_SMALL[number % 10]}" if number % 10 else "")
