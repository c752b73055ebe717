"""Event-driven simulator of one outbound campaign day.

The simulator owns the truth (each call's fate, each agent's remaining time); a policy only ever gets a
``Snapshot``. Times are seconds since the start of the campaign day.
"""

from __future__ import annotations

import time
from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from loadtests.pacing_referee import telemetry as seen
from loadtests.pacing_referee.customers import (
    ANSWERED,
    BUSY,
    CONNECTED,
    DIALLED,
    DONE,
    FATES,
    HUMAN,
    NO_ANSWER,
    QUEUED,
    RINGING,
    Call,
    Customers,
)
from loadtests.pacing_referee.durations import day_curve
from loadtests.pacing_referee.metrics import DayResult, Tally, summarise
from loadtests.pacing_referee.policy import ClairvoyantPolicy, Decision, Policy, PolicyContext
from loadtests.pacing_referee.roster import Agent, hire
from loadtests.pacing_referee.telemetry import (
    IDLE,
    OFF,
    TALK,
    WRAP,
    CallRecord,
    HandleRecord,
    Snapshot,
    Telemetry,
)
from loadtests.pacing_referee.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtests.pacing_referee.scenario import Scenario

SAFE_HARBOUR_RING_SECONDS = 15.0
"""An unanswered call cut off sooner breaches the ring rule of the US safe harbour, 16 CFR 310.4(b)(4)(ii)."""

_ROUNDING = 1e-9
"""Tokens of the dial rate that are there but for binary fractions."""


class Simulator:
    """Runs one policy through one scenario and seed."""

    def __init__(self, scenario: Scenario, policy: Policy, seed: int = 1) -> None:
        self.scenario = scenario
        self.policy = policy
        self.seed = seed
        root = np.random.SeedSequence(entropy=[seed, 0x9E3779B9])
        calls, environment, agents, hopper, chance = root.spawn(5)
        self.customers = Customers(scenario, calls, environment, hopper)
        self.agents = hire(scenario, np.random.default_rng(agents))
        self.policy_seed = int(chance.generate_state(1)[0])
        self.talk_scale: list[float] = day_curve(scenario.talk_scale, scenario.duration_s).tolist()
        self.now = 0.0
        self.draining = False
        self._events: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._pushed = 0
        self.queue: deque[Call] = deque()
        self.idle: dict[int, Agent] = {}  # longest idle first
        self.in_flight: dict[int, Call] = {}
        self.lines = 0
        self.placed = 0
        self._peeked: Call | None = None
        self._tokens = max(1.0, scenario.max_cps)
        self._tokens_at = 0.0
        self.telemetry = Telemetry(scenario.agents, scenario.telemetry_delay_s)
        self.tally = Tally()
        self.trace = Trace(scenario.duration_s)

    # ---- events ------------------------------------------------------------------------------

    def _push(self, at: float, handler: Callable[[Any], None], arg: object) -> None:
        self._pushed += 1
        heappush(self._events, (at, self._pushed, handler, arg))

    def _report(self, method: Callable[..., None], *args: object) -> None:
        self.telemetry.report(self.now, method, *args)
        if self.telemetry.delay and self.telemetry.wanted:
            self._push(self.now + self.telemetry.delay, self._flush, None)

    def _flush(self, _: object) -> None:
        self.telemetry.flush(self.now)

    # ---- calls -------------------------------------------------------------------------------

    def peek_call(self) -> Call:
        """The next call as if dialled now, without dialling it (for the clairvoyant bound).

        Its fate is fixed at this instant: the call is held and dialled next, its probabilities being
        those of the time when it was first looked at.
        """
        if self._peeked is None:
            self._peeked = self.customers.next_call(self.placed, self.now)
        return self._peeked

    def room(self) -> int:
        """How many calls the limits on lines, dial rate and list let through now."""
        scenario = self.scenario
        room = scenario.max_lines - self.lines
        if scenario.max_cps:
            earned = (self.now - self._tokens_at) * scenario.max_cps
            self._tokens = min(max(1.0, scenario.max_cps), self._tokens + earned)
            self._tokens_at = self.now
            room = min(room, int(self._tokens + _ROUNDING))
        if scenario.list_size:
            room = min(room, scenario.list_size - self.placed)
        return max(0, room)

    def place(self, wanted: int) -> int:
        """Dial up to ``wanted`` calls now; how many went out."""
        if wanted <= 0 or self.draining:
            return 0
        count = min(wanted, self.room())
        self.tally.rejected_dials += wanted - count
        if self.scenario.max_cps:
            self._tokens -= count
        for _ in range(count):
            self._dial()
        self.lines += count
        self.tally.peak_lines = max(self.tally.peak_lines, self.lines)
        return count

    def _dial(self) -> None:
        call = self.peek_call()
        self._peeked = None
        call.dialled_at = self.now
        self.placed += 1
        self.in_flight[call.id] = call
        self.tally.fates[call.fate] += 1
        self.telemetry.placed(self.now, call.id, call.segment)
        if call.fate < BUSY:
            self._push(self.now + call.setup, self._on_ring, call)
        else:
            self._push(self.now + call.setup + call.detect, self._on_unanswered, call)

    def cancel(self, call_id: int) -> None:
        """Hang up on an unanswered call; other calls and unknown ids are left alone."""
        call = self.in_flight.get(call_id)
        if call is None or call.state > RINGING:
            return
        self.tally.cancelled += 1
        if call.ringing_at is not None and self.now - call.ringing_at < SAFE_HARBOUR_RING_SECONDS:
            self.tally.cancelled_short_ring += 1
        self.telemetry.ended(self.now, self._finish(call, "cancelled"))

    def _finish(
        self, call: Call, outcome: str, waited: float = 0.0, talk: float = 0.0
    ) -> CallRecord:
        """Release the line; the call as the log will have it."""
        call.state = DONE
        self.lines -= 1
        self.in_flight.pop(call.id, None)
        self.tally.ends[outcome] += 1
        return CallRecord(
            call.id,
            call.segment,
            outcome,
            call.dialled_at,
            call.ringing_at,
            call.answered_at,
            call.queued_at,
            self.now,
            waited,
            talk,
            call.late,
        )

    def _end(self, call: Call, outcome: str, waited: float = 0.0, talk: float = 0.0) -> None:
        """End a call, and report it when reports arrive."""
        self._report(self.telemetry.ended, self._finish(call, outcome, waited, talk))

    def _on_ring(self, call: Call) -> None:
        if call.state != DIALLED:
            return
        call.state = RINGING
        call.ringing_at = self.now
        self._report(self.telemetry.progress, call.id, seen.RINGING)
        handler = self._on_unanswered if call.fate == NO_ANSWER else self._on_answer
        self._push(self.now + call.ring, handler, call)

    def _on_unanswered(self, call: Call) -> None:
        if call.state <= RINGING:
            self._end(call, FATES[call.fate])

    def _on_answer(self, call: Call) -> None:
        if call.state != RINGING:
            return
        call.state = ANSWERED
        call.answered_at = self.now
        self._report(self.telemetry.progress, call.id, seen.ANSWERED)
        if call.fate == HUMAN and call.patience < call.amd:
            self._push(self.now + call.patience, self._on_early_hangup, call)
        elif call.amd > 0.0:
            self._push(self.now + call.amd, self._on_classified, call)
        else:
            self._on_classified(call)

    def _on_early_hangup(self, call: Call) -> None:
        self.tally.early_hangup += 1
        self._end(call, "early_hangup")

    def _on_classified(self, call: Call) -> None:
        if not call.passes:
            if call.fate == HUMAN:
                self.tally.amd_lost += 1
            self._end(call, "machine")
            return
        call.state = QUEUED
        call.queued_at = self.now
        if call.fate == HUMAN:
            self.tally.offered.append((self.now, call))
        else:
            self.tally.offered_machine += 1
        self._report(self.telemetry.progress, call.id, seen.QUEUED)
        if self.idle:
            self._connect(call, self.idle.pop(next(iter(self.idle))))
            return
        self.queue.append(call)
        self._push(self._gives_up_at(call, self.now), self._on_waited, call)

    def _gives_up_at(self, call: Call, queued_at: float) -> float:
        """When a waiting call is abandoned: the wait limit, or the end of the customer's patience."""
        answered_at = call.answered_at or 0.0
        clock = queued_at if self.scenario.abandon_clock == "greeting" else answered_at
        deadline = max(queued_at, clock + self.scenario.max_wait_s)
        if call.fate == HUMAN:
            deadline = min(deadline, max(queued_at, answered_at + call.patience))
        return deadline

    def _on_waited(self, call: Call) -> None:
        """The wait limit has passed, or the customer has hung up."""
        if call.state != QUEUED:
            return
        if not call.late:
            self.tally.count_abandoned(call)
            self._report(self.telemetry.dropped)
            if self._held_on(call):
                return
        self.queue.remove(call)
        self._end(call, "abandoned", waited=self.now - (call.queued_at or 0.0))

    def _held_on(self, call: Call) -> bool:
        """Whether an abandoned caller is kept a little longer: an agent may still come."""
        hold = self.scenario.hold_after_abandon_s
        if hold <= 0:
            return False
        until = self.now + hold
        if call.fate == HUMAN:
            until = min(until, (call.answered_at or 0.0) + call.patience)
        call.late = until > self.now
        if call.late:
            self._push(until, self._on_waited, call)
        return call.late

    # ---- agents ------------------------------------------------------------------------------

    def _set_agent(self, agent: Agent, state: int) -> None:
        now, end = self.now, self.scenario.duration_s
        if agent.state != OFF:
            kind = agent.account()
            start, stop = min(agent.since, end), min(now, end)
            agent.totals[kind] += stop - start
            self.trace.agent(kind, start, stop)
        if state == IDLE:
            agent.idle_from = now
        agent.state = state
        agent.since = now
        self._report(self.telemetry.agent, agent.id, state)

    def _connect(self, call: Call, agent: Agent) -> None:
        now = self.now
        call.state = CONNECTED
        call.connected_at = now
        del self.in_flight[call.id]
        if now <= self.scenario.duration_s:
            self.tally.idle_waits.append(now - agent.idle_from)
        if call.fate == HUMAN:
            self.tally.connects += 1
            self.tally.late_connects += call.late
            self.tally.answer_waits.append(now - (call.queued_at or 0.0))
            second = min(int(now), len(self.talk_scale) - 1)
            call.talk *= agent.talk_mult * self.talk_scale[second]
        else:
            self.tally.machine_to_agent += 1
        self._set_agent(agent, TALK)
        agent.call = call
        self._report(self.telemetry.progress, call.id, seen.CONNECTED)
        agent.busy_until = now + call.talk + call.wrap
        self._push(now + call.talk, self._on_talk_end, (agent, call))

    def _on_talk_end(self, of: tuple[Agent, Call]) -> None:
        agent, call = of
        self._set_agent(agent, WRAP)
        connected_at = call.connected_at or 0.0
        self._end(
            call,
            call.handled_as(),
            waited=connected_at - (call.queued_at or 0.0),
            talk=self.now - connected_at,
        )
        self._push(self.now + call.wrap, self._on_wrap_end, of)

    def _on_wrap_end(self, of: tuple[Agent, Call]) -> None:
        agent, call = of
        handled = HandleRecord(agent.id, call.handled_as(), self.now, call.talk, call.wrap)
        self._report(self.telemetry.handled_call, handled)
        if agent.leaves_after_wrap:
            agent.leaves_after_wrap = False
            self._set_agent(agent, OFF)
            agent.call = None
        else:
            self._make_idle(agent)

    def _make_idle(self, agent: Agent) -> None:
        self._set_agent(agent, IDLE)
        agent.call = None
        if self.queue:
            self._connect(self.queue.popleft(), agent)
        else:
            self.idle[agent.id] = agent

    def _on_roster(self, agent: Agent) -> None:
        """A log-in, log-out, break or pause. One that falls in a call waits for the end of wrap-up."""
        _, logged_in = agent.roster[agent.roster_at]
        agent.roster_at += 1
        if agent.roster_at < len(agent.roster):
            self._push(agent.roster[agent.roster_at][0], self._on_roster, agent)
        if logged_in:
            agent.leaves_after_wrap = False
            if agent.state == OFF:
                self._make_idle(agent)
        elif agent.state == IDLE:
            self.idle.pop(agent.id, None)
            self._set_agent(agent, OFF)
        elif agent.state != OFF:
            agent.leaves_after_wrap = True

    # ---- the day -----------------------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        scenario = self.scenario
        return Snapshot(
            self.telemetry,
            self.now,
            lines=(self.lines, scenario.max_lines),
            limits=(scenario.abandon_limit, scenario.max_wait_s),
            hopper=self.customers.coming(self.now),
        )

    def _apply(self, decision: int | Decision | None) -> None:
        if isinstance(decision, Decision):
            for call_id in decision.cancel:
                self.cancel(call_id)
            self.place(int(decision.place))
        elif decision:
            self.place(int(decision))

    def _on_tick(self, _: object) -> None:
        if self.draining:
            return
        self.trace.lines(self.now, self.lines)
        self.telemetry.flush(self.now)
        self._apply(self.policy.decide(self._snapshot()))
        self._push(self.now + self.scenario.tick_s, self._on_tick, None)

    def run(self) -> DayResult:
        """Simulate the day, then drain the calls in flight without dialling."""
        started = time.perf_counter()
        self.telemetry.wanted = frozenset(self.policy.events)
        try:
            self.policy.reset(self._context())
            if isinstance(self.policy, ClairvoyantPolicy):
                self.policy.attach(self)
            self._live_through()
        finally:
            self.policy.close()
        self.now = max(self.now, self.scenario.duration_s)
        for agent in self.agents:  # close the accounts of time
            if agent.state != OFF:
                self._set_agent(agent, agent.state)
        return summarise(self, time.perf_counter() - started)

    def _live_through(self) -> None:
        for agent in self.agents:
            if agent.roster:
                self._push(agent.roster[0][0], self._on_roster, agent)
        self._push(0.0, self._on_tick, None)
        events, notices, end = self._events, self.telemetry.notices, self.scenario.duration_s
        while events:
            at, _, handler, arg = heappop(events)
            if at >= end:
                self.draining = True
                if not self.in_flight and not self.lines:
                    break
            self.now = at
            handler(arg)
            self.tally.events += 1
            while notices:
                kind = notices.pop()
                if not self.draining:
                    self._apply(self.policy.on_event(kind, self._snapshot()))

    def _context(self) -> PolicyContext:
        scenario = self.scenario
        return PolicyContext(
            abandon_limit=scenario.abandon_limit,
            max_wait_s=scenario.max_wait_s,
            abandon_clock=scenario.abandon_clock,
            max_lines=scenario.max_lines,
            max_cps=scenario.max_cps,
            tick_s=scenario.tick_s,
            no_answer_timeout_s=scenario.no_answer_timeout_s,
            telemetry_delay_s=scenario.telemetry_delay_s,
            campaign_end_s=scenario.duration_s,
            amd_enabled=bool(scenario.amd["enabled"]),
            segments=self.customers.segments,
            seed=self.policy_seed,
        )


def simulate(scenario: Scenario, policy: Policy, seed: int = 1) -> DayResult:
    """Run ``policy`` through one day of ``scenario``."""
    return Simulator(scenario, policy, seed).run()
