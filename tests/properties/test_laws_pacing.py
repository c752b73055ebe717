"""Pacing is bounded, deterministic, monotone in free agents, and falls when abandonment rises."""

from dataclasses import replace
from math import floor, inf

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import decide
from dialer.core.view import Doing, Ended, Handled, Line, Live, Seat, Stage, View

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


AGES = st.floats(0.0, 120.0)


@st.composite
def seats(draw: st.DrawFn) -> Seat:
    """An agent at any point of his work."""
    return Seat(
        draw(st.sampled_from(Doing)),
        draw(AGES),
        draw(AGES),
        draw(st.sampled_from([1.0, 1.0, 1.0, 0.5, 0.0])),
        draw(st.sampled_from([inf, inf, inf, 10.0, 0.0])),
    )


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """A call at any point of its way."""
    since = draw(AGES)
    return Line(
        draw(st.integers()),
        draw(st.sampled_from(Stage)),
        since + draw(AGES),
        since,
        draw(st.integers(0, 3)),
    )


@st.composite
def views(draw: st.DrawFn) -> View:
    """Anything that a floor may look like."""
    answered = draw(st.integers(0, 2_000))
    abandoned = draw(st.integers(0, min(answered, 80)))
    return View(
        mode=draw(st.sampled_from([*Mode, Mode.PREDICTIVE, Mode.PREDICTIVE])),
        now_s=draw(st.floats(0.0, 30_000.0)),
        running=draw(st.sampled_from([True] * 9 + [False])),
        stopped=draw(st.sampled_from([False] * 9 + [True])),
        window_open=draw(st.sampled_from([True] * 9 + [False])),
        stale=draw(st.sampled_from([False] * 9 + [True])),
        carrier_up=draw(st.sampled_from([True] * 9 + [False])),
        dry=draw(st.sampled_from([False] * 9 + [True])),
        seats=draw(st.lists(seats(), max_size=20)),
        lines=draw(st.lists(lines(), max_size=30)),
        lives=draw(st.lists(st.builds(Live, st.integers(0, 3), AGES, AGES, AGES), max_size=4)),
        ended=draw(
            st.lists(
                st.builds(Ended, st.integers(0, 3), AGES, st.none() | AGES, st.none() | AGES),
                max_size=4,
            )
        ),
        handled=draw(
            st.lists(st.builds(Handled, AGES, AGES, st.booleans(), st.booleans()), max_size=4)
        ),
        walked=draw(st.integers(0, 3)),
        dialed=answered + draw(st.integers(0, 3_000)),
        answered=answered,
        abandoned=abandoned,
        hung_up=draw(st.integers(0, abandoned)),
        left_s=draw(st.floats(0.0, 30_000.0)),
        coming=draw(st.lists(st.integers(0, 3), max_size=4)),
        lines_left=draw(st.none() | st.integers(0, 60)),
        calls_left=draw(st.none() | st.integers(0, 5)),
        answer_rate=draw(st.one_of(st.none(), st.floats(0.0, 1.0))),
        ratio=draw(st.floats(1.0, 5.0)),
        since_ms=draw(st.integers(0, 5_000)),
    )


def paced(view: View, limits: Limits) -> int:
    """The lines of a brain that has seen nothing else."""
    return decide(view, limits, Brain()).lines


@given(views(), LIMITS)
def test_it_is_bounded(view: View, limits: Limits) -> None:
    pace = decide(view, limits, Brain())
    assert pace.lines >= 0
    if pace.lines:
        total = view.in_flight + pace.lines
        assert total <= limits.lines
        if view.mode is not Mode.AGENTLESS:
            assert total <= floor(limits.ratio_ceiling * view.agents)
        assert view.lines_left is None or pace.lines <= view.lines_left
        assert view.calls_left is None or pace.lines <= view.calls_left
    unanswered = {line.call for line in view.lines if line.stage <= Stage.RINGING}
    assert unanswered.issuperset(pace.cancel)


@given(views(), LIMITS)
def test_it_is_deterministic(view: View, limits: Limits) -> None:
    assert decide(view, limits, Brain()) == decide(view, limits, Brain())


@given(st.lists(views(), min_size=2, max_size=5), LIMITS)
def test_nothing_is_kept_but_in_the_brain(day: list[View], limits: Limits) -> None:
    day.sort(key=lambda view: view.now_s)
    kept, carried = Brain(), Brain()
    for view in day:
        assert decide(view, limits, kept) == decide(view, limits, carried)
        carried = Brain.load(msgpack.unpackb(msgpack.packb(carried.dump())))


@given(views(), LIMITS, st.data())
def test_more_free_agents_never_yield_fewer_lines(
    view: View, limits: Limits, data: st.DataObject
) -> None:
    busy = [n for n, seat in enumerate(view.seats) if seat.doing is not Doing.IDLE]
    if busy:
        freed = list(view.seats)
        freed[data.draw(st.sampled_from(busy))] = Seat(Doing.IDLE, 0.0)
        assert paced(replace(view, seats=freed), limits) >= paced(view, limits)
    more = [*view.seats, Seat(Doing.IDLE, 0.0)]
    assert paced(replace(view, seats=more), limits) >= paced(view, limits)


@given(views(), LIMITS)
def test_more_abandoned_calls_never_yield_more_lines(view: View, limits: Limits) -> None:
    if view.abandoned < view.answered:
        worse = replace(view, abandoned=view.abandoned + 1)
        assert paced(worse, limits) <= paced(view, limits)


@given(st.lists(views(), min_size=1, max_size=4), LIMITS, st.floats(0.01, 1.0))
def test_a_tighter_target_never_yields_more_lines(
    day: list[View], limits: Limits, share: float
) -> None:
    day.sort(key=lambda view: view.now_s)
    tight = replace(limits, abandon_target_pct=limits.abandon_target_pct * share)
    loose_brain, tight_brain = Brain(), Brain()
    for view in day:
        assert decide(view, tight, tight_brain).lines <= decide(view, limits, loose_brain).lines


@given(views(), LIMITS)
def test_nothing_is_dialled_by_one_who_may_not(view: View, limits: Limits) -> None:
    barred = (
        view.stopped
        or view.stale
        or view.dry
        or not (view.running and view.window_open and view.carrier_up)
    )
    if barred:
        assert paced(view, limits) == 0
