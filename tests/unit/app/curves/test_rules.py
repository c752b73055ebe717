"""Curves from counts, against examples worked by hand."""

from __future__ import annotations

import pytest

from app.curves.rules import Answered, Count, Stage, answered, by_hour, by_tries, survival
from app.values.tries import group_of


def test_survival_is_the_product_limit_with_what_was_cut_off_at_risk_until_then() -> None:
    # Six talks: over after 3 s and 5 s (two), cut after 4 s and 8 s, over after 10 s.
    counts = [
        Count(9, 0, Stage.TALK, 3, 1),
        Count(9, 0, Stage.TALK, 4, 0, cut=1),
        Count(10, 1, Stage.TALK, 5, 2),
        Count(9, 0, Stage.TALK, 8, 0, cut=1),
        Count(9, 0, Stage.TALK, 10, 1),
        Count(9, 0, Stage.WRAP, 1, 99),
    ]
    curve = survival(counts, Stage.TALK)
    assert [step.age_s for step in curve.steps] == [3, 5, 10]
    assert [step.share for step in curve.steps] == pytest.approx([5 / 6, 5 / 12, 0.0])
    assert curve.seen == 6
    assert curve.reached_by(0.5) == 5
    assert survival(counts[:2], Stage.TALK).reached_by(0.9) is None


def test_nothing_seen_is_an_empty_curve() -> None:
    assert survival([], Stage.RING).steps == ()
    assert answered([]).share is None
    assert answered([]).interval is None


def test_a_dial_counts_once_and_one_that_we_took_back_not_at_all() -> None:
    counts = [
        Count(9, 0, Stage.SETUP, 2, 8, others=2, cut=1),  # eight rang, two never did
        Count(9, 0, Stage.RING, 9, 3, others=4, cut=1),
    ]
    assert answered(counts) == Answered(dialled=9, people=3)


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = Answered(dialled=10, people=2).interval or (0, 0)
    assert (low, high) == pytest.approx((0.0567, 0.5098), abs=1e-3)


def test_hours_and_tries_are_told_apart() -> None:
    counts = [Count(9, 0, Stage.RING, 5, 1), Count(14, 2, Stage.RING, 5, 0, others=3)]
    assert by_hour(counts) == {9: Answered(1, 1), 14: Answered(3, 0)}
    assert by_tries(counts) == {0: Answered(1, 1), 2: Answered(3, 0)}


@pytest.mark.parametrize(("attempt", "group"), [(1, 0), (2, 1), (3, 1), (4, 2), (40, 2)])
def test_tries_fall_into_three_groups(attempt: int, group: int) -> None:
    assert group_of(attempt) == group
