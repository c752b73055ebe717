"""Who is at the other end: turns the next record of the call list into a call with a hidden fate.

Random numbers come from separate streams and are taken in the order of dialling, so two policies on one
seed meet the same customers in the same order (common random numbers).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from loadtests.pacing_referee.durations import day_curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.scenario import Scenario

HUMAN, MACHINE, NO_ANSWER, BUSY, INVALID, CONGESTION = range(6)
FATES = ("human", "machine", "no_answer", "busy", "invalid", "congestion")
DIALLED, RINGING, ANSWERED, QUEUED, CONNECTED, DONE = range(6)
HOPPER_DEPTH = 50
"""How many coming records a policy is shown."""

_BLOCK = 2048
_HOUR_SECONDS = 3600.0


@dataclass(slots=True)
class Call:
    """One dialled call and its hidden fate. Durations and instants in seconds."""

    id: int
    segment: int
    dialled_at: float
    setup: float
    ring: float  # from the first ringing to the answer, or to giving up
    patience: float  # from the answer until a customer who hears nobody hangs up
    talk: float
    wrap: float
    fate: int = NO_ANSWER
    detect: float = 0.0  # from the end of set-up to the tone of a call that never rings
    amd: float = 0.0  # from the answer to the classifier's decision
    passes: bool = False  # the classifier hands it to an agent
    state: int = DIALLED
    late: bool = False  # counted as abandoned, still held for an agent
    ringing_at: float | None = None
    answered_at: float | None = None
    queued_at: float | None = None
    connected_at: float | None = None

    def reaches_queue_after(self) -> float | None:
        """Seconds from dialling to being offered to agents; None if it never will be."""
        if self.fate > MACHINE or not self.passes:
            return None
        if self.fate == HUMAN and self.patience < self.amd:
            return None
        return self.setup + self.ring + self.amd

    def handled_as(self) -> str:
        """What the agent reports of it."""
        return "human" if self.fate == HUMAN else "machine_to_agent"


class _Luck(NamedTuple):
    """The random numbers of one call: three uniform, the rest durations in seconds."""

    fate: float
    amd: float
    congestion: float
    setup: float
    ring_human: float
    ring_machine: float
    busy_detect: float
    invalid_detect: float
    amd_human: float
    amd_machine: float
    patience: float
    talk: float
    wrap: float
    machine_talk: float
    machine_wrap: float


_UNIFORMS = 3
_DURATIONS = _Luck._fields[_UNIFORMS:]


class _Draws:
    """Blocks of the calls' random numbers, one independent stream for each field of ``_Luck``."""

    def __init__(self, scenario: Scenario, seeds: np.random.SeedSequence) -> None:
        self._dists = [scenario.dists[name] for name in _DURATIONS]
        streams = [np.random.default_rng(child) for child in seeds.spawn(len(_Luck._fields))]
        self._uniform, self._timed = streams[:_UNIFORMS], streams[_UNIFORMS:]
        self._block: deque[_Luck] = deque()

    def next(self) -> _Luck:
        """The numbers of the next call."""
        if not self._block:
            columns = [rng.random(_BLOCK).tolist() for rng in self._uniform]
            columns += [
                dist.draw(rng, _BLOCK).tolist()
                for dist, rng in zip(self._dists, self._timed, strict=True)
            ]
            self._block.extend(map(_Luck._make, zip(*columns, strict=True)))
        return self._block.popleft()


class Customers:
    """The call list and the people on it, through one day."""

    def __init__(
        self,
        scenario: Scenario,
        calls: np.random.SeedSequence,
        environment: np.random.SeedSequence,
        hopper: np.random.SeedSequence,
    ) -> None:
        self._scenario = scenario
        self._draws = _Draws(scenario, calls)
        self._hopper_rng = np.random.default_rng(hopper)
        self._hopper: deque[int] = deque()
        self._answering(np.random.default_rng(environment))
        self.segments = tuple(str(one.get("name", at)) for at, one in enumerate(scenario.segments))
        self._multipliers = [
            (
                float(one.get("human_mult", 1.0)),
                float(one.get("machine_mult", 1.0)),
                float(one.get("ring_mult", 1.0)),
            )
            for one in scenario.segments
        ]

    def _answering(self, rng: np.random.Generator) -> None:
        """Probability of each outcome, second by second; in bursts more people answer together."""
        day_s, outcomes = self._scenario.duration_s, self._scenario.outcomes
        human = day_curve(outcomes["human"], day_s).copy()
        bursts = self._scenario.bursts
        if bursts:
            between = _HOUR_SECONDS / bursts["per_hour"]
            at = rng.exponential(between)
            while at < day_s:
                length = rng.exponential(bursts["mean_s"])
                human[int(at) : int(at + length) + 1] *= bursts["multiplier"]
                at += length + rng.exponential(between)
        self._p_human: list[float] = human.tolist()
        self._p_machine: list[float] = day_curve(outcomes["machine"], day_s).tolist()
        self._p_busy: list[float] = day_curve(outcomes["busy"], day_s).tolist()
        self._p_invalid: list[float] = day_curve(outcomes["invalid"], day_s).tolist()

    def coming(self, now: float) -> Sequence[int]:
        """Segment of each of the next records of the call list."""
        if len(self.segments) == 1:
            return (0,) * HOPPER_DEPTH
        self._fill_hopper(now)
        return list(islice(self._hopper, HOPPER_DEPTH))

    def _next_segment(self, now: float) -> int:
        if len(self.segments) == 1:
            return 0
        self._fill_hopper(now)
        return self._hopper.popleft()

    def _fill_hopper(self, now: float) -> None:
        if len(self._hopper) > HOPPER_DEPTH:
            return
        weights = np.array([float(one.get("weight", 1.0)) for one in self._scenario.segments])
        for mix in self._scenario.segment_mix:
            if now >= float(mix["from_s"]):
                weights = np.array([float(weight) for weight in mix["weights"]])
        drawn = self._hopper_rng.choice(len(weights), HOPPER_DEPTH, p=weights / weights.sum())
        self._hopper.extend(drawn.tolist())

    def next_call(self, call_id: int, now: float) -> Call:
        """Dial the next record at ``now``."""
        luck, segment = self._draws.next(), self._next_segment(now)
        call = Call(
            id=call_id,
            segment=segment,
            dialled_at=now,
            setup=luck.setup,
            ring=self._scenario.no_answer_timeout_s,
            patience=luck.patience,
            talk=luck.talk,
            wrap=luck.wrap,
        )
        self._decide_fate(call, luck)
        self._classify(call, luck)
        self._congest(call, luck)
        return call

    def _decide_fate(self, call: Call, luck: _Luck) -> None:
        second = int(call.dialled_at)
        human_mult, machine_mult, _ = self._multipliers[call.segment]
        below_human = self._p_human[second] * human_mult
        below_machine = below_human + self._p_machine[second] * machine_mult
        below_busy = below_machine + self._p_busy[second]
        below_invalid = below_busy + self._p_invalid[second]
        drawn = luck.fate
        if below_invalid > 1.0:  # a burst can push the sum over one: keep the proportions
            drawn *= below_invalid
        if drawn < below_human:
            call.fate = HUMAN
        elif drawn < below_machine:
            call.fate = MACHINE
        elif drawn < below_busy:
            call.fate, call.detect = BUSY, luck.busy_detect
        elif drawn < below_invalid:
            call.fate, call.detect = INVALID, luck.invalid_detect

    def _classify(self, call: Call, luck: _Luck) -> None:
        """How long an answer takes, and what the classifier makes of it."""
        if call.fate > MACHINE:
            return
        amd, ring_mult = self._scenario.amd, self._multipliers[call.segment][2]
        if call.fate == HUMAN:
            call.ring, call.amd = luck.ring_human * ring_mult, luck.amd_human
            call.passes = luck.amd >= amd["false_positive"]
        else:
            call.ring, call.amd = luck.ring_machine * ring_mult, luck.amd_machine
            call.passes = luck.amd < amd["false_negative"]
            call.talk, call.wrap = luck.machine_talk, luck.machine_wrap
        if not amd["enabled"]:
            call.amd, call.passes = 0.0, True
        if call.ring > self._scenario.no_answer_timeout_s:
            call.fate, call.ring = NO_ANSWER, self._scenario.no_answer_timeout_s

    def _congest(self, call: Call, luck: _Luck) -> None:
        for episode in self._scenario.congestion:
            start = episode["start_s"]
            if start <= call.dialled_at < start + episode["duration_s"]:
                call.setup += episode.get("extra_setup_s", 0.0)
                if luck.congestion < episode["fail"]:
                    call.fate, call.passes = CONGESTION, False
                    call.detect = episode.get("fail_after_s", 1.0)
