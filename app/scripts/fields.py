"""What a rule may ask about a call: the closed list of fields, their words, the situation they describe. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.accounts.rules import BUCKETS, PRODUCT_LABELS
from app.history.dispositions import LAYER_2, LEAVES
from app.scripts.texts import Pair

Value = int | str


class Party(StrEnum):
    """Who is on the line: the customer (or taken for him), somebody else, or nobody that we know."""

    CUSTOMER = "CUSTOMER"
    THIRD_PARTY = "THIRD_PARTY"
    UNKNOWN = "UNKNOWN"


class Kind(StrEnum):
    """What a field holds. ORDERED words can be compared; a SET holds several words at once."""

    NUMBER = "NUMBER"
    ORDERED = "ORDERED"
    WORD = "WORD"
    TEXT = "TEXT"
    SET = "SET"


_EQUAL: Final = ("=", "!=", "in")
_ORDER: Final = ("<", "<=", ">", ">=", "between")
OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.NUMBER: (*_EQUAL, *_ORDER),
    Kind.ORDERED: (*_EQUAL, *_ORDER),
    Kind.WORD: _EQUAL,
    Kind.TEXT: _EQUAL,
    Kind.SET: ("has",),
}
"""What a field of each kind may be asked."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the closed list; `words` are the allowed ones in both languages, in their order."""

    name: str
    kind: Kind
    label: Pair
    words: Mapping[str, Pair]


def _field(name: str, kind: Kind, label: Pair, words: Mapping[str, Pair] | None = None) -> Field:
    return Field(name, kind, label, words or {})


FLAGS: Final[Mapping[str, Pair]] = {
    "HARDSHIP": ("khó khăn", "hardship"),
    "DISPUTE": ("tranh chấp", "dispute"),
    "BROKEN_PROMISE": ("thất hứa", "broken promise"),
    "PROMISE_DUE_TODAY": ("hẹn trả hôm nay", "promise due today"),
    "PAYMENT_COMING": ("tiền đang về", "payment on its way"),
    "NOTHING_DUE": ("không có khoản đến hạn", "nothing due"),
    "COMPLAINT": ("mới khiếu nại", "recent complaint"),
    "NEW_BUCKET": ("mới sang nhóm nợ", "new in its bucket"),
    "VIP": ("khách VIP", "VIP"),
    "STAFF": ("nhân viên ngân hàng", "bank staff"),
    "LEGAL_SENSITIVE": ("nhạy cảm pháp lý", "legally sensitive"),
    "MEDIA": ("nhạy cảm truyền thông", "media sensitive"),
    "VULNERABLE": ("dễ bị tổn thương", "vulnerable"),
}
_RISKS: Final[Mapping[str, Pair]] = {
    "LOW": ("thấp", "low"),
    "MEDIUM": ("trung bình", "medium"),
    "HIGH": ("cao", "high"),
    "CRITICAL": ("rất cao", "critical"),
}
_PARTIES: Final[Mapping[str, Pair]] = {
    Party.CUSTOMER: ("khách hàng", "the customer"),
    Party.THIRD_PARTY: ("người khác", "somebody else"),
    Party.UNKNOWN: ("chưa biết là ai", "nobody known"),
}
_SALUTATIONS: Final[Mapping[str, Pair]] = {
    "ANH": ("anh", "Anh"), "CHI": ("chị", "Chị"), "ONG": ("ông", "Ông"), "BA": ("bà", "Bà"),
    "EM": ("em", "Em"), "MR": ("Mr.", "Mr."), "MS": ("Ms.", "Ms."), "NONE": ("không rõ", "none"),
}  # fmt: skip

FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        _field("party", Kind.WORD, ("người nghe máy", "who is on the line"), _PARTIES),
        _field(
            "product",
            Kind.WORD,
            ("sản phẩm", "product"),
            {p.value: w for p, w in PRODUCT_LABELS.items()},
        ),
        _field(
            "bucket",
            Kind.ORDERED,
            ("nhóm nợ", "bucket"),
            {b.code: (b.code, b.code) for b in BUCKETS},
        ),
        _field("dpd", Kind.NUMBER, ("số ngày quá hạn", "days past due")),
        _field("risk", Kind.ORDERED, ("rủi ro", "risk"), _RISKS),
        _field("flags", Kind.SET, ("cờ", "flags"), FLAGS),
        _field("broken_promises", Kind.NUMBER, ("số lần thất hứa", "broken promises")),
        _field("attempts_week", Kind.NUMBER, ("lần gọi trong tuần", "attempts this week")),
        _field(
            "last_result",
            Kind.WORD,
            ("kết quả lần trước", "last result"),
            {node.code: (node.label_vi, node.label_en) for node in LAYER_2},
        ),
        _field(
            "last_outcome",
            Kind.WORD,
            ("chi tiết kết quả lần trước", "last outcome"),
            {leaf.code: (leaf.label_vi, leaf.label_en) for leaf in LEAVES},
        ),
        _field(
            "language",
            Kind.WORD,
            ("ngôn ngữ", "language"),
            {"vi": ("tiếng Việt", "Vietnamese"), "en": ("tiếng Anh", "English")},
        ),
        _field("segment", Kind.TEXT, ("phân khúc", "segment")),
        _field("campaign", Kind.TEXT, ("chiến dịch", "campaign")),
        _field(
            "kind",
            Kind.WORD,
            ("loại khách", "kind of customer"),
            {"INDIVIDUAL": ("cá nhân", "a person"), "ORGANIZATION": ("tổ chức", "an organisation")},
        ),
        _field("salutation", Kind.WORD, ("xưng hô", "form of address"), _SALUTATIONS),
    )
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What rules ask about one call. None, or the empty text, is not known: no condition holds on it.

    `attempts_week` counts this call too; `broken_promises` those of 60 days. `last_result` is the second
    layer of the last outcome.
    """

    party: str = Party.CUSTOMER
    product: str | None = None
    bucket: str | None = None
    dpd: int | None = None
    risk: str | None = None
    flags: frozenset[str] = frozenset()
    broken_promises: int = 0
    attempts_week: int = 1
    last_result: str | None = None
    last_outcome: str | None = None
    language: str = "vi"
    segment: str = ""
    campaign: str = ""
    kind: str | None = None
    salutation: str | None = None
