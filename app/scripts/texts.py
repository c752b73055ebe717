"""Texts with `{slots}`: which slots there are, and how a text takes its values. Pure.

Vietnamese and English stand side by side everywhere, so that no piece has one language only.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

Pair = tuple[str, str]
"""Vietnamese and English, in this order."""


def pick(pair: Pair, language: str) -> str:
    """One of the two."""
    return pair[0] if language == "vi" else pair[1]


SLOTS: Final[Mapping[str, Pair]] = {
    "name": ("tên khách", "customer's name"),
    "you": ("xưng hô với khách", "how the customer is addressed"),
    "me": ("cách tự xưng", "how the agent calls himself"),
    "agent": ("tên nhân viên", "agent's name"),
    "bank": ("tên ngân hàng", "name of the bank"),
    "company": ("tên công ty", "name of the company"),
    "daypart": ("buổi trong ngày", "part of the day"),
    "greeting": ("lời chào", "greeting"),
    "due": ("số tiền đến hạn", "amount due"),
    "part": ("số tiền một phần", "part of the amount"),
    "by": ("ngày trả gần nhất", "day to pay by"),
    "product": ("sản phẩm", "product"),
    "tail": ("số đuôi tài khoản", "last digits of the account"),
    "dpd": ("số ngày quá hạn", "days past due"),
    "promised": ("số tiền đã hứa", "amount promised"),
    "day": ("ngày đã hứa", "day promised"),
    "paid": ("số tiền đang về", "amount on its way"),
}
"""Every slot that a text may name, in words; `{You}` is `{you}` with a capital."""

TOLD_TO_THE_CUSTOMER_ONLY: Final = frozenset(
    {"due", "part", "by", "product", "tail", "dpd", "promised", "day", "paid"}
)
"""Slots that speak of the debt: they are never filled for anybody but the customer."""

_SLOT: Final = re.compile(r"\{(\w+)\}")


def fill(template: str, values: Mapping[str, str], language: str) -> str:
    """Put values into `{slots}`; one without a value stays visible as `⟨amount due⟩`.

    A slot that begins with a capital takes its value with one: `{You}` beside `{you}`.
    """

    def value(match: re.Match[str]) -> str:
        slot = match[1]
        found = values.get(slot.lower())
        if found is None:
            return missing(slot, language)
        return found[:1].upper() + found[1:] if slot[0].isupper() else found

    return _SLOT.sub(value, template)


def missing(slot: str, language: str) -> str:
    """What stands where a value is lacking."""
    label = SLOTS.get(slot.lower())
    return f"⟨{pick(label, language) if label else slot}⟩"


def slots_in(texts: Iterable[str]) -> frozenset[str]:
    """The slots that texts name, in lower case, whether there are such or not."""
    return frozenset(slot.lower() for text in texts for slot in _SLOT.findall(text))


def for_others(values: Mapping[str, str]) -> dict[str, str]:
    """The values that may be said to somebody who is not the customer."""
    return {name: text for name, text in values.items() if name not in TOLD_TO_THE_CUSTOMER_ONLY}
