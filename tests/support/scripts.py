"""Scripts for tests: the codes of the statements that the product comes with, and a piece to change."""

from dataclasses import replace

from app.scripts.defaults import BOOK, STATEMENTS
from app.scripts.pieces import Piece, Sort

CODES = tuple(sorted(statement.code for statement in STATEMENTS))


def a_script(like: str = "OVERDUE", /, **changes: object) -> Piece:
    """A script of the product's own book, with changes."""
    found = BOOK.find((Sort.SCRIPT, like))
    assert found is not None
    return replace(found, **changes)  # type: ignore[arg-type]  # a test names the fields it means


def a_statement(like: str = "PROMISE_SUMMARY", /, **changes: object) -> Piece:
    """A statement of the product's own book, with changes."""
    found = BOOK.find((Sort.STATEMENT, like))
    assert found is not None
    return replace(found, **changes)  # type: ignore[arg-type]  # a test names the fields it means
