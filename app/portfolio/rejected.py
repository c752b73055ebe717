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
from app.portfolio.reader import Row
from app.portfolio.reasons import Fault
from app.values.sheet import write_row

LINE: Final = "rejected_line"
FIELD: Final = "rejected_field"
REASON: Final = "rejected_reason"
EXTRA: Final = (LINE, FIELD, REASON)


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
