"""Who belongs to a campaign: the closed list of fields, the filter tree, its JSON and its words. Pure.

`where.py` reads a tree from the words of `--where`; `store.py` turns it into SQL. Exclusions that
the law or a hold demands are not part of a tree: they are always on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Value = int | str
_STAGES = ("CURRENT", "EARLY", "MID", "LATE", "LEGAL")
_BUCKETS = ("B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7")
_RISKS = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
_PRODUCTS = ("MORTGAGE", "AUTO", "PERSONAL", "CREDIT_CARD", "UTILITY", "OTHER")


class Kind(StrEnum):
    """What sort of values a field has; ORDERED words can be compared, TEXT and WORD cannot."""

    NUMBER = "NUMBER"
    AMOUNT = "AMOUNT"
    ORDERED = "ORDERED"
    WORD = "WORD"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the closed list; `words` are the allowed ones, in order where they have one."""

    name: str
    kind: Kind
    label_vi: str
    label_en: str
    words: tuple[str, ...] = ()


FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field("dpd", Kind.NUMBER, "số ngày quá hạn", "days past due"),
        Field("bucket", Kind.ORDERED, "nhóm quá hạn", "bucket", _BUCKETS),
        Field("product", Kind.WORD, "sản phẩm", "product", _PRODUCTS),
        Field("outstanding", Kind.AMOUNT, "dư nợ", "outstanding"),
        Field("overdue", Kind.AMOUNT, "số tiền quá hạn", "overdue"),
        Field("due", Kind.AMOUNT, "số tiền phải trả", "due"),
        Field("currency", Kind.WORD, "loại tiền", "currency", ("VND", "USD", "EUR", "GBP", "JPY")),
        Field("province", Kind.TEXT, "tỉnh thành", "province"),
        Field("district", Kind.TEXT, "quận huyện", "district"),
        Field("language", Kind.WORD, "ngôn ngữ", "language", ("vi", "en")),
        Field("segment", Kind.TEXT, "phân khúc", "segment"),
        Field("risk", Kind.ORDERED, "mức rủi ro", "risk", _RISKS),
        Field(
            "days_since_payment", Kind.NUMBER, "số ngày từ lần trả gần nhất", "days since payment"
        ),
        Field(
            "days_since_contact", Kind.NUMBER, "số ngày từ lần gọi gần nhất", "days since contact"
        ),
        Field("broken_promises", Kind.NUMBER, "số lần thất hứa", "broken promises"),
        Field("stage", Kind.ORDERED, "giai đoạn", "stage", _STAGES),
    )
}


@dataclass(frozen=True, slots=True)
class Compare:
    """`field op value`; `op` is one of = != < <= > >=."""

    field: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class Between:
    """`field low..high`, both ends included."""

    field: str
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`field in (a, b)`."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `part`."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; of no parts it holds for everybody."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """Some part holds."""

    parts: "tuple[Filter, ...]"


Filter = Compare | Between | OneOf | Not | All | Some

EVERYBODY: Final = All(())


def to_json(tree: Filter) -> dict[str, object]:
    """The tree as plain JSON values."""
    match tree:
        case Compare(field, op, value):
            return {"field": field, "op": op, "value": value}
        case Between(field, low, high):
            return {"field": field, "op": "..", "low": low, "high": high}
        case OneOf(field, values):
            return {"field": field, "op": "in", "values": list(values)}
        case Not(part):
            return {"not": to_json(part)}
        case All(parts):
            return {"all": [to_json(part) for part in parts]}
        case _:
            return {"any": [to_json(part) for part in tree.parts]}


_OP_WORDS: Final = {
    "vi": {"=": "là", "!=": "khác", "<": "dưới", "<=": "tối đa", ">": "trên", ">=": "từ"},
    "en": {
        "=": "is", "!=": "is not", "<": "below", "<=": "at most", ">": "above", ">=": "at least",
    },
}  # fmt: skip


def describe(tree: Filter, language: str = "vi") -> str:
    """The filter in words, for the page of the campaign and for the agent's reason line."""
    return _describe(tree, language, _words_in(language))


def _words_in(language: str) -> Callable[[str, str], str]:
    return lambda vietnamese, english: vietnamese if language == "vi" else english


def _describe(tree: Filter, language: str, say: Callable[[str, str], str]) -> str:
    match tree:
        case All(()):
            return say("mọi khách", "everybody")
        case All(parts):
            return say(" và ", " and ").join(_inner(part, language, say) for part in parts)
        case Some(parts):
            return say(" hoặc ", " or ").join(_inner(part, language, say) for part in parts)
        case Not(part):
            return say("không phải ", "not ") + f"({_describe(part, language, say)})"
        case _:
            return f"{_label(tree.field, language)} {_condition(tree, language, say)}"


def _condition(
    tree: Compare | Between | OneOf, language: str, say: Callable[[str, str], str]
) -> str:
    match tree:
        case Compare(name, op, value):
            return f"{_OP_WORDS[language][op]} {_shown(name, value, say)}"
        case Between(name, low, high):
            return f"{_shown(name, low, say)}–{_shown(name, high, say)}"
        case _:
            listed = ", ".join(_shown(tree.field, value, say) for value in tree.values)
            return say("thuộc ", "one of ") + listed


def _inner(tree: Filter, language: str, say: Callable[[str, str], str]) -> str:
    text = _describe(tree, language, say)
    return f"({text})" if isinstance(tree, All | Some) and tree != EVERYBODY else text


def _label(name: str, language: str) -> str:
    field = FIELDS[name]
    return field.label_vi if language == "vi" else field.label_en


def _shown(name: str, value: Value, say: Callable[[str, str], str]) -> str:
    if isinstance(value, str):
        return value
    grouped = f"{value:,}" if FIELDS[name].kind is Kind.AMOUNT else str(value)
    return say(grouped.replace(",", "."), grouped)


def fields_of(tree: Filter) -> frozenset[str]:
    """The fields a filter looks at: what its SQL must join."""
    match tree:
        case Not(part):
            return fields_of(part)
        case All(parts) | Some(parts):
            return frozenset().union(*(fields_of(part) for part in parts))
        case _:
            return frozenset({tree.field})
