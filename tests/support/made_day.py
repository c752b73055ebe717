"""A day whose truth is known: customers of set distributions, met by a simple dialer, and what it recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.whatif.rules import DaySettings, RecordedCall, RecordedDay, Stay
from dialer.whatif.simulate import Fate, Floor, SimCall, Simulation, Stage, Wish

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from dialer.whatif.books import Books

SETTINGS = DaySettings(
    mode="RATIO", abandon_target_pct=2.0, abandon_limit_pct=3.0, ratio_ceiling=3.0, lines=200
)


@dataclass(slots=True)
class MadeWorld:
    """About the referee's default times: 22 % persons after 12 s, 94 s of talk, 17 s of wrap-up."""

    roster: Sequence[Stay]
    chance: Random
    persons: float = 0.22
    machines: float = 0.30
    bursts: Sequence[tuple[float, float]] = field(default_factory=tuple)  # doubled from, until
    segment_factors: tuple[float, ...] = (1.0,)

    def coming(self, at_s: float, count: int) -> Sequence[int]:
        """Any segment."""
        return [0] * count

    def fate(self, at_s: float) -> Fate:
        """One customer."""
        rnd = self.chance
        segment = rnd.randrange(len(self.segment_factors))
        burst = any(begun <= at_s < over for begun, over in self.bursts)
        persons = self.persons * self.segment_factors[segment] * (2.2 if burst else 1.0)
        share = rnd.random()
        setup = min(8.0, rnd.lognormvariate(0.84, 0.39))
        if share < persons:
            part = rnd.random()
            mean = 22.0 if part < 0.4 else 95.0 if part < 0.85 else 280.0
            talk = min(1800.0, max(3.0, mean * rnd.lognormvariate(-0.2, 0.63)))
            ring = rnd.gammavariate(3.3, 2.7)
            if ring < 22.0:
                return Fate(
                    segment, setup, ring, answered=True, person=True,
                    judged_s=rnd.uniform(0.5, 1.8), patience_s=rnd.lognormvariate(1.8, 0.55),
                    talk_s=talk, wrap_s=min(30.0, rnd.lognormvariate(2.78, 0.47)),
                )  # fmt: skip
        elif share < persons + self.machines:
            ring = rnd.lognormvariate(2.79, 0.29)
            if ring < 22.0:
                return Fate(segment, setup, ring, answered=True, judged_s=rnd.uniform(1.0, 4.0))
        elif share < persons + self.machines + 0.1:
            return Fate(segment, setup + rnd.uniform(0.5, 2.0))
        return Fate(segment, setup, 22.0)


@dataclass(slots=True)
class Overdial:
    """So many lines on their way for each idle agent: by the ceiling of the settings, or fixed."""

    fixed: float | None = None

    def decide(self, floor: Floor) -> Wish:
        """Top up."""
        idle = sum(agent.duty == 1 for agent in floor.agents.values())
        way = sum(call.stage < Stage.WAITING for call in floor.calls.values())
        per_agent = self.fixed or floor.settings.ratio_ceiling
        return Wish(max(0, int(idle * per_agent) - way))


def a_shift(agents: int, length_s: float) -> list[Stay]:
    """All there from the start, with a break of 15 minutes each at about half time."""
    half = length_s / 2
    return [
        stay
        for agent in range(agents)
        for stay in (
            Stay(agent, 2.0 * agent, half + 20.0 * agent),
            Stay(agent, half + 20.0 * agent + 900.0, length_s),
        )
    ]


def live_through(world: MadeWorld, per_agent: float, length_s: float) -> tuple[RecordedDay, Books]:
    """A day dialled with so many lines per idle agent: its record, and its true figures."""
    simulation = Simulation(world, SETTINGS, length_s)
    books = simulation.run(Overdial(per_agent))
    calls = tuple(recorded(call) for call in simulation.record)
    segments = tuple(str(at) for at in range(len(world.segment_factors)))
    return RecordedDay(length_s, calls, tuple(world.roster), SETTINGS, (), segments), books


def recorded(call: SimCall) -> RecordedCall:
    """What the books of a dialer keep of a call."""
    return RecordedCall(
        dialled_s=call.dialled_s,
        segment=call.fate.segment,
        ringing_s=call.ringing_s,
        answered_s=call.answered_s,
        waiting_s=call.waiting_s,
        connected_s=call.connected_s,
        ended_s=call.ended_s,
        wrapped_s=call.wrapped_s,
        agent=call.agent,
        person=call.waiting_s is not None,
        abandoned=call.abandoned,
        cancelled=call.cancelled,
    )
