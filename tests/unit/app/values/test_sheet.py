"""Cells that a spreadsheet would run are shown instead."""

from __future__ import annotations

import csv
import io

import pytest

from app.values.sheet import guard, unguard, write_row

FORMULAS = ["=1+1", "+84", "-5", "@SUM(A1)", "\tx", "\rx", "'=x", "''@x", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_guarded_and_given_back(cell: str) -> None:
    assert guard(cell) == f"'{cell}"
    assert unguard(guard(cell)) == cell


@pytest.mark.parametrize("cell", ["", "a=b", "0912", "'hello", "Nguyễn", " =x", "1-2"])
def test_an_ordinary_cell_is_left_alone(cell: str) -> None:
    assert guard(cell) == cell == unguard(cell)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_a_row_is_run_and_all_come_back(delimiter: str) -> None:
    cells = [*FORMULAS, 'say "hi"', "a,b;c\td", "two\nlines", "", "Nguyễn"]
    buffer = io.StringIO()
    write_row(buffer, [*cells, None, 7], delimiter)
    (shown,) = csv.reader(io.StringIO(buffer.getvalue(), newline=""), delimiter=delimiter)
    assert not [cell for cell in shown if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [unguard(cell) for cell in shown] == [*cells, "", "7"]
