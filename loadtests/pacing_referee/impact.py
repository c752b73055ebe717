"""The strongest method that we could build from what is published: each call's own impact, solved for.

From US 8,345,856 the chance, call by call, that a line in the dialer reaches an agent in time, by the
empirical distribution of times in the dialer given the time already spent; from US 5,640,445 the same for
agents' conversations; from US 6,389,133 the number of lines solved for a bound on the probability that more
live calls arrive than agents are free; from US 4,933,964 the bound itself steered by the share abandoned;
from Samuelson 1999 estimates that are renewed all the time, from recent calls only.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from loadtests.pacing_referee.policy import Policy, PolicyContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.telemetry import Snapshot

SAMPLES = 1200
RENEW_SECONDS = 15.0
EXACT_SERVERS = 60
"""Up to this many agents the law of the sum is exact, beyond it is taken as normal."""

TARGET_SHARE = 0.93
"""Of the limit: what the bound is steered to."""

GAIN = 0.15
"""Change of the bound's logarithm for each abandoned call more or less than the target allows."""

SAFEST, FIRST, BOLDEST = 0.0005, 0.003, 0.7
"""Least, first and greatest bound: it starts careful, for what is lost early is not won back."""


class CallImpact(Policy):
    """Places lines while the chance that live calls outnumber free agents stays under a steered bound.

    The horizon is the mean time from dialling to an agent. Until 60 calls have been seen it dials one
    line per idle agent.
    """

    name = "call-impact"
    WARM_CALLS = 60

    def reset(self, ctx: PolicyContext) -> None:
        """Nothing known."""
        super().reset(ctx)
        self.in_dialer: deque[tuple[float, bool]] = deque(
            maxlen=SAMPLES
        )  # seconds, and whether live
        self.talks: deque[float] = deque(maxlen=SAMPLES)
        self.wraps: deque[float] = deque(maxlen=SAMPLES)
        self.bound = FIRST
        self.horizon = 13.0
        self.next_renewal = 0.0
        self.counted = (0, 0)  # live and abandoned calls that the bound was steered by
        self.ends: list[float] = []
        self.live_ends: list[float] = []
        self.talks_sorted: list[float] = []
        self.wraps_sorted: list[float] = []
        self.wrap_mean = 0.0

    def decide(self, snapshot: Snapshot) -> int:
        """Lines that keep the chance of too many live calls under the bound."""
        self._learn(snapshot)
        if len(self.in_dialer) < self.WARM_CALLS or not self.talks:
            return snapshot.n_idle - snapshot.in_flight
        if snapshot.time >= self.next_renewal:
            self.next_renewal = snapshot.time + RENEW_SECONDS
            self._renew()
        engaged = self._still_engaged(snapshot)
        arriving = [self._live_chance(snapshot.time - call.dialled_at) for call in snapshot.calls()]
        fresh = self._live_chance(0.0)
        return lines_within(snapshot.n_logged_in, engaged + arriving, fresh, self.bound)

    def _learn(self, snapshot: Snapshot) -> None:
        for record in snapshot.new_records:
            if record.outcome != "cancelled":
                until = record.ended_at if record.queued_at is None else record.queued_at
                self.in_dialer.append((until - record.dialled_at, record.queued_at is not None))
        for handled in snapshot.new_handled:
            self.talks.append(handled.talk_s)
            self.wraps.append(handled.wrap_s)
        live, lost = snapshot.live - self.counted[0], snapshot.abandoned - self.counted[1]
        self.counted = (snapshot.live, snapshot.abandoned)
        step = GAIN * (TARGET_SHARE * self.ctx.abandon_limit * live - lost)
        self.bound = min(BOLDEST, max(SAFEST, self.bound * math.exp(step)))

    def _renew(self) -> None:
        """Sort the samples once for many questions."""
        self.ends = sorted(seconds for seconds, _ in self.in_dialer)
        self.live_ends = sorted(seconds for seconds, live in self.in_dialer if live)
        self.talks_sorted, self.wraps_sorted = sorted(self.talks), sorted(self.wraps)
        self.wrap_mean = sum(self.wraps) / len(self.wraps)
        if self.live_ends:
            self.horizon = sum(self.live_ends) / len(self.live_ends)

    def _live_chance(self, age: float) -> float:
        """Chance that a call of ``age`` seconds is offered to the agents within the horizon."""
        at_risk = len(self.ends) - bisect_right(self.ends, age)
        if not at_risk:
            return 0.0
        until = age + self.horizon
        return (bisect_right(self.live_ends, until) - bisect_right(self.live_ends, age)) / at_risk

    def _still_engaged(self, snapshot: Snapshot) -> list[float]:
        """Chance of each engaged agent to be so still at the horizon and the wait after it."""
        window = self.horizon + self.ctx.max_wait_s
        talking = [
            _outlasts(self.talks_sorted, spent, window - self.wrap_mean)
            for spent in snapshot.elapsed("talk")
        ]
        return talking + [
            _outlasts(self.wraps_sorted, spent, window) for spent in snapshot.elapsed("wrap")
        ]


def _outlasts(sample: Sequence[float], spent: float, window: float) -> float:
    """Chance that what has lasted ``spent`` seconds lasts ``window`` more."""
    if window <= 0:
        return 1.0
    count = len(sample)
    alive = count - bisect_right(sample, spent)
    return (count - bisect_right(sample, spent + window)) / alive if alive else 0.5


def lines_within(agents: int, chances: Sequence[float], fresh: float, bound: float) -> int:
    """How many trials of chance ``fresh`` may be added while P(successes > agents) <= ``bound``."""
    if agents == 0 or fresh <= 0.0:
        return 0
    most = 2 + int(2 * agents / fresh)
    if agents > EXACT_SERVERS:
        return _normal_lines(agents, chances, fresh, bound, most)
    law = np.zeros(agents + 2)  # the last cell is everything above ``agents``
    law[0] = 1.0
    for chance in chances:
        _add_trial(law, chance)
    placed = 0
    while placed < most:
        _add_trial(law, fresh)
        if law[-1] > bound:
            break
        placed += 1
    return placed


def _add_trial(law: np.ndarray[tuple[int], np.dtype[np.float64]], chance: float) -> None:
    """One more independent trial in the law of the number of successes, in place."""
    moved = chance * law[:-1]
    law[:-1] -= moved
    law[1:] += moved


def _normal_lines(
    agents: int, chances: Sequence[float], fresh: float, bound: float, most: int
) -> int:
    """The same with the normal law, by bisection on the number of trials."""
    trials = np.array(chances)
    mean, variance = float(trials.sum()), float((trials * (1.0 - trials)).sum())

    def over(placed: int) -> float:
        spread = math.sqrt(variance + placed * fresh * (1.0 - fresh)) or 1.0
        return 0.5 * math.erfc((agents + 0.5 - mean - placed * fresh) / (spread * math.sqrt(2.0)))

    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if over(middle) <= bound else (low, middle - 1)
    return low
