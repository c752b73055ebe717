"""What is learned of durations and causes when not every end was seen."""

from math import inf

import pytest

from dialer.whatif.curves import compete, survive


def test_without_censoring_the_curve_is_the_share_that_is_over() -> None:
    curve = survive([(1.0, True), (2.0, True), (3.0, True), (4.0, True)])
    assert [curve.by(age) for age in (0.5, 1.0, 2.5, 4.0)] == [0.0, 0.25, 0.5, 1.0]


def test_what_was_not_seen_to_end_counts_as_long_as_it_was_watched() -> None:
    # Kaplan and Meier (1958), by hand: 1 of 4 ends, one is lost, 1 of 2 ends, 1 of 1 ends.
    curve = survive([(1.0, True), (2.0, False), (3.0, True), (4.0, True)])
    assert curve.over == pytest.approx((0.25, 0.625, 1.0))
    assert curve.seen == 4


def test_a_draw_inverts_the_curve() -> None:
    curve = survive([(1.0, True), (2.0, True)])
    assert [curve.draw(share) for share in (0.0, 0.5, 0.51, 0.99)] == [1.0, 1.0, 2.0, 2.0]


def test_what_outlives_all_ends_last_or_never() -> None:
    seen = [(1.0, True), (5.0, False)]
    assert survive(seen).draw(0.9) == 5.0
    assert survive(seen, last=False).draw(0.9) == inf
    assert survive([(2.0, False)], last=False).draw(0.1) == inf


def test_nothing_seen_takes_no_time() -> None:
    assert survive([]).draw(0.5) == 0.0


def test_competing_causes_share_the_risk() -> None:
    # Aalen and Johansen (1978), by hand.
    risks = compete([(1.0, "a"), (2.0, "b"), (2.5, None), (3.0, "a")])
    assert risks.chances == pytest.approx({"a": 0.25 + 0.5, "b": 0.25})
    assert risks.chance_by("a", 2.0) == pytest.approx(0.25)
    assert risks.chance("c") == risks.chance_by("c", 9.0) == 0.0
    assert risks.when["b"].draw(0.7) == 2.0


def test_ends_at_one_age_are_all_taken_from_those_at_risk_there() -> None:
    risks = compete([(1.0, "a"), (1.0, "b"), (1.0, None), (2.0, "a")])
    assert risks.chances == pytest.approx({"a": 0.25 + 0.5, "b": 0.25})
