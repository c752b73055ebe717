"""Seconds of pacing as the dialer keeps them, of a simulated floor that our engine dials."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

from msgspec.structs import replace as changed

from app.whatif.rules import KeptSecond, RecordedDay, Stay
from dialer.core.pacing import decide
from dialer.core.recount import page_of
from dialer.whatif.pacers import EnginePacer, limits_of
from dialer.whatif.simulate import Floor, Simulation, Wish
from tests.support.made_day import SETTINGS, MadeWorld
from tests.support.rows import START_MS

MINUTE_MS = 60_000


@dataclass
class Keeping:
    """The engine, with a page of each of its decisions."""

    begins_ms: int
    engine: EnginePacer
    seconds: list[KeptSecond] = field(default_factory=list)

    def decide(self, floor: Floor) -> Wish:
        self.engine._learn(floor)
        seen = self.engine._view(floor)
        lines = [line._replace(call=UUID(int=int(str(line.call)) + 1)) for line in seen.lines]
        at_ms = self.begins_ms + round(1000 * floor.now)
        view = replace(seen, lines=lines, now_s=at_ms / 1000)
        limits = limits_of(floor.settings)
        pace = decide(view, limits, self.engine._brain)
        page = page_of(view, limits, pace, at_ms // MINUTE_MS * MINUTE_MS)
        self.seconds.append(KeptSecond(at_ms, page))
        cancel = [call.int - 1 for call in pace.cancel if isinstance(call, UUID)]
        return Wish(pace.lines, cancel)


def kept_seconds(agents: int, length_s: float, begins_ms: int = START_MS) -> list[KeptSecond]:
    """Every second of a predictive day that begins then."""
    settings = changed(SETTINGS, mode="PREDICTIVE", ratio_ceiling=6.0)
    roster = [Stay(agent, 0.0, length_s) for agent in range(agents)]
    simulation = Simulation(MadeWorld(roster, Random(2)), settings, length_s)
    keeping = Keeping(begins_ms, EnginePacer(RecordedDay(length_s, (), (), settings)))
    simulation.run(keeping)
    return keeping.seconds
