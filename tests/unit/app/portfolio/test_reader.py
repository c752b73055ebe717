"""Bytes into rows: encodings, delimiters, quotes, lines."""

from __future__ import annotations

import io

import pytest

from app.errors import Invalid
from app.portfolio.reader import LINE_LIMIT, Row, Sheet, is_damaged


def sheet_of(text: str, encoding: str = "utf-8") -> Sheet:
    return Sheet(io.BytesIO(text.encode(encoding)))


def rows_of(text: str, encoding: str = "utf-8") -> list[Row]:
    return list(sheet_of(text, encoding))


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"),
     ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)  # fmt: skip
def test_the_encoding_is_known_by_its_mark_or_its_zeros(encoding: str, found: str) -> None:
    sheet = sheet_of("cif,ten\n1,Hà\n", encoding)
    assert sheet.encoding == found
    assert sheet.header == ["cif", "ten"]
    assert [row.cells for row in sheet] == [["1", "Hà"]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_cuts_the_header(mark: str) -> None:
    sheet = sheet_of(f'"a,b;c"{mark}d{mark}e\n')
    assert sheet.delimiter == mark
    assert sheet.header == ["a,b;c", "d", "e"]


def test_one_column_is_cut_by_nothing() -> None:
    assert sheet_of("cif\n1\n").delimiter == ","


def test_excels_hint_and_empty_lines_before_the_header_are_passed_over() -> None:
    sheet = sheet_of("sep=;\n\n;;\na;b\n1;2\n")
    assert sheet.header == ["a", "b"]
    assert [row.line for row in sheet] == [5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_machine_ends_them(end: str) -> None:
    rows = rows_of(end.join(["a,b", "1,2", "3,4", ""]))
    assert [(row.line, row.cells) for row in rows] == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_a_quoted_cell_holds_delimiters_quotes_and_lines() -> None:
    rows = rows_of('a,b\n"x, ""y""\nz",2\n3,4\n')
    assert rows[0] == Row(2, ['x, "y"\nz', "2"])
    assert rows[1] == Row(4, ["3", "4"])


def test_a_quote_inside_an_unquoted_cell_is_a_letter() -> None:
    assert rows_of('a,b\n5" pipe,2\n')[0].cells == ['5" pipe', "2"]


@pytest.mark.parametrize("rows_after", [3, 80])
def test_a_quote_that_never_closes_costs_one_line(rows_after: int) -> None:
    rows = rows_of('a,b\n1,"2\n' + "3,4\n" * rows_after)
    assert rows[0].broken is not None
    assert rows[0].broken.code == "QUOTE_OPEN"
    assert rows[0].cells == ['1,"2']
    assert [row.line for row in rows] == list(range(2, rows_after + 3))


def test_a_misplaced_quote_costs_the_lines_that_it_ran_over_nothing() -> None:
    rows = rows_of('a,b\n"1\nx"y,2\n3,4\n')
    assert [row.broken.code if row.broken else None for row in rows] == ["QUOTE_BROKEN", None, None]
    assert [row.line for row in rows] == [2, 3, 4]


def test_bytes_that_are_no_text_are_carried_and_known() -> None:
    sheet = Sheet(io.BytesIO(b"a,b\nH\xe0,2\n"))
    (row,) = sheet
    assert is_damaged(row.cells)
    assert row.cells[0].encode("utf-8", "surrogateescape") == b"H\xe0"
    assert not is_damaged(["Hà", "x"])
    assert is_damaged(["\ufffd"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"\n\n,,\n", "EMPTY_FILE"),
        (b"PK\x03\x04\x00a\x00" + b"x" * 90, "NOT_TEXT"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        Sheet(io.BytesIO(content))
    assert refused.value.code == code


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    sheet = Sheet(io.BytesIO(b"a,b\n" + b"x" * (LINE_LIMIT + 5)))
    with pytest.raises(Invalid) as refused:
        list(sheet)
    assert refused.value.code == "LINE_TOO_LONG"


def test_the_position_grows_to_the_size_of_the_file() -> None:
    content = b"a,b\n" + b"1,2\n" * 50_000
    sheet = Sheet(io.BytesIO(content))
    early = sheet.position
    for _ in sheet:
        pass
    assert early < sheet.position == len(content)
