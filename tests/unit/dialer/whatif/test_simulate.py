"""The simulated floor: who gets whom, who is abandoned, whose time counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from app.whatif.rules import DaySettings, Span, Stay
from dialer.whatif.simulate import Fate, Floor, Simulation, Wish
from tests.support.made_day import SETTINGS, MadeWorld, Overdial, a_shift, live_through, recorded

PERSON = Fate(
    0, 1.0, 4.0, answered=True, judged_s=1.0, person=True, patience_s=9.0, talk_s=50.0, wrap_s=10.0
)


@dataclass
class Told:
    """A world whose dials are listed."""

    fates: list[Fate]
    roster: Sequence[Stay] = (Stay(1, 0.0, 1000.0),)

    def fate(self, at_s: float) -> Fate:
        return self.fates.pop(0)

    def coming(self, at_s: float, count: int) -> Sequence[int]:
        return [fate.segment for fate in self.fates[:count]]


@dataclass
class Listed:
    """A pacer that does what is listed for a second."""

    wishes: dict[int, Wish]
    seen: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def decide(self, floor: Floor) -> Wish:
        counts = len(floor.ended), len(floor.handled), len(floor.calls)
        if any(counts):
            self.seen[int(floor.now)] = counts
        return self.wishes.get(int(floor.now), Wish(0))


def run(
    world: Told, wishes: dict[int, Wish], settings: DaySettings = SETTINGS, length_s: float = 300.0
) -> tuple[Simulation, Listed]:
    simulation, pacer = Simulation(world, settings, length_s), Listed(wishes)
    simulation.run(pacer)
    return simulation, pacer


def test_a_person_meets_the_idle_agent_at_once() -> None:
    simulation, pacer = run(Told([PERSON]), {10: Wish(1)})
    (call,) = simulation.record
    assert (call.ringing_s, call.answered_s, call.waiting_s, call.connected_s) == (11, 15, 16, 16)
    assert (call.ended_s, call.wrapped_s, call.agent) == (66, 76, 1)
    total = simulation.books.total()
    assert (total.busy_s, total.floor_s, total.waited_s, total.lines_s) == (60, 300, 16, 56)
    assert (total.persons, total.abandoned, total.connected) == (1, 0, 1)
    assert pacer.seen[76] == (0, 1, 0)


def test_a_person_without_an_agent_is_given_up_after_the_threshold() -> None:
    simulation, _ = run(Told([PERSON, PERSON]), {10: Wish(2)})
    lost = simulation.record[1]
    assert (lost.waiting_s, lost.ended_s, lost.abandoned) == (16, 18, True)
    assert simulation.books.total().abandoned == 1


def test_who_hangs_up_while_waiting_is_abandoned_too() -> None:
    hasty = replace(PERSON, patience_s=0.5)
    simulation, _ = run(Told([PERSON, hasty]), {10: Wish(2)})
    assert (simulation.record[1].ended_s, simulation.record[1].abandoned) == (16.5, True)


def test_the_clock_at_the_answer_runs_earlier() -> None:
    simulation, _ = run(
        Told([PERSON, PERSON]), {10: Wish(2)}, replace_settings(clock_at_answer=True)
    )
    assert simulation.record[1].ended_s == 17.0


def test_who_is_gone_before_he_was_judged_counts() -> None:
    simulation, _ = run(Told([replace(PERSON, gone=True)]), {10: Wish(1)})
    total = simulation.books.total()
    assert (total.persons, total.abandoned, total.connected) == (1, 1, 0)


def test_one_who_waits_gets_the_agent_who_becomes_free() -> None:
    second = replace(PERSON, setup_s=60.5)
    simulation, _ = run(Told([PERSON, second]), {10: Wish(2)})
    assert simulation.record[1].waiting_s == 75.5
    assert simulation.record[1].connected_s == 76.0


def test_a_break_waits_for_the_end_of_the_call() -> None:
    world = Told([PERSON, PERSON], (Stay(1, 0.0, 30.0), Stay(1, 100.0, 300.0)))
    simulation, _ = run(world, {10: Wish(1), 100: Wish(1)})
    total = simulation.books.total()
    assert total.floor_s == 76 + 200
    assert simulation.record[1].connected_s == 106


def test_only_calls_that_nobody_answered_are_given_up() -> None:
    simulation, _ = run(
        Told([PERSON, PERSON]), {10: Wish(2), 12: Wish(0, [0, 7]), 17: Wish(0, [1])}
    )
    first, second = simulation.record
    assert (first.cancelled, first.ended_s, first.answered_s) == (True, 12, None)
    assert (second.cancelled, second.connected_s) == (False, 16)


def test_no_more_lines_than_the_campaign_has() -> None:
    simulation, _ = run(Told([PERSON] * 9), {10: Wish(5), 11: Wish(5)}, replace_settings(lines=3))
    assert len(simulation.record) == 3


def test_a_closed_span_is_told() -> None:
    closed: list[float] = []

    class Watch:
        def decide(self, floor: Floor) -> Wish:
            if floor.closed:
                closed.append(floor.now)
            return Wish(0)

    Simulation(Told([]), SETTINGS, 60.0, [Span(10.0, 13.0)]).run(Watch())
    assert closed == [10.0, 11.0, 12.0]


def test_calls_of_the_day_are_talked_to_their_end_but_time_outside_does_not_count() -> None:
    simulation, _ = run(Told([PERSON]), {10: Wish(1)}, length_s=40.0)
    assert simulation.record[0].wrapped_s == 76
    assert simulation.books.total().busy_s == 24


def test_one_seed_is_one_day() -> None:
    from random import Random

    days = [
        live_through(MadeWorld(a_shift(4, 1800.0), Random(3)), 2.0, 1800.0)[0] for _ in range(2)
    ]
    assert days[0] == days[1]


def test_agents_and_lines_add_up() -> None:
    from random import Random

    world = MadeWorld(a_shift(6, 3600.0), Random(9))
    simulation = Simulation(world, SETTINGS, 3600.0)
    total = simulation.run(Overdial(3.0)).total()
    calls = [recorded(call) for call in simulation.record]
    talked = [c for c in calls if c.connected_s is not None and c.connected_s < 3600.0]
    assert total.connected == len(talked)
    assert total.persons == sum(call.person for call in calls)
    assert total.abandoned == sum(call.abandoned for call in calls)
    assert total.busy_s == pytest.approx(
        sum(min(3600.0, c.wrapped_s or 0) - (c.connected_s or 0) for c in talked)
    )
    assert not simulation.floor.calls
    assert simulation.floor.lines == 0


def replace_settings(**changes: object) -> DaySettings:
    from msgspec.structs import replace as changed

    return changed(SETTINGS, **changes)
