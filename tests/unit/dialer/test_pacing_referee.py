"""The engine as the referee meets it: JSON lines in, one answer a line out."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest

from dialer.core.view import Answer, Doing, Ended, Stage
from dialer.pacing_referee import Campaign, Policy, serve

CONTEXT: dict[str, Any] = {
    "abandon_limit": 0.03,
    "max_wait_s": 2.0,
    "abandon_clock": "greeting",
    "max_lines": 30,
    "max_cps": 0.0,
    "tick_s": 1.0,
    "no_answer_timeout_s": 22.0,
    "telemetry_delay_s": 0.0,
    "campaign_end_s": 28_800.0,
    "amd_enabled": True,
    "segments": ["all"],
    "seed": 1,
}


def tick(time: float, **changes: Any) -> dict[str, Any]:
    """Five idle agents, nothing in flight."""
    return {
        "type": "tick",
        "time": time,
        "observed_at": time,
        "lines_in_use": 0,
        "agents": [[n, "idle", time] for n in range(5)],
        "calls": [],
        "new_records": [],
        "new_handled": [],
        "dialled": 0,
        "live": 0,
        "abandoned": 0,
        "hopper": [0] * 50,
    } | changes


def record(call: int, outcome: str, **changes: Any) -> dict[str, Any]:
    """A finished call that was dialled at 100 s and rang after 2 s."""
    return {
        "call_id": call,
        "segment": 0,
        "outcome": outcome,
        "dialled_at": 100.0,
        "ringing_at": 102.0,
        "answered_at": None,
        "queued_at": None,
        "ended_at": 118.0,
        "waited_s": 0.0,
        "talk_s": 0.0,
        "late": False,
    } | changes


def test_each_tick_is_answered_by_one_line() -> None:
    messages = [{"type": "reset", "context": CONTEXT}, tick(1.0), tick(2.0, lines_in_use=29)]
    out = StringIO()
    serve([json.dumps(message) for message in messages], out)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["place"] >= 5
    assert first["cancel"] == []
    assert second["place"] <= 1


def test_a_tick_before_the_reset_is_refused() -> None:
    with pytest.raises(ValueError, match="the referee must send the context first"):
        serve([json.dumps(tick(1.0))], StringIO())
    with pytest.raises(RuntimeError, match="decide before reset"):
        Policy().decide(None)


def test_a_call_that_vanishes_after_ringing_went_to_an_agent() -> None:
    day = Campaign(CONTEXT)
    day.view(tick(110.0, calls=[[1, 0, "ringing", 10.0, 8.0], [2, 0, "ringing", 10.0, 8.0]]))
    view = day.view(tick(111.0, new_records=[record(2, "no_answer", ended_at=110.5)]))
    (live,) = view.lives
    assert (live.setup_s, live.ring_s, live.check_s) == (2.0, 8.5, 0.0)
    assert view.ended == [Ended(0, 2.0, 8.5)]


def test_a_call_that_waits_is_told_once() -> None:
    day = Campaign(CONTEXT)
    day.view(tick(111.0, calls=[[1, 0, "answered", 11.0, 1.0]]))
    waits = [[1, 0, "queued", 12.0, 0.5]]
    view = day.view(tick(112.0, calls=waits))
    assert [line.stage for line in view.lines] == [Stage.QUEUED]
    assert [live.check_s for live in view.lives] == [1.5]
    assert day.view(tick(113.0, calls=waits)).lives == []
    assert day.view(tick(114.0)).lives == []


def test_a_call_that_was_taken_back_was_not_answered() -> None:
    day = Campaign(CONTEXT)
    day.view(tick(117.0, calls=[[1, 0, "ringing", 17.0, 15.0]]))
    view = day.view(tick(118.0, new_records=[record(1, "cancelled")]))
    assert view.lives == []
    assert view.ended == [Ended(0, 2.0, 16.0, taken_back=True)]


def test_who_hung_up_is_told_from_who_was_lost() -> None:
    day = Campaign(CONTEXT)
    times = {"answered_at": 110.0, "queued_at": 111.0}
    early = record(1, "abandoned", waited_s=0.8, **times)
    lost = record(2, "abandoned", waited_s=2.0, **times)
    view = day.view(tick(120.0, new_records=[early, lost], live=2, abandoned=2))
    assert (view.hung_up, view.abandoned, view.answered) == (1, 2, 2)
    assert view.lost == [Answer(8.0, 1.0)]


def test_agents_are_told_with_their_last_talk_and_whether_they_stay() -> None:
    day = Campaign(CONTEXT)
    day.view(tick(110.0, agents=[[0, "talk", 30.0], [1, "idle", 4.0]]))
    talked = record(3, "human", answered_at=108.0, queued_at=109.0, talk_s=30.5)
    view = day.view(tick(111.0, agents=[[0, "wrap", 0.5]], new_records=[talked]))
    assert [(seat.doing, seat.talked_s) for seat in view.seats] == [(Doing.WRAP, 30.0)]
    assert view.walked == 1
    done = {"agent_id": 0, "outcome": "human", "ended_at": 130.0, "talk_s": 30.5, "wrap_s": 19.0}
    (work,) = day.view(tick(130.0, agents=[], new_handled=[done])).handled
    assert (work.stays, work.person, work.answer) == (False, True, Answer(6.0, 1.0))
