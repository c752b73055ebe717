"""`rejected.csv`: the rows that were not loaded, ready to be mended in a spreadsheet and loaded again.

Three columns that the loader ignores when it reads the file back, then the original cells, as many as
there were. Cells that a spreadsheet would run as a formula are guarded (`values/sheet`), which the loader
takes off again.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from app.errors import Invalid
from app.portfolio.cells import fold
from app.portfolio.reader import Row
from app.portfolio.reasons import Fault, Reason, reason
from app.values.sheet import unguard, write_row

LINE: Final = "rejected_line"
FIELD: Final = "rejected_field"
REASON: Final = "rejected_reason"
EXTRA: Final = (LINE, FIELD, REASON)
_FOLDED: Final = frozenset(fold(word) for word in EXTRA)


def extra_places(header: Sequence[str]) -> tuple[int, ...]:
    """Where the three columns of an earlier `rejected.csv` stand; none in any other file."""
    return tuple(place for place, cell in enumerate(header) if fold(cell) in _FOLDED)


class Shape:
    """A file as it first stood: without the three columns and the guards of an earlier `rejected.csv`."""

    def __init__(self, header: Sequence[str]) -> None:
        self._width = len(header)
        self._extra = frozenset(extra_places(header))
        self.header = [unguard(cell) for cell in self._own(header)]

    def original(self, raw: Row) -> Row:
        """The row as it first stood."""
        if not self._extra or raw.broken is not None:
            return raw
        return Row(raw.line, [unguard(cell) for cell in self._own(raw.cells)])

    def why_not(self, raw: Row) -> Reason | None:
        """Why a row's cells cannot be told apart; None when they can."""
        if raw.broken is not None:
            return raw.broken
        count, width, extra = len(raw.cells), self._width, len(self._extra)
        if count != width:
            return reason("CELL_COUNT", count=count - extra, expected=width - extra)
        return None

    def _own(self, cells: Sequence[str]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place not in self._extra]


class Rejected:
    """Writes the file, on its first row only: no refusal, no file. UTF-8 with the mark Excel needs.

    The rows stand under a name of their own until `close`, so that a mended `rejected.csv` can be
    the input of the very run that writes the next one.
    """

    def __init__(self, target: Path, header: Sequence[str], delimiter: str, language: str) -> None:
        self._target = target
        self._growing = target.with_name(f".{target.name}.{os.getpid()}")
        self._header = list(header)
        self._delimiter = delimiter
        self._language = language
        self._file: IO[str] | None = None
        self.count = 0

    def add(self, row: Row, faults: Sequence[Fault]) -> None:
        """One row with everything that is wrong with it."""
        if self._file is None:
            self._file = self._open()
            self._write([*EXTRA, *self._header])
        fields = "; ".join(fault.field for fault in faults if fault.field)
        why = "; ".join(fault.reason.sentence(self._language) for fault in faults)
        self._write([str(row.line), fields, why, *row.cells])
        self.count += 1

    def _open(self) -> IO[str]:
        try:
            return self._growing.open(
                "w", encoding="utf-8-sig", errors="surrogateescape", newline=""
            )
        except OSError as error:
            raise Invalid(
                f"{self._target} cannot be written ({error.strerror}): give --rejected",
                code="NO_REJECTED_FILE",
            ) from error

    def _write(self, cells: Sequence[str]) -> None:
        if self._file is not None:
            write_row(self._file, cells, self._delimiter)

    def close(self) -> Path | None:
        """Put the file in its place; None when nothing was refused. An older one is kept aside."""
        if self._file is None:
            return None
        self._file.close()
        if self._target.exists():
            self._target.replace(self._target.with_name(f"{self._target.stem}.previous.csv"))
        self._growing.replace(self._target)
        return self._target

    def discard(self) -> None:
        """Leave nothing behind: the run failed or was only a rehearsal."""
        if self._file is not None:
            self._file.close()
            self._growing.unlink(missing_ok=True)
