"""The map of requirements: every row is read, every proof is found, totals add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.coverage_map import REASONS, REQUIREMENTS, Row, read_rows, write

TESTS = Path(__file__).resolve().parents[1]
MARK = re.compile(r"mark\.req\(([^)]*)\)")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows(REQUIREMENTS.read_text(encoding="utf-8"))


def test_every_row_of_the_inventory_is_read_once(rows: list[Row]) -> None:
    ids = [row.id for row in rows]
    assert len(ids) == 674
    assert len(set(ids)) == len(ids)
    assert all(row.wording for row in rows)


def test_tests_and_reasons_name_rows_that_exist(rows: list[Row]) -> None:
    known = {row.id for row in rows}
    named = {
        row
        for path in TESTS.rglob("test_*.py")
        for marks in MARK.findall(path.read_text(encoding="utf-8"))
        for row in re.findall(r"[\"']([A-Z]\w*-\d+)[\"']", marks)
    }
    assert named - known == set()
    assert set(REASONS) - known == set()


def test_the_page_counts_what_is_proved() -> None:
    rows = [Row("S1-001", "a"), Row("S1-002", "b"), Row("S2-001", "c")]
    page = write(rows, {"S1-002": {"tests/x.py::test_y", "tests/x.py::test_a"}})
    assert "| S1 | 2 | 1 | 0 | 1 |" in page
    assert "| **All** | 3 | 1 | 0 | 2 |" in page
    assert "| S1-002 | b | `tests/x.py::test_a`<br>`tests/x.py::test_y` |" in page
    assert "| S2-001 | c | not yet |" in page
