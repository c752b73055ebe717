"""Counting."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from app.portfolio.cells import DateOrder
from app.portfolio.report import ImportReport, Tally, is_change


def test_tallies_add_up() -> None:
    total = Tally(rows=3, created=2, reasons=Counter({("cif", "REQUIRED"): 1}))
    total.add(Tally(rows=2, unchanged=1, updated=1, reasons=Counter({("cif", "REQUIRED"): 1})))
    assert (total.rows, total.loaded) == (5, 4)
    assert total.reasons == {("cif", "REQUIRED"): 2}


def test_what_was_only_seen_is_no_change() -> None:
    assert not is_change(Tally(unchanged=5, promises_left=2, zeros_restored=1).counts)
    assert is_change(Tally(numbers_added=1).counts)


def test_a_report_says_whether_anything_was_written() -> None:
    counts = Tally(unchanged=1).counts
    told = ImportReport(
        path=Path("a.csv"), dry_run=False, encoding="utf-8", delimiter=",", dates=DateOrder.DMY,
        ignored_columns=(), rows=1, loaded=1, rejected=0, counts=counts, reasons={},
        rejected_path=None, closed_not=None, seconds=0.1,
    )  # fmt: skip
    assert not told.changed
