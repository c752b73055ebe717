"""decisions.md 20, 21 and 23: how many lines, and because of what."""

from dataclasses import replace
from typing import Any

import pytest

from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import Because, Pace, Snapshot, abandoned_pct, budget_spent, decide

LIMITS = Limits(lines=100, min_agents=2, warmup_calls=10)


def seen(mode: Mode = Mode.RATIO, **changes: Any) -> Snapshot:
    """A floor well under way: 10 agents, 4 free, one of three answers."""
    settings: dict[str, Any] = {
        "free": 4,
        "agents": 10,
        "dialed": 300,
        "answered": 100,
        "answer_rate": 1 / 3,
        "outcomes": 300,
        "ratio": 3.0,
        "elapsed_ms": 250,
    }
    return Snapshot(mode=mode, **(settings | changes))


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"stopped": True, "running": False}, Because.STOPPED),
        ({"running": False}, Because.NOT_RUNNING),
        ({"mode": Mode.PREVIEW}, Because.MODE),
        ({"mode": Mode.MANUAL}, Because.MODE),
        ({"mode": Mode.AGENTLESS}, Because.MODE),
        ({"window_open": False}, Because.WINDOW_CLOSED),
        ({"stale": True}, Because.STALE),
        ({"carrier_up": False}, Because.CARRIER_LOST),
        ({"dry": True}, Because.LIST_DRY),
        ({"agents": 0, "free": 0}, Because.NO_AGENTS),
    ],
)
def test_no_line_at_all(changes: dict[str, Any], because: Because) -> None:
    assert decide(replace(seen(), **changes), LIMITS) == Pace(0, because)


def test_progressive_opens_one_line_for_each_free_agent() -> None:
    pace = decide(seen(Mode.PROGRESSIVE, in_flight=1), LIMITS)
    assert (pace.lines, pace.because) == (3, Because.PROGRESSIVE)


def test_more_lines_than_free_agents_open_no_more() -> None:
    assert decide(seen(Mode.PROGRESSIVE, in_flight=9), LIMITS).lines == 0


def test_ratio_opens_one_answer_for_each_free_agent() -> None:
    pace = decide(seen(), LIMITS)
    assert (pace.lines, pace.because) == (12, Because.RATIO)


def test_ratio_grows_by_its_step_and_falls_at_once() -> None:
    assert decide(seen(ratio=1.0, elapsed_ms=1_000), LIMITS).ratio == pytest.approx(1.1)
    assert decide(seen(ratio=3.0, answer_rate=0.9), LIMITS).ratio == pytest.approx(1 / 0.9)


def test_ratio_without_an_answer_rate_is_one_to_one() -> None:
    assert decide(seen(answer_rate=None), LIMITS).lines == 4


def test_ratio_warms_up_first() -> None:
    assert decide(seen(dialed=9), LIMITS) == Pace(4, Because.WARMING_UP)


def test_ratio_needs_its_agents() -> None:
    assert decide(seen(agents=1, free=1), LIMITS) == Pace(1, Because.FEW_AGENTS)


def test_a_spent_budget_means_one_line_for_each_free_agent() -> None:
    for mode in (Mode.RATIO, Mode.PREDICTIVE):
        assert decide(seen(mode, abandoned=3), LIMITS) == Pace(4, Because.ABANDONMENT)


def test_the_budget_is_spent_when_one_more_would_break_the_limit() -> None:
    assert not budget_spent(seen(answered=1, abandoned=0), LIMITS)
    assert not budget_spent(seen(answered=99, abandoned=2), LIMITS)
    assert budget_spent(seen(answered=98, abandoned=2), LIMITS)


def test_between_target_and_limit_the_ratio_eases_off() -> None:
    whole = decide(seen(answered=10_000, abandoned=200), LIMITS).ratio
    half = decide(seen(answered=10_000, abandoned=250), LIMITS).ratio
    assert whole == pytest.approx(3.0)
    assert half == pytest.approx(2.0)


def test_a_target_at_the_limit_leaves_no_room_between() -> None:
    limits = replace(LIMITS, abandon_target_pct=3.0, abandon_limit_pct=3.0)
    assert decide(seen(answered=10_000, abandoned=290), limits).ratio == pytest.approx(3.0)
    beyond = replace(limits, abandon_limit_pct=4.0, abandon_target_pct=4.5)
    assert decide(seen(answered=10_000, abandoned=399), beyond).ratio == pytest.approx(3.0)


def test_the_ceiling_cuts() -> None:
    pace = decide(seen(agents=4, in_flight=10, ratio=3.0), replace(LIMITS, ratio_ceiling=2.6))
    assert (pace.lines, pace.because) == (0, Because.RATIO)
    pace = decide(seen(agents=4, free=4, in_flight=0), replace(LIMITS, ratio_ceiling=2.75))
    assert (pace.lines, pace.because) == (11, Because.RATIO)
    pace = decide(seen(agents=2, free=4, in_flight=0), LIMITS)
    assert (pace.lines, pace.because) == (6, Because.CEILING)


def test_the_campaigns_lines_cut() -> None:
    pace = decide(seen(in_flight=2), replace(LIMITS, lines=5))
    assert (pace.lines, pace.because) == (3, Because.LINES)


class TestPredictive:
    """Works from one agent up; the chance of too many answers is the price."""

    def test_it_learns_first(self) -> None:
        pace = decide(seen(Mode.PREDICTIVE, outcomes=49), LIMITS)
        assert (pace.lines, pace.because) == (4, Because.WARMING_UP)

    def test_one_free_agent_never_gets_fewer_than_one_line(self) -> None:
        pace = decide(seen(Mode.PREDICTIVE, agents=1, free=1), LIMITS)
        assert (pace.lines, pace.because) == (1, Because.PREDICTIVE)

    def test_agents_who_will_be_free_count(self) -> None:
        few = decide(seen(Mode.PREDICTIVE), LIMITS).lines
        more = decide(seen(Mode.PREDICTIVE, soon=4), LIMITS).lines
        assert 4 < few < more

    def test_nobody_free_now_or_soon_means_no_line(self) -> None:
        pace = decide(seen(Mode.PREDICTIVE, free=0), LIMITS)
        assert (pace.lines, pace.ratio) == (0, 1.0)

    def test_people_who_wait_already_take_their_agents(self) -> None:
        free = decide(seen(Mode.PREDICTIVE, free=8), LIMITS)
        taken = decide(seen(Mode.PREDICTIVE, free=8, waiting=4, in_flight=4), LIMITS)
        assert taken.lines < free.lines

    def test_nobody_answers_means_the_ceiling_alone_bounds(self) -> None:
        pace = decide(seen(Mode.PREDICTIVE, answer_rate=0.0), LIMITS)
        assert pace.lines == 4

    def test_a_low_answer_rate_reaches_the_ceiling(self) -> None:
        pace = decide(seen(Mode.PREDICTIVE, free=10, answer_rate=0.01), LIMITS)
        assert pace.lines == 30

    def test_expected_abandonment_stays_within_the_target(self) -> None:
        snapshot = seen(Mode.PREDICTIVE, free=20, agents=20, answer_rate=0.5, outcomes=10_000)
        lines = decide(snapshot, LIMITS).lines
        chance = 0.5 + (0.25 / 10_000) ** 0.5
        weights = [1.0]
        for _ in range(lines):
            weights = [
                (weights[k] * (1 - chance) if k < len(weights) else 0.0)
                + (weights[k - 1] * chance if k else 0.0)
                for k in range(len(weights) + 1)
            ]
        lost = sum(w * max(0, k - 20) for k, w in enumerate(weights))
        assert 20 < lines < 60
        assert lost <= 0.02 * chance * lines


def test_abandonment_in_percent() -> None:
    assert abandoned_pct(0, 0) is None
    assert abandoned_pct(200, 3) == pytest.approx(1.5)
