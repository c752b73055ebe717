"""Bytes of a file into rows of cells, streaming: encoding, delimiter, quotes, line numbers.

Knows nothing of customers or loans; what a header means is decided in `columns`. A broken row never
takes its neighbours with it: a quote that opens and never closes costs the line that it stands on.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from app.errors import Invalid
from app.portfolio.reasons import Reason, reason

DELIMITERS: Final = (",", ";", "\t")
LINE_LIMIT: Final = 1 << 20
"""Characters of one line: beyond this the file is not a table (or has no line ends)."""
QUOTED_LINES: Final = 50
"""Lines that one quoted row may span before its opening quote counts as never closed."""
_SNIFF_BYTES: Final = 4096
_DAMAGED: Final = re.compile("[\udc80-\udcff\ufffd]")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row as they stood in the file, its first line (1 = the top of the file).

    `broken` tells why the cells could not be told apart; then `cells` holds the whole line as one.
    """

    line: int
    cells: list[str]
    broken: Reason | None = None


class Sheet:
    """A file being read. `header` is its first row; iterate once for the rows; `position` is in bytes.

    Raises Invalid when the file is empty, is no text, or its first line cannot be a header.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.encoding = detect_encoding(source)
        text = io.TextIOWrapper(
            source, encoding=self.encoding, errors=_errors_of(self.encoding), newline=""
        )
        self._text = text
        self._line = 0
        self._held: deque[str] = deque()
        self.delimiter = ""
        self.header = self._read_header()

    @property
    def position(self) -> int:
        """Bytes consumed so far (read ahead included): what a progress bar shows."""
        return self._source.tell()

    def _read_header(self) -> list[str]:
        first = self._next_line()
        if first is not None and first.lower().startswith("sep="):  # Excel's own hint
            first = self._next_line()
        while first is not None and not first.strip(" \t\r\n,;"):
            first = self._next_line()
        if first is None:
            raise Invalid("the file is empty", code="EMPTY_FILE")
        if "\0" in first:
            raise Invalid(
                "this is not a text file: save it from Excel as CSV UTF-8 or Unicode Text",
                code="NOT_TEXT",
            )
        self.delimiter = detect_delimiter(first)
        self._held.appendleft(first)
        self._line -= 1
        return next(self._rows()).cells

    def __iter__(self) -> Iterator[Row]:
        return self._rows()

    def _rows(self) -> Iterator[Row]:
        while (line := self._next_line()) is not None:
            number = self._line
            bare = line.rstrip("\r\n")
            if '"' not in bare:
                yield Row(number, bare.split(self.delimiter))
            else:
                yield self._quoted(number, line)

    def _quoted(self, number: int, first: str) -> Row:
        """A row with quotes, which may span lines; lines that turn out not to belong are held back."""
        taken = [first]
        while True:
            try:
                cells = next(csv.reader(taken, delimiter=self.delimiter, strict=True))
            except csv.Error as error:
                if "unexpected end of data" not in str(error):
                    self._hold(taken[1:])
                    return Row(number, [first.rstrip("\r\n")], reason("QUOTE_BROKEN"))
            else:
                return Row(number, cells)
            more = self._next_line() if len(taken) < QUOTED_LINES else None
            if more is None:
                self._hold(taken[1:])
                return Row(number, [first.rstrip("\r\n")], reason("QUOTE_OPEN"))
            taken.append(more)

    def _hold(self, lines: list[str]) -> None:
        self._held.extendleft(reversed(lines))
        self._line -= len(lines)

    def _next_line(self) -> str | None:
        line = self._held.popleft() if self._held else self._text.readline(LINE_LIMIT)
        if not line:
            return None
        self._line += 1
        if len(line) >= LINE_LIMIT and not line.endswith(("\n", "\r")):
            raise Invalid(
                f"line {self._line} is longer than {LINE_LIMIT} characters: this is not a table",
                code="LINE_TOO_LONG",
            )
        return line


def detect_encoding(source: BinaryIO) -> str:
    """UTF-8 with or without its mark, or UTF-16 (Excel's Unicode text); the source is left at 0."""
    head = source.read(_SNIFF_BYTES)
    source.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 4:
        return "utf-16-be"
    return "utf-8"


def _errors_of(encoding: str) -> str:
    """Bytes that are no UTF-8 are carried through (and refused row by row); UTF-16 has no such way."""
    return "surrogateescape" if encoding.startswith("utf-8") else "replace"


def detect_delimiter(header: str) -> str:
    """The delimiter that cuts the header into the most cells; a comma when nothing cuts it."""
    outside = "".join(header.split('"')[0::2])
    return max(DELIMITERS, key=lambda mark: (outside.count(mark), -DELIMITERS.index(mark)))


def is_damaged(cells: list[str]) -> bool:
    """True when a cell holds bytes that were not text in the file's encoding."""
    joined = "".join(cells)
    return not joined.isascii() and _DAMAGED.search(joined) is not None
