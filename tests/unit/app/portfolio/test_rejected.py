"""Guarding cells that a spreadsheet would run."""

from __future__ import annotations

import pytest

from app.portfolio.rejected import guard, unguard


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-5", "@SUM", "\tx", "\rx", "'=x"])
def test_a_formula_is_guarded_and_given_back(cell: str) -> None:
    assert guard(cell) == f"'{cell}"
    assert unguard(guard(cell)) == cell


@pytest.mark.parametrize("cell", ["", "a=b", "0912", "'hello", "Nguyễn"])
def test_an_ordinary_cell_is_left_alone(cell: str) -> None:
    assert guard(cell) == cell == unguard(cell)
