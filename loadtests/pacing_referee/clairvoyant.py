"""The clairvoyant bound: what perfect foresight would reach, and nobody does."""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from loadtests.pacing_referee.customers import HUMAN, Call
from loadtests.pacing_referee.policy import ClairvoyantPolicy
from loadtests.pacing_referee.telemetry import IDLE, OFF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.roster import Agent
    from loadtests.pacing_referee.simulator import Simulator
    from loadtests.pacing_referee.telemetry import Snapshot

HORIZON_SECONDS = 60.0
"""No call dialled now can need an agent later than this."""

_INSTANT = 1e-6
"""Seconds kept clear of a limit, so that rounding never breaks it."""


class _Arrival(NamedTuple):
    """A call that will be offered to the agents. Instants and durations in seconds."""

    at: float
    fate: int
    talk: float
    wrap: float
    patience: float  # left when it reaches the queue


class _Release(NamedTuple):
    """An agent who is free from an instant until leaving."""

    free_from: float
    leaves_at: float
    talk_mult: float


class Oracle(ClairvoyantPolicy):
    """Knows every fate, every ring time and every agent's remaining time.

    Dials the next record at once if it will not reach an agent; otherwise as soon as a forward run of
    the known arrivals and releases shows that everybody, the new call included, is served in time.
    """

    name = "clairvoyant"

    def attach(self, sim: Simulator) -> None:
        """Take the simulator's truth."""
        self.sim = sim

    def decide(self, snapshot: Snapshot) -> int:  # noqa: ARG002 - it knows better
        """Dial by itself, call by call; nothing is left to place."""
        sim = self.sim
        agents = self._releases()
        arrivals = sorted(filter(None, map(_arrival, sim.in_flight.values())))
        for _ in range(sim.room()):
            call = sim.peek_call()
            coming = _arrival(call, dialled_at=sim.now)
            if coming is not None:
                trial = sorted([*arrivals, coming])
                if not self._all_served(agents, trial):
                    break
                arrivals = trial
            if sim.place(1) == 0:
                break
        return 0

    def _releases(self) -> list[_Release]:
        """Every agent who is or will be there in time for a call dialled now."""
        horizon = self.sim.now + HORIZON_SECONDS
        releases = (self._release(agent, horizon) for agent in self.sim.agents)
        return [one for one in releases if one is not None]

    def _release(self, agent: Agent, horizon: float) -> _Release | None:
        if agent.state == OFF:
            return self._return(agent)
        free = agent.idle_from if agent.state == IDLE else agent.busy_until  # idle: longest first
        if free > horizon:
            return None
        off = _next_switch(agent, agent.roster_at, logged_in=False)
        if not agent.leaves_after_wrap and off > max(free, self.sim.now):
            return _Release(free, off, agent.talk_mult)
        for at, logged_in in agent.roster[agent.roster_at :]:
            if logged_in and at > free:
                return _Release(at, math.inf, agent.talk_mult)
        return None

    def _return(self, agent: Agent) -> _Release | None:
        """When an agent who is away comes back, if that is the next thing on the roster."""
        at = agent.roster_at
        if at >= len(agent.roster) or not agent.roster[at][1]:
            return None
        leaves = _next_switch(agent, at + 1, logged_in=False)
        return _Release(agent.roster[at][0], leaves, agent.talk_mult)

    def _all_served(self, agents: Sequence[_Release], arrivals: Sequence[_Arrival]) -> bool:
        """Would every arrival get an agent within the wait limit, taking agents as they come free?"""
        longest = self.ctx.max_wait_s - _INSTANT
        greeting = self.ctx.abandon_clock == "greeting"
        pool = list(agents)
        heapify(pool)
        scale = self.sim.talk_scale
        for at, fate, talk, wrap, patience in arrivals:
            wait = min(longest, patience - _INSTANT) if greeting else min(0.0, patience)
            while pool and pool[0][1] <= max(at, pool[0][0]):
                heappop(pool)
            if not pool or pool[0][0] > at + wait:
                return False
            free, leaves, mult = heappop(pool)
            start = max(at, free)
            spent = talk
            if fate == HUMAN:  # agents differ in how long they talk to people
                spent *= mult * scale[min(int(start), len(scale) - 1)]
            heappush(pool, _Release(start + spent + wrap, leaves, mult))
        return True


def _arrival(call: Call, dialled_at: float | None = None) -> _Arrival | None:
    """When and for how long a call will need an agent; None if it never will."""
    after = call.reaches_queue_after()
    if after is None:
        return None
    start = call.dialled_at if dialled_at is None else dialled_at
    return _Arrival(start + after, call.fate, call.talk, call.wrap, call.patience - call.amd)


def _next_switch(agent: Agent, start: int, *, logged_in: bool) -> float:
    """When the roster next says ``logged_in``, from its entry ``start`` on; never is infinity."""
    for at in range(start, len(agent.roster)):
        instant, there = agent.roster[at]
        if there == logged_in:
            return instant
    return math.inf
