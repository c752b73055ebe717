"""What one campaign has learned of its calls and agents, and the rates drawn from it.

`Curves` is counts, fed event by event; `Rates` is what they say now: small vectors that forecasts are
made of and that may be shown, kept and taken as tomorrow's beginning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from dialer.core.hazards import Floats, Hazards, seconds
from dialer.core.view import Doing, Ended, Handled, Line, Live, Seat, Stage

SETUP_S, RING_S, CHECK_S, WRAP_S, DIAL_S = 12, 46, 6, 60, 46  # bins of one second
TALK_EDGES = np.array(
    [0, 4, 8, 12, 18, 25, 35, 50, 70, 100, 140, 200, 280, 400, 600, 900], np.float64
)  # s
SHORT_S = 14.0  # a talk shorter than this was a machine or a refusal: its wrap-up is another one
CALLS_HALF_S, AGENTS_HALF_S = 1_500.0, 3_000.0  # half-lives of what is learned of calls, of agents
PER_CHECK = 0.998  # what an observation of detection keeps at each further one


@dataclass(slots=True)
class Rates:
    """Rates (1/s) and chances by age (s), as of one moment."""

    setup_rings: Floats
    setup_ends: Floats
    ring_live: Floats  # answered, and it will be found live
    ring_else: Floats
    live_check: Floats  # density over the seconds from answer to "live", of those that will be
    dead_check: Floats  # the same of the others
    live_if_answered: Floats  # by seconds from dialling to the answer
    wrap: Floats
    short_wrap: Floats  # after a short talk
    talk: Floats  # by `TALK_EDGES`

    def dump(self) -> dict[str, list[float]]:
        """As plain lists."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}

    @classmethod
    def load(cls, plain: dict[str, list[float]]) -> "Rates":
        """What `dump` gave."""
        return cls(**{name: np.array(values, np.float64) for name, values in plain.items()})


class Curves:
    """Counts by age of set-up, ringing, detection, talk and wrap-up, slowly forgotten."""

    _HAZARDS: ClassVar = ("setup", "ring", "wrap", "short_wrap", "talk")
    _COUNTS: ClassVar = ("live_check", "dead_check", "live_at", "answered_at")

    def __init__(self) -> None:
        self.setup = Hazards(seconds(SETUP_S), (0.35, 0.03), 25.0)
        self.ring = Hazards(seconds(RING_S), (0.03, 0.02), 25.0)
        self.wrap = Hazards(seconds(WRAP_S), (0.05, 0.0), 10.0)
        self.short_wrap = Hazards(seconds(WRAP_S), (0.05, 0.0), 10.0)
        self.talk = Hazards(TALK_EDGES, (0.011, 0.0), 300.0)
        self.live_check = np.full(CHECK_S, 0.2)
        self.dead_check = np.full(CHECK_S, 0.2)
        self.live_at = np.full(DIAL_S, 0.5)
        self.answered_at = np.full(DIAL_S, 1.0)

    # --- learning ---

    def take_live(self, call: Live) -> None:
        """A call was found live."""
        self.setup.ended(call.setup_s)
        self.ring.ended(call.ring_s)
        self._answered(call.setup_s + call.ring_s, live=True)
        self.live_check *= PER_CHECK
        self.live_check[_bin(call.check_s, CHECK_S)] += 1.0

    def take_ended(self, call: Ended) -> None:
        """A call ended without having been live."""
        if call.taken_back:
            self._take_back(call)
            return
        self.setup.ended(call.setup_s, first=call.ring_s is not None)
        if call.ring_s is None:
            return
        self.ring.ended(call.ring_s, first=False)
        if call.check_s is not None:
            self._answered(call.setup_s + call.ring_s, live=False)
            self.dead_check *= PER_CHECK
            self.dead_check[_bin(call.check_s, CHECK_S)] += 1.0

    def _take_back(self, call: Ended) -> None:
        """It was at risk for so long (censored): forgotten, it would make the others look sooner answered."""
        if call.ring_s is None:
            self.setup.censored(call.setup_s)
            return
        self.setup.ended(call.setup_s)
        if call.check_s is None:
            self.ring.censored(call.ring_s)

    def take_handled(self, work: Handled) -> None:
        """An agent is done with a call."""
        self.talk.ended(work.talk_s)
        (self.short_wrap if work.talk_s < SHORT_S else self.wrap).ended(work.wrap_s)

    def _answered(self, dial_s: float, *, live: bool) -> None:
        at = _bin(dial_s, DIAL_S)
        self.answered_at[at] = self.answered_at[at] * PER_CHECK + 1.0
        self.live_at[at] = self.live_at[at] * PER_CHECK + live

    def forget(self, elapsed_s: float) -> None:
        """So much time has passed."""
        calls, agents = 0.5 ** (elapsed_s / CALLS_HALF_S), 0.5 ** (elapsed_s / AGENTS_HALF_S)
        for hazards in (self.setup, self.ring):
            hazards.forget(calls)
        for hazards in (self.wrap, self.short_wrap, self.talk):
            hazards.forget(agents)

    # --- what it says ---

    def rates(self, lines: Sequence[Line], seats: Sequence[Seat], ring_timeout_s: float) -> Rates:
        """The rates now; what is under way counts as at risk."""
        setup = self.setup.rates(_ages(x.for_s for x in lines if x.stage is Stage.SETUP))
        ring = self.ring.rates(_ages(x.for_s for x in lines if x.stage is Stage.RINGING))
        rung_out = int(np.ceil(ring_timeout_s)) + 1
        ring[0][rung_out:], ring[1][rung_out:] = 0.0, 5.0
        wrapping = [x for x in seats if x.doing is Doing.WRAP]
        return Rates(
            *setup,
            *ring,
            self.live_check / self.live_check.sum(),
            self.dead_check / self.dead_check.sum(),
            self.live_at / self.answered_at,
            self.wrap.rates(_ages(x.for_s for x in wrapping if x.talked_s >= SHORT_S))[0],
            self.short_wrap.rates(_ages(x.for_s for x in wrapping if x.talked_s < SHORT_S))[0],
            self.talk.rates(_ages(x.for_s for x in seats if x.doing is Doing.TALK))[0],
        )

    def dump(self) -> dict[str, Any]:
        """Everything learned, as plain lists."""
        plain = {name: getattr(self, name).dump() for name in self._HAZARDS}
        return plain | {name: getattr(self, name).tolist() for name in self._COUNTS}

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "Curves":
        """What `dump` gave."""
        curves = cls()
        for name in cls._HAZARDS:
            getattr(curves, name).load(plain[name])
        for name in cls._COUNTS:
            setattr(curves, name, np.array(plain[name], np.float64))
        return curves


def _ages(values: Iterable[float]) -> Floats:
    return np.fromiter(values, np.float64)


def _bin(value: float, bins: int) -> int:
    return min(bins - 1, max(0, int(value)))
