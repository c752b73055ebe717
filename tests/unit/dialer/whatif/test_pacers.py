"""The engine on the simulated floor: it foresees what the room would have foreseen that day."""

from __future__ import annotations

from math import inf
from random import Random

from msgspec.structs import replace

from app.whatif.rules import Absence, RecordedDay, Stay
from dialer.whatif.pacers import EnginePacer
from dialer.whatif.simulate import Duty, Floor, SimAgent, SimCall, Simulation
from tests.support.made_day import SETTINGS, MadeWorld

BREAK_S, LENGTH_S = 900.0, 1800.0
AGENTS = 24
PREDICTIVE = replace(SETTINGS, mode="PREDICTIVE", ratio_ceiling=6.0, abandon_target_pct=3.0)


def a_day(planned: tuple[Absence, ...] = ()) -> RecordedDay:
    roster = tuple(Stay(agent, 0.0, BREAK_S) for agent in range(AGENTS))
    return RecordedDay(LENGTH_S, (), roster, PREDICTIVE, planned=planned)


def leaving(at_s: float, agent: SimAgent, planned: tuple[Absence, ...]) -> float:
    """Seconds until this agent leaves, as the engine sees it."""
    floor = Floor(PREDICTIVE, LENGTH_S, now=at_s, agents={agent.id: agent})
    (seat,) = EnginePacer(a_day(planned))._view(floor).seats
    return seat.leaves_in_s


def test_the_engine_knows_the_roster_of_the_day() -> None:
    planned = (Absence(1, 100.0, 160.0), Absence(1, 400.0, 2200.0), Absence(2, 50.0, 60.0))
    agent = SimAgent(1, Duty.TALK)
    seen = [leaving(at, agent, planned) for at in (0.0, 99.5, 100.0, 159.0, 160.0, 2200.0)]
    assert seen == [100.0, 0.5, 0.0, 0.0, 240.0, inf]
    assert leaving(10.0, SimAgent(3, Duty.IDLE), planned) == inf


def test_who_asked_for_a_break_leaves_after_his_call_whatever_is_planned() -> None:
    asked = SimAgent(1, Duty.TALK, leaving=True)
    assert leaving(0.0, asked, (Absence(1, 100.0, 160.0),)) == 0.0


def test_fewer_people_find_nobody_when_the_break_of_all_was_planned() -> None:
    planned = tuple(Absence(agent, BREAK_S, LENGTH_S) for agent in range(AGENTS))
    surprised = sum(len(lost_at_the_break(a_day(), seed)) for seed in (1, 2))
    foreseen = sum(len(lost_at_the_break(a_day(planned), seed)) for seed in (1, 2))
    assert foreseen < surprised / 2


def lost_at_the_break(day: RecordedDay, seed: int) -> list[SimCall]:
    """Who answered when all had gone."""
    simulation = Simulation(MadeWorld(day.stays, Random(seed)), day.settings, day.length_s)
    simulation.run(EnginePacer(day))
    return [
        call
        for call in simulation.record
        if call.abandoned and call.waiting_s is not None and call.waiting_s >= BREAK_S
    ]
