"""Pacing is bounded, deterministic, monotone in free agents, and falls when abandonment rises."""

from dataclasses import replace
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import Snapshot, decide

LIMITS = st.builds(
    Limits,
    lines=st.integers(0, 60),
    ratio_ceiling=st.floats(1.0, 5.0),
    ratio_step=st.floats(0.0, 1.0),
    min_agents=st.integers(1, 10),
    warmup_calls=st.integers(0, 50),
    abandon_target_pct=st.floats(0.5, 3.0),
    abandon_limit_pct=st.floats(0.5, 5.0),
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    agents = draw(st.integers(0, 20))
    answered = draw(st.integers(0, 2_000))
    in_flight = draw(st.integers(0, 70))
    return Snapshot(
        mode=draw(st.sampled_from(list(Mode))),
        running=draw(st.sampled_from([True] * 9 + [False])),
        stopped=draw(st.sampled_from([False] * 9 + [True])),
        window_open=draw(st.sampled_from([True] * 9 + [False])),
        stale=draw(st.sampled_from([False] * 9 + [True])),
        carrier_up=draw(st.sampled_from([True] * 9 + [False])),
        dry=draw(st.sampled_from([False] * 9 + [True])),
        free=draw(st.integers(0, agents)),
        soon=draw(st.integers(0, 5)),
        agents=agents,
        in_flight=in_flight,
        waiting=draw(st.integers(0, in_flight)),
        dialed=answered + draw(st.integers(0, 3_000)),
        answered=answered,
        abandoned=draw(st.integers(0, min(answered, 80))),
        answer_rate=draw(st.one_of(st.none(), st.floats(0.0, 1.0))),
        outcomes=draw(st.integers(0, 3_000)),
        ratio=draw(st.floats(1.0, 5.0)),
        elapsed_ms=draw(st.integers(0, 5_000)),
    )


@given(snapshots(), LIMITS)
def test_it_is_bounded(snapshot: Snapshot, limits: Limits) -> None:
    lines = decide(snapshot, limits).lines
    assert lines >= 0
    if lines:
        total = snapshot.in_flight + lines
        assert total <= limits.lines
        assert total <= floor(limits.ratio_ceiling * snapshot.agents)


@given(snapshots(), LIMITS)
def test_it_is_deterministic(snapshot: Snapshot, limits: Limits) -> None:
    assert decide(snapshot, limits) == decide(snapshot, limits)


@given(snapshots(), LIMITS)
def test_more_free_agents_never_yield_fewer_lines(snapshot: Snapshot, limits: Limits) -> None:
    if snapshot.free < snapshot.agents:
        more = replace(snapshot, free=snapshot.free + 1)
        assert decide(more, limits).lines >= decide(snapshot, limits).lines


@given(snapshots(), LIMITS)
def test_more_abandoned_calls_never_yield_more_lines(snapshot: Snapshot, limits: Limits) -> None:
    if snapshot.abandoned < snapshot.answered:
        worse = replace(snapshot, abandoned=snapshot.abandoned + 1)
        assert decide(worse, limits).lines <= decide(snapshot, limits).lines


@given(snapshots(), LIMITS)
def test_nothing_is_dialled_by_one_who_may_not(snapshot: Snapshot, limits: Limits) -> None:
    barred = (
        snapshot.stopped
        or snapshot.stale
        or snapshot.dry
        or not (snapshot.running and snapshot.window_open and snapshot.carrier_up)
    )
    if barred:
        assert decide(snapshot, limits).lines == 0
