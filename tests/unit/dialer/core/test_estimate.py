"""Smoothed figures with the number of samples behind them."""

import pytest

from dialer.core.estimate import MEMORY, Estimates, Smoothed


def test_nothing_seen_is_none() -> None:
    assert Smoothed().value is None


def test_the_first_samples_are_averaged_plainly() -> None:
    mean = Smoothed()
    for sample in (1.0, 2.0, 6.0):
        mean.add(sample)
    assert mean.value == pytest.approx(3.0)
    assert mean.n == 3


def test_later_samples_weigh_one_part_of_memory() -> None:
    mean = Smoothed()
    for _ in range(10 * MEMORY):
        mean.add(0.0)
    mean.add(1.0)
    assert mean.value == pytest.approx(1 / MEMORY)


def test_persons_and_nobodies_make_the_answer_rate() -> None:
    estimates = Estimates()
    estimates.person(4_000)
    estimates.nobody()
    assert estimates.answer_rate.value == pytest.approx(0.5)
    assert estimates.ring_ms.value == pytest.approx(4_000)
