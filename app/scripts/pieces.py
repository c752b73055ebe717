"""A piece of what is said, a book of them, and which piece fits a call. Pure.

A book is one published version: whole, never changed. Pieces of a sort stand in one order, by priority
and then by code, so that of several that fit the same one is always first.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.scripts.fields import Party, Situation
from app.scripts.rules import EVERYBODY, NOBODY, Rule, bounds, fields_of, holds
from app.scripts.texts import Pair


class Sort(StrEnum):
    """What a piece is for."""

    SCRIPT = "SCRIPT"
    STATEMENT = "STATEMENT"
    OBJECTION = "OBJECTION"
    GREETING = "GREETING"
    TEMPLATE = "TEMPLATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text with the rule of whom it is for.

    `lines` are the steps of a script, the one reply of an objection, the one text of a greeting or a note
    template; a statement is its title. Of pieces that fit, the one of the lowest `priority` is taken.
    A statement is `required_when` its rule holds, whatever the outcome; `blocks` are outcomes that cannot
    be saved before it is ticked, where `when` holds.
    """

    sort: Sort
    code: str
    title: Pair
    lines: tuple[Pair, ...] = ()
    priority: int = 100
    when: Rule = EVERYBODY
    required_when: Rule = NOBODY
    blocks: tuple[str, ...] = ()
    active: bool = True
    asks_party: bool = field(init=False, compare=False)  # whether the rule itself asks who it is

    def __post_init__(self) -> None:
        object.__setattr__(self, "asks_party", "party" in fields_of(self.when))

    @property
    def key(self) -> tuple[Sort, str]:
        """By what a piece is known; a code is never given to another meaning."""
        return self.sort, self.code


@dataclass(frozen=True, slots=True)
class Book:
    """One version of everything. Made by `a_book`, which puts the pieces in order."""

    version: int
    pieces: tuple[Piece, ...]
    _in_use: Mapping[Sort, tuple[Piece, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Found once: every call asks for every sort.
        in_use = {
            sort: tuple(p for p in self.pieces if p.sort is sort and p.active) for sort in Sort
        }
        object.__setattr__(self, "_in_use", in_use)

    def of(self, sort: Sort) -> tuple[Piece, ...]:
        """The pieces of a sort that are in use, in their order."""
        return self._in_use[sort]

    def find(self, key: tuple[str, str]) -> Piece | None:
        """The piece of this sort and code, in use or not."""
        return next((piece for piece in self.pieces if piece.key == key), None)


def a_book(version: int, pieces: Iterable[Piece]) -> Book:
    """A book of these pieces in their order."""
    order = list(Sort)
    ranked = sorted(pieces, key=lambda p: (order.index(p.sort), p.priority, p.code))
    return Book(version, tuple(ranked))


# --- which piece fits ------------------------------------------------------------------


def fits(piece: Piece, situation: Situation) -> bool:
    """Whether a piece is for this call.

    What is said is said to the customer, unless the rule itself asks who is on the line: a rule that
    forgets to ask can never put words about a debt into the ear of somebody else.
    """
    if piece.sort is not Sort.STATEMENT and not piece.asks_party:
        return situation.party == Party.CUSTOMER and holds(piece.when, situation)
    return holds(piece.when, situation)


def fitting(book: Book, sort: Sort, situation: Situation) -> tuple[Piece, ...]:
    """All pieces of a sort that are for this call, in their order."""
    return tuple(piece for piece in book.of(sort) if fits(piece, situation))


def choose(book: Book, sort: Sort, situation: Situation) -> Piece | None:
    """The first piece of a sort that is for this call; None when there is none."""
    return next((piece for piece in book.of(sort) if fits(piece, situation)), None)


def possible_parties(piece: Piece) -> frozenset[Party]:
    """To whom a piece may ever be said."""
    if not piece.asks_party:
        return frozenset({Party.CUSTOMER})
    return frozenset(party for party in Party if bounds(piece.when, party)[1])


# --- statements ------------------------------------------------------------------------


def unticked(book: Book, leaf: str, ticked: Collection[str]) -> tuple[Piece, ...]:
    """Statements not ticked that would block an outcome, wherever their `when` holds (S0b-029)."""
    return tuple(
        piece
        for piece in book.of(Sort.STATEMENT)
        if leaf in piece.blocks and piece.code not in ticked
    )


# --- what a book must have ---------------------------------------------------------------

_NEEDED: Final = (
    (Sort.GREETING, Party.CUSTOMER),
    (Sort.GREETING, Party.UNKNOWN),
    (Sort.SCRIPT, Party.CUSTOMER),
    (Sort.SCRIPT, Party.THIRD_PARTY),
    (Sort.SCRIPT, Party.UNKNOWN),
)


def lacking(book: Book) -> tuple[tuple[Sort, Party], ...]:
    """For whom a book has nothing to say when no other rule fits; empty for one that may be published."""
    return tuple(
        (sort, party)
        for sort, party in _NEEDED
        if not any(_is_for_everybody(piece, party) for piece in book.of(sort))
    )


def _is_for_everybody(piece: Piece, party: Party) -> bool:
    if not piece.asks_party and party is not Party.CUSTOMER:
        return False
    return bounds(piece.when, party)[0]


def heaviest_call(book: Book) -> int:
    """Bytes of text that a call may have to carry at the most, in the heavier language.

    The longest script with the longest for somebody else beside it, and everything of the sorts that are
    shown whole.
    """
    return max(_carried(book, language) for language in (0, 1))


def _carried(book: Book, language: int) -> int:
    def size(piece: Piece) -> int:
        texts = (piece.title[language], *(line[language] for line in piece.lines), *piece.blocks)
        return sum(len(text.encode()) for text in texts)

    longest = sorted((size(piece) for piece in book.of(Sort.SCRIPT)), reverse=True)[:2]
    whole = (Sort.STATEMENT, Sort.OBJECTION, Sort.TEMPLATE)
    return sum(longest) + sum(size(piece) for sort in whole for piece in book.of(sort))


def with_changes(
    book: Book, put: Iterable[Piece], gone: Collection[tuple[str, str]], version: int
) -> Book:
    """The book with pieces put in the place of their like, or beside them, and others taken out."""
    changed = {piece.key: piece for piece in put}
    kept = {piece.key: piece for piece in book.pieces if piece.key not in gone}
    return a_book(version, (kept | changed).values())
