"""Pieces as JSON, and what may be saved as one: each fault names its field and the fix. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from app.history import dispositions
from app.scripts.fields import Party
from app.scripts.pieces import Book, Piece, Sort, a_book, possible_parties
from app.scripts.reading import RuleError, read, to_json
from app.scripts.rules import NOBODY
from app.scripts.texts import SLOTS, TOLD_TO_THE_CUSTOMER_ONLY, Pair, slots_in

MOST_STEPS: Final = 8
LONGEST_TITLE: Final = 60  # characters
LONGEST_LINE: Final = 600  # characters
HIGHEST_PRIORITY: Final = 999
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_STRAY: Final = re.compile(r"[{}]")
_LINES: Final[Mapping[Sort, range]] = {
    Sort.SCRIPT: range(1, MOST_STEPS + 1),
    Sort.STATEMENT: range(1),
    Sort.OBJECTION: range(1, 2),
    Sort.GREETING: range(1, 2),
    Sort.TEMPLATE: range(1, 2),
}


class PieceError(ValueError):
    """A piece cannot be saved like this. `field` is the input at fault; `sentences` fault and fix."""

    def __init__(self, field: str, vietnamese: str, english: str) -> None:
        super().__init__(f"{field}: {english}")
        self.field = field
        self.sentences: Pair = (vietnamese, english)


def to_document(piece: Piece) -> dict[str, Any]:
    """A piece as plain JSON values."""
    return {
        "sort": str(piece.sort),
        "code": piece.code,
        "title": list(piece.title),
        "lines": [list(line) for line in piece.lines],
        "priority": piece.priority,
        "when": to_json(piece.when),
        "required_when": to_json(piece.required_when),
        "blocks": list(piece.blocks),
        "active": piece.active,
    }


def from_document(document: Mapping[str, Any]) -> Piece:
    """The piece that `to_document` wrote. What was saved before is read as it is: nothing is judged."""
    return Piece(
        sort=Sort(document["sort"]),
        code=document["code"],
        title=_pair(document["title"]),
        lines=tuple(_pair(line) for line in document["lines"]),
        priority=document["priority"],
        when=read(document["when"]),
        required_when=read(document["required_when"]),
        blocks=tuple(document["blocks"]),
        active=document["active"],
    )


def book_from(version: int, documents: list[Any]) -> Book:
    """A stored book."""
    return a_book(version, [from_document(document) for document in documents])


def _pair(both: Any) -> Pair:
    vietnamese, english = both
    return vietnamese, english


def read_rule(field: str, document: object) -> Any:
    """A rule of a form's field. Raises `PieceError`."""
    try:
        return read(document)
    except RuleError as fault:
        at = f"{fault.place}: " if fault.place else ""
        raise PieceError(field, at + fault.sentences[0], at + fault.sentences[1]) from fault


def check(piece: Piece) -> None:
    """Whether a piece may be saved. Raises `PieceError` for the first fault, in the order of the form."""
    _check_names(piece)
    _check_lines(piece)
    _check_slots(piece)
    _check_statement(piece)


def _check_names(piece: Piece) -> None:
    if not _CODE.fullmatch(piece.code):
        raise PieceError(
            "code",
            "Mã gồm chữ hoa không dấu, số và gạch dưới, 2 đến 40 ký tự, như BROKEN_CARD.",
            "A code is of capitals, digits and underscores, 2 to 40 of them, such as BROKEN_CARD.",
        )
    for field, text in (("title_vi", piece.title[0]), ("title_en", piece.title[1])):
        if not 0 < len(text) <= LONGEST_TITLE:
            raise PieceError(
                field,
                f"Viết tên dài 1 đến {LONGEST_TITLE} ký tự, bằng cả hai ngôn ngữ.",
                f"Write a title of 1 to {LONGEST_TITLE} characters, in both languages.",
            )
    if not 0 <= piece.priority <= HIGHEST_PRIORITY:
        raise PieceError(
            "priority",
            f"Thứ tự là số từ 0 đến {HIGHEST_PRIORITY}; số nhỏ được xét trước.",
            f"The order is a number from 0 to {HIGHEST_PRIORITY}; the lowest is tried first.",
        )


def _check_lines(piece: Piece) -> None:
    allowed = _LINES[piece.sort]
    if len(piece.lines) not in allowed:
        most = allowed[-1]
        raise PieceError(
            "vi_1",
            f"Viết từ {allowed[0]} đến {most} đoạn." if most else "Câu phải nói chỉ có tên.",
            f"Write {allowed[0]} to {most} texts." if most else "A statement is its title only.",
        )
    for number, line in enumerate(piece.lines, 1):
        for language, text in zip(("vi", "en"), line, strict=True):
            if not 0 < len(text) <= LONGEST_LINE:
                raise PieceError(
                    f"{language}_{number}",
                    f"Đoạn {number} cần 1 đến {LONGEST_LINE} ký tự, bằng cả hai ngôn ngữ.",
                    f"Text {number} needs 1 to {LONGEST_LINE} characters, in both languages.",
                )


def _check_slots(piece: Piece) -> None:
    others = possible_parties(piece) - {Party.CUSTOMER}
    for number, line in enumerate(piece.lines, 1):
        for language, text in zip(("vi", "en"), line, strict=True):
            field, named = f"{language}_{number}", slots_in([text])
            _refuse_unknown(field, named)
            _refuse_stray(field, text)
            debts = sorted(named & TOLD_TO_THE_CUSTOMER_ONLY)
            if others and debts:
                listed = ", ".join(f"{{{slot}}}" for slot in debts)
                raise PieceError(
                    field,
                    f"Người khác không được nghe về khoản nợ: bỏ {listed}, hoặc sửa điều kiện người nghe máy.",
                    f"Nobody else may hear of the debt: take {listed} out, or change who is on the line.",
                )


def _refuse_unknown(field: str, named: frozenset[str]) -> None:
    odd = sorted(named - SLOTS.keys())
    if odd:
        listed, known = (
            ", ".join(f"{{{slot}}}" for slot in odd),
            " ".join(f"{{{slot}}}" for slot in SLOTS),
        )
        raise PieceError(
            field, f"Không có {listed}. Dùng: {known}", f"There is no {listed}. Use: {known}"
        )


def _refuse_stray(field: str, text: str) -> None:
    if _STRAY.search(re.sub(r"\{\w+\}", "", text)):
        raise PieceError(
            field,
            "Dấu { } chỉ bao quanh tên một trường, như {name}.",
            "Braces { } stand around the name of a field only, such as {name}.",
        )


def _check_statement(piece: Piece) -> None:
    if piece.sort is not Sort.STATEMENT:
        if piece.blocks or piece.required_when != NOBODY:
            raise PieceError(
                "blocks",
                "Chỉ câu phải nói mới chặn được kết quả.",
                "Only a statement can block outcomes.",
            )
        return
    choosable = {leaf.code for leaf in dispositions.selectable()}
    odd = ", ".join(sorted(set(piece.blocks) - choosable))
    if odd:
        raise PieceError(
            "blocks",
            f"Nhân viên không chọn được kết quả {odd}: hãy bỏ ra.",
            f"Agents cannot choose the outcome {odd}: take it out.",
        )
