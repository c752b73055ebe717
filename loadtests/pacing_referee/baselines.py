"""Published pacing methods as policies to be compared with, each from public descriptions (README.md)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

from loadtests.pacing_referee.policy import Policy, PolicyContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.telemetry import Snapshot


class Progressive(Policy):
    """One line per idle agent: never more calls in flight than idle agents. Common practice."""

    name = "progressive"

    def decide(self, snapshot: Snapshot) -> int:
        """What is missing to one call per idle agent."""
        return snapshot.n_idle - snapshot.in_flight


class Ratio(Policy):
    """Fixed dial ratio.

    ``base="idle"``: ``ratio`` calls in flight per idle agent. ``base="all"``: ``ratio`` lines per agent
    idle or in conversation, conversations counted, so calls go out ahead of agents becoming free
    (VICIdial's RATIO).
    """

    def __init__(self, ratio: float = 1.5, base: str = "idle") -> None:
        self.ratio = float(ratio)
        self.base = base
        self.name = f"ratio-{base}"

    def decide(self, snapshot: Snapshot) -> int:
        """What is missing to the ratio."""
        if self.base == "idle":
            return int(self.ratio * snapshot.n_idle) - snapshot.in_flight
        engaged = snapshot.n_talk
        return int(self.ratio * (snapshot.n_idle + engaged)) - snapshot.in_flight - engaged


class Vicidial(Policy):
    """Adaptive dial level by the rules of VICIdial's ADAPT_* dial methods (SVN r3884).

    Each second: sample ready agents and live calls waiting. Each 15 s: with D = mean(ready) -
    mean(waiting) and A = mean(agents) over the last 15 samples, scale the level by 1 + D/A (within 1
    and ``max_level``), then brake if more than 50 calls have been placed and the day's drop rate,
    re-read each 60 s, is over the limit: ``hard`` sets 1, ``average`` halves, ``tapered`` multiplies by
    (HHMM integer difference to the end of shift) / 1000. Each 2.5 s: place level x (ready + in call) -
    (in flight + in call). Agents in wrap-up count for nothing.
    """

    ADAPT_SECONDS, STATS_SECONDS, DIAL_SECONDS, SAMPLES = 15.0, 60.0, 2.5, 15
    UNBRAKED_CALLS = 50
    MINUTE_CALLS = 20  # a minute with more calls than this, half of them dropped, halves the level
    OPENING_HOUR = 9

    def __init__(
        self, mode: str = "average", max_level: float = 3.0, *, available_only: bool = False
    ) -> None:
        self.mode = mode
        self.max_level = float(max_level)
        self.available_only = bool(available_only)
        self.name = f"vicidial-{mode}"

    def reset(self, ctx: PolicyContext) -> None:
        """Level 1, nothing counted."""
        super().reset(ctx)
        self.level = 1.0
        self.drop_rate = 0.0
        self.calls = 0
        self.minute = (0, 0)  # calls and drops in the last full minute
        self.mark = (0, 0)
        self.next_sample, self.next_adapt = 0.0, self.ADAPT_SECONDS
        self.next_stats, self.next_dial = self.STATS_SECONDS, 0.0
        self.samples: deque[tuple[int, int, int]] = deque(maxlen=self.SAMPLES)

    def decide(self, snapshot: Snapshot) -> int:
        """What is missing to the level, each 2.5 s."""
        now = snapshot.time
        if now >= self.next_sample:
            self.next_sample += 1.0
            self.samples.append((snapshot.n_idle, snapshot.n_queued, snapshot.n_logged_in))
        if now >= self.next_stats:
            self.next_stats += self.STATS_SECONDS
            self._read_statistics(snapshot)
        if now >= self.next_adapt:
            self.next_adapt += self.ADAPT_SECONDS
            self._adapt(now)
        if now < self.next_dial:
            return 0
        self.next_dial = now + self.DIAL_SECONDS
        if self.available_only:
            return round(self.level * snapshot.n_idle) - snapshot.in_flight
        engaged = snapshot.n_talk
        return round(self.level * (snapshot.n_idle + engaged)) - snapshot.in_flight - engaged

    def _read_statistics(self, snapshot: Snapshot) -> None:
        self.drop_rate = snapshot.abandoned / max(1, snapshot.live)
        self.calls = snapshot.dialled
        self.minute = (snapshot.dialled - self.mark[0], snapshot.abandoned - self.mark[1])
        self.mark = (snapshot.dialled, snapshot.abandoned)

    def _adapt(self, now: float) -> None:
        count = len(self.samples)
        agents = sum(there for _, _, there in self.samples) / count
        surplus = sum(ready - waiting for ready, waiting, _ in self.samples) / count
        change = surplus / agents if agents else 0.0
        level = max(1.0, min(self.max_level, self.level * (1.0 + change)))
        calls, drops = self.minute
        if calls > self.MINUTE_CALLS and drops > 0.5 * calls:
            level /= 2.0
        if self.calls > self.UNBRAKED_CALLS and self.drop_rate > self.ctx.abandon_limit:
            level = self._braked(level, now)
        self.level = max(1.0, level)

    def _braked(self, level: float, now: float) -> float:
        if self.mode == "hard":
            return 1.0
        if self.mode == "average":
            return level / 2.0
        left = self._hhmm(self.ctx.campaign_end_s) - self._hhmm(now)
        return level * (0.0 if left < 0 else min(1.0, left / 1000.0))

    def _hhmm(self, at: float) -> int:
        """Clock time as the integer HHMM, the day starting at 09:00."""
        minutes = int(at // 60)
        return (self.OPENING_HOUR + minutes // 60) * 100 + minutes % 60


class Statistical(Policy):
    """Classical statistical predictive pacing, after US 5,640,445, US 6,389,133 and Samuelson 1999.

    Expected agents free within a time window = idle agents + the sum over engaged agents of the
    empirical chance, given the time already spent, of finishing talk and wrap-up in the window. The
    live calls in flight may then be Poisson with the largest mean whose expected overflow meets the
    abandonment limit. The window is stretched while abandonment is below the limit and shrunk while
    above it.
    """

    name = "statistical"
    SAMPLES = 400
    TUNE_SECONDS, RECENT_SECONDS = 30.0, 900.0

    def reset(self, ctx: PolicyContext) -> None:
        """Guesses, until calls have been seen."""
        super().reset(ctx)
        self.talks: deque[float] = deque([60.0], maxlen=self.SAMPLES)
        self.wraps: deque[float] = deque([15.0], maxlen=self.SAMPLES)
        self.reach: deque[float] = deque([13.0], maxlen=self.SAMPLES)
        self.p_live = 0.3  # live calls per dial, exponentially weighted
        self.p_pass = 0.5  # live calls per answer
        self.window = 5.0
        self.next_tune = 60.0
        self.recent: deque[tuple[float, int, int]] = deque()
        self.offered_by_quarter: dict[int, float] = {}
        self.talks_sorted: list[float] = []
        self.wraps_sorted: list[float] = []

    def decide(self, snapshot: Snapshot) -> int:
        """What is missing to the live calls that the free agents allow."""
        self._learn(snapshot)
        if snapshot.time >= self.next_tune:
            self.next_tune = snapshot.time + self.TUNE_SECONDS
            self._tune(snapshot)
        until_wrap = self.window - sum(self.wraps) / len(self.wraps)  # wrap-up still follows talk
        free = snapshot.n_idle + _finishing(snapshot.elapsed("talk"), self.talks_sorted, until_wrap)
        free += _finishing(snapshot.elapsed("wrap"), self.wraps_sorted, self.window)
        coming = (
            snapshot.n_queued
            + self.p_pass * snapshot.n_answered
            + self.p_live * snapshot.n_dialling
        )
        return math.floor((self._offered(free) - coming) / self.p_live)

    def _learn(self, snapshot: Snapshot) -> None:
        for record in snapshot.new_records:
            if record.outcome == "cancelled":
                continue
            live = record.queued_at is not None
            self.p_live += 0.005 * (live - self.p_live)
            if record.answered_at is not None:
                self.p_pass += 0.01 * (live - self.p_pass)
            if record.queued_at is not None:
                self.reach.append(record.queued_at - record.dialled_at)
        for handled in snapshot.new_handled:
            self.talks.append(handled.talk_s)
            self.wraps.append(handled.wrap_s)
        self.p_live = max(self.p_live, 0.01)

    def _tune(self, snapshot: Snapshot) -> None:
        now, limit = snapshot.time, self.ctx.abandon_limit
        self.recent.append((now, snapshot.live, snapshot.abandoned))
        while self.recent[0][0] < now - self.RECENT_SECONDS:
            self.recent.popleft()
        live = snapshot.live - self.recent[0][1]
        lost = snapshot.abandoned - self.recent[0][2]
        over = snapshot.abandoned > limit * snapshot.live or lost > limit * live
        longest = 2.0 * sum(self.reach) / len(self.reach)
        self.window = min(
            longest, max(0.0, self.window * 0.9 if over else self.window * 1.03 + 0.05)
        )
        self.talks_sorted = sorted(self.talks)
        self.wraps_sorted = sorted(self.wraps)

    def _offered(self, free: float) -> float:
        """Largest Poisson mean whose expected overflow over ``free`` agents is the limit's share."""
        quarter = int(free * 4)
        if quarter not in self.offered_by_quarter:
            self.offered_by_quarter[quarter] = poisson_offered(
                quarter / 4.0, self.ctx.abandon_limit
            )
        return self.offered_by_quarter[quarter]


def _finishing(elapsed: Sequence[float], sample: Sequence[float], window: float) -> float:
    """Expected number that finish within ``window`` seconds, by the empirical distribution."""
    if window <= 0 or not sample:
        return 0.0
    total, count = 0.0, len(sample)
    for spent in elapsed:
        alive = count - bisect_right(sample, spent)
        total += (alive - (count - bisect_right(sample, spent + window))) / alive if alive else 0.5
    return total


_MOST_SERVERS = 600
_BISECTIONS = 40


def poisson_offered(servers: float, limit: float) -> float:
    """Largest mean m with E[(X - servers)+] <= limit * m, X Poisson(m); linear between integers."""
    whole = math.floor(servers)
    rest = servers - whole
    if whole > _MOST_SERVERS:
        return servers
    low, high = 0.0, servers + 1.0
    for _ in range(_BISECTIONS):
        mean = (low + high) / 2
        overflow = (1 - rest) * _overflow(mean, whole) + rest * _overflow(mean, whole + 1)
        low, high = (mean, high) if overflow <= limit * mean else (low, mean)
    return low


def _overflow(mean: float, servers: int) -> float:
    """E[(X - c)+] = m - c + sum over k < c of (c - k) P(X = k), X Poisson(m)."""
    p, total = math.exp(-mean), 0.0
    for count in range(servers):
        total += (servers - count) * p
        p *= mean / (count + 1)
    return mean - servers + total
