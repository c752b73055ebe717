"""What is folded is unfolded as it was, and what did not change costs nothing."""

from __future__ import annotations

import zlib
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pacing.folding import Damaged, Fold, fold, unfold

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
)
ROWS = st.dictionaries(st.integers(0, 5), st.lists(PLAIN, max_size=3), max_size=5)
PAGES = st.dictionaries(st.sampled_from("abcdef"), PLAIN | ROWS | st.lists(PLAIN, max_size=3))
SECONDS = st.lists(st.integers(0, 59), unique=True).map(sorted)


@given(SECONDS, st.data())
def test_every_second_comes_back_as_it_was(at: list[int], data: st.DataObject) -> None:
    pages = [(second, data.draw(PAGES)) for second in at]
    assert list(unfold(fold(pages))) == pages


def a_page(**changes: Any) -> dict[str, Any]:
    seats = {n: [0, 1_000 * n] for n in range(50)}
    return {"mode": "PREDICTIVE", "seats": seats, "pace": {"lines": 0}, **changes}


def test_seconds_alike_are_said_once() -> None:
    still, moving = Fold(), Fold()
    for second in range(60):
        still.add(second, a_page())
        moving.add(second, a_page(seats={n: [0, 7 * n + second] for n in range(50)}))
    assert len(still) == len(moving) == 60
    assert len(still.pack()) == pytest.approx(len(fold([(0, a_page())])), abs=4)
    assert len(moving.pack()) > 5 * len(still.pack())


def test_a_change_of_one_row_costs_little_more_than_the_row() -> None:
    once = len(fold([(0, a_page())]))
    changed = a_page()["seats"] | {7: [1, 99_000]}
    assert len(fold([(0, a_page()), (1, a_page(seats=changed))])) < once + 40


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"nothing",
        zlib.compress(b"\xc1"),
        zlib.compress(msgpack.packb([2, []])),
        zlib.compress(msgpack.packb(7)),
    ],
)
def test_what_is_no_block_is_refused(block: bytes) -> None:
    with pytest.raises(Damaged):
        list(unfold(block))
