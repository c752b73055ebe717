"""Customers who do not exist, to try scripts on: what rules ask of them, and the values of their slots. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.scripts.fields import Party, Situation
from app.scripts.pieces import Book, Piece, Sort, choose, fitting, with_changes
from app.scripts.rules import holds
from app.scripts.texts import Pair, fill, for_others, pick


@dataclass(frozen=True, slots=True)
class Sample:
    """One of them. `slots` holds the Vietnamese and the English value of each slot that is known."""

    code: str
    title: Pair
    situation: Situation
    slots: Mapping[str, Pair]


def _same(text: str) -> Pair:
    return text, text


_EVERY_CALL: Final[Mapping[str, Pair]] = {
    "agent": _same("Minh"),
    "bank": _same("Ngân hàng Mẫu"),
    "daypart": ("morning", "morning"),
    "by": _same("26/11"),
}
_HA: Final[Mapping[str, Pair]] = {
    **_EVERY_CALL,
    "name": ("chị Hà", "Ms. Nguyễn"),
    "you": ("chị", "you"),
    "me": ("em", "I"),
    "company": _same("Nguyễn Thị Thu Hà"),
    "due": ("5.420.000 ₫", "5,420,000 ₫"),
    "part": ("2.100.000 ₫", "2,100,000 ₫"),
    "product": ("thẻ tín dụng", "credit card"),
    "tail": _same("4417"),
    "dpd": _same("45"),
}
_PROMISED: Final[Mapping[str, Pair]] = {
    "promised": ("5.000.000 ₫", "5,000,000 ₫"),
    "day": _same("20/11"),
}
_CARD: Final = Situation(product="CREDIT_CARD", kind="INDIVIDUAL", salutation="CHI")

SAMPLES: Final = (
    Sample(
        "OVERDUE",
        ("Thẻ quá hạn 45 ngày", "Card, 45 days past due"),
        replace(_CARD, bucket="B3", dpd=45, risk="MEDIUM"),
        _HA,
    ),
    Sample(
        "BROKEN",
        ("Vừa thất hứa, rủi ro cao", "Just broke a promise, high risk"),
        replace(
            _CARD, bucket="B3", dpd=45, risk="HIGH", flags=frozenset({"BROKEN_PROMISE"}),
            broken_promises=2, last_result="PROMISE_TO_PAY", last_outcome="PTP_SCHEDULED",
            attempts_week=3,
        ),
        {**_HA, **_PROMISED},
    ),
    Sample(
        "HARDSHIP",
        ("Đang khó khăn, quá hạn 120 ngày", "In hardship, 120 days past due"),
        Situation(
            product="PERSONAL", bucket="B5", dpd=120, risk="HIGH", flags=frozenset({"HARDSHIP"}),
            kind="INDIVIDUAL", salutation="ONG",
        ),
        {
            **_HA,
            "name": ("ông Đức", "Mr. Trần"),
            "you": ("ông", "you"),
            "me": ("cháu", "I"),
            "product": ("vay tiêu dùng", "personal loan"),
            "dpd": _same("120"),
        },
    ),
    Sample(
        "DISPUTE",
        ("Đang tranh chấp một khoản phí", "Disputes a fee"),
        replace(_CARD, bucket="B2", dpd=12, risk="LOW", flags=frozenset({"DISPUTE"})),
        _HA,
    ),
    Sample(
        "CURRENT",
        ("Công ty, sắp đến hạn", "A company, falling due"),
        Situation(
            product="AUTO", bucket="B0", dpd=0, risk="LOW", kind="ORGANIZATION", salutation="NONE",
            segment="SME",
        ),
        {
            **_HA,
            "name": ("anh/chị", "An Phát"),
            "you": ("anh/chị", "you"),
            "company": _same("An Phát"),
            "product": ("vay mua xe", "auto loan"),
            "dpd": _same("0"),
        },
    ),
    Sample(
        "UNKNOWN",
        ("Số không có trong sổ", "A number that is not in the books"),
        Situation(party=Party.UNKNOWN, flags=frozenset({"NOTHING_DUE"}), language=""),
        {
            **_EVERY_CALL,
            "name": ("anh/chị", "Sir or Madam"),
            "you": ("anh/chị", "you"),
            "me": ("em", "I"),
        },
    ),
    Sample(
        "THIRD_PARTY",
        ("Người khác nghe máy", "Somebody else answered"),
        replace(_CARD, party=Party.THIRD_PARTY, bucket="B3", dpd=45, risk="MEDIUM"),
        {**_HA, "you": ("anh/chị", "you")},
    ),
)  # fmt: skip


def sample(code: str) -> Sample:
    """The sample of this code, else the first."""
    return next((each for each in SAMPLES if each.code == code), SAMPLES[0])


@dataclass(frozen=True, slots=True)
class Trial:
    """What a book says to a sample customer; None where it has nothing to say."""

    sample: Sample
    greeting: Piece | None
    script: Piece | None
    required: tuple[Piece, ...]
    objections: int


def try_on(book: Book, on: Sample) -> Trial:
    """What a book would say to one of them (check AM13)."""
    now = on.situation
    statements = fitting(book, Sort.STATEMENT, now)
    return Trial(
        sample=on,
        greeting=choose(book, Sort.GREETING, now),
        script=choose(book, Sort.SCRIPT, now),
        required=tuple(piece for piece in statements if holds(piece.required_when, now)),
        objections=len(fitting(book, Sort.OBJECTION, now)),
    )


def said_to(piece: Piece, book: Book, on: Sample) -> tuple[Pair, ...]:
    """The lines of a piece as that customer would hear them, in both languages; a missing value is marked."""
    return tuple(
        (_fill(line[0], book, on, "vi"), _fill(line[1], book, on, "en")) for line in piece.lines
    )


def _fill(text: str, book: Book, on: Sample, language: str) -> str:
    values = {slot: pick(pair, language) for slot, pair in on.slots.items()}
    if on.situation.party != Party.CUSTOMER:
        values = for_others(values)
    greeting = choose(book, Sort.GREETING, on.situation)
    if greeting is not None:
        values["greeting"] = fill(pick(greeting.lines[0], language), values, language)
    return fill(text, values, language)


def would_be_taken(piece: Piece, book: Book, on: Sample) -> bool:
    """Whether a piece, put into a book as it is now, would be the one that this customer gets."""
    tried = with_changes(book, [piece], (), book.version)
    return piece in fitting(tried, piece.sort, on.situation)[: None if _shown_all(piece) else 1]


def _shown_all(piece: Piece) -> bool:
    """Of some sorts every piece that fits is shown, of scripts and greetings the first."""
    return piece.sort not in (Sort.SCRIPT, Sort.GREETING)
