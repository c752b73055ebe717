"""A dialer that dies in the middle of the day is followed by one that decides as it would have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialer.core import dialing
from dialer.core.brain import Brain
from dialer.core.pacing import decide
from dialer.keeper import packed, unpacked
from loadtests.pacing_live import a_day
from loadtests.pacing_referee.scenario import Scenario

if TYPE_CHECKING:
    import pytest

    from dialer.core.campaign import Limits
    from dialer.core.pacing import Pace
    from dialer.core.view import View

MINUTES = 20


def a_morning(monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[View, Pace]], Limits]:
    """Every view and decision of a simulated morning of eight agents."""
    seen: list[tuple[View, Pace]] = []

    def watched(view: View, limits: Limits, brain: Brain) -> Pace:
        pace = decide(view, limits, brain)
        seen.append((view, pace))
        return pace

    monkeypatch.setattr(dialing, "decide", watched)
    day = a_day(Scenario(name="morning", agents=8, duration_s=60.0 * MINUTES), 4)
    day.run()
    return seen, day.campaign.limits


def test_the_next_dialer_decides_as_the_last_one_would_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, limits = a_morning(monkeypatch)
    assert len(seen) >= 60 * MINUTES
    assert sum(pace.lines for _, pace in seen) > 100
    brain, dies_at = Brain(), len(seen) // 2
    for number, (view, pace) in enumerate(seen):
        if number == dies_at:
            memory: Any = unpacked(packed({"brain": brain.dump()}))
            brain = Brain.load(memory["brain"])
        assert decide(view, limits, brain) == pace, number


def test_a_dialer_that_forgot_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, limits = a_morning(monkeypatch)
    brain = Brain()
    after = seen[len(seen) // 2 :]
    assert any(decide(view, limits, brain) != pace for view, pace in after)


def test_a_memory_is_compact(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, limits = a_morning(monkeypatch)
    brain = Brain()
    for view, _ in seen:
        decide(view, limits, brain)
    assert len(packed({"brain": brain.dump()})) < 8_000
