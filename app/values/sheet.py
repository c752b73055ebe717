"""Cells for a spreadsheet: whatever we export is shown and never run.

A spreadsheet takes a cell that begins with one of `= + - @`, a tab or a carriage return for a formula, and
a name in a portfolio is written by strangers. So each such cell is written with an apostrophe before it,
which our own import takes off again. Every export writes its rows here and nowhere else (a test looks).
"""

import csv
import re
from collections.abc import Iterable
from typing import Final, Protocol

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


class Writable(Protocol):
    """What takes text: a file, a buffer."""

    def write(self, text: str, /) -> object:
        """Take it."""


def guard(cell: str) -> str:
    """The cell as a spreadsheet will show it and not run it; `unguard` gives it back exactly."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell that `guard` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell


def write_row(target: Writable, cells: Iterable[object], delimiter: str = ",") -> None:
    """Write one line of CSV, every cell guarded; None is an empty cell. Lines end as RFC 4180 has it."""
    shown = [guard("" if cell is None else str(cell)) for cell in cells]
    csv.writer(target, delimiter=delimiter).writerow(shown)
