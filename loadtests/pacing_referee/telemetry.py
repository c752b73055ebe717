"""What a real dialer can observe, kept apart from what the simulator knows.

The simulator reports every change of state here. With a telemetry delay, reports of agents and of call
progress reach the policy that much later; the dialer's own acts (placing a call, cancelling one) are
known to it at once.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

IDLE, TALK, WRAP, OFF = range(4)
AGENT_STATES = ("idle", "talk", "wrap", "off")
SETUP, RINGING, ANSWERED, QUEUED, CONNECTED = range(5)
CALL_STATES = ("setup", "ringing", "answered", "queued", "connected")


class CallRecord(NamedTuple):
    """A finished call as the dialer's log has it. Seconds of the campaign; None: never reached.

    ``outcome``: human (an agent talked to a person), machine_to_agent (an agent reported a machine),
    machine (classified and dropped; a person misread by AMD is logged like this too), no_answer, busy,
    invalid, congestion, abandoned, early_hangup (left before the AMD decision), cancelled.
    ``waited_s``: from the end of AMD to the agent or to the drop. A call that an agent took only after
    ``max_wait_s`` has outcome human and ``late`` True, and counts as abandoned.
    """

    call_id: int
    segment: int
    outcome: str
    dialled_at: float
    ringing_at: float | None
    answered_at: float | None
    queued_at: float | None
    ended_at: float
    waited_s: float
    talk_s: float
    late: bool


class HandleRecord(NamedTuple):
    """An agent's finished handling of one call: talk and wrap-up (seconds)."""

    agent_id: int
    outcome: str
    ended_at: float
    talk_s: float
    wrap_s: float


class ObservedCall:
    """A call in flight, with the fields that can be observed. Seconds of the campaign."""

    __slots__ = (
        "answered_at",
        "call_id",
        "dialled_at",
        "queued_at",
        "ringing_at",
        "segment",
        "since",
        "state",
    )

    def __init__(self, call_id: int, segment: int, at: float) -> None:
        self.call_id = call_id
        self.segment = segment
        self.state = SETUP
        self.dialled_at = at
        self.since = at
        self.ringing_at: float | None = None
        self.answered_at: float | None = None
        self.queued_at: float | None = None


class Telemetry:
    """The dialer's picture of the campaign, ``delay`` seconds behind the truth."""

    def __init__(self, n_agents: int, delay: float) -> None:
        self.delay = delay
        self.on_the_way: deque[tuple[float, Callable[..., None], float, tuple[Any, ...]]] = deque()
        self.agent_state = [OFF] * n_agents
        self.agent_since = [0.0] * n_agents
        self.agent_count = [0, 0, 0, n_agents]
        self.calls: dict[int, ObservedCall] = {}  # in flight, not connected to an agent
        self.call_count = [0, 0, 0, 0]
        self.history: list[CallRecord] = []
        self.handled: list[HandleRecord] = []
        self.dialled = self.live = self.abandoned = 0
        self.history_seen = self.handled_seen = 0
        self.notices: list[str] = []  # events that the policy asked to be told of
        self.wanted: frozenset[str] = frozenset()

    def report(self, at: float, method: Callable[..., None], *args: Any) -> None:
        """Deliver a report now, or put it on its way."""
        if self.delay:
            self.on_the_way.append((at + self.delay, method, at, args))
        else:
            method(at, *args)

    def flush(self, now: float) -> None:
        """Deliver every report whose delay has passed."""
        waiting = self.on_the_way
        while waiting and waiting[0][0] <= now:
            _, method, at, args = waiting.popleft()
            method(at, *args)

    def agent(self, at: float, agent_id: int, state: int) -> None:
        """An agent has changed state."""
        self.agent_count[self.agent_state[agent_id]] -= 1
        self.agent_count[state] += 1
        self.agent_state[agent_id] = state
        self.agent_since[agent_id] = at
        if state == IDLE:
            self._notice("agent_idle")
        elif state == OFF:
            self._notice("agent_off")

    def placed(self, at: float, call_id: int, segment: int) -> None:
        """A call has been dialled."""
        self.calls[call_id] = ObservedCall(call_id, segment, at)
        self.call_count[SETUP] += 1
        self.dialled += 1

    def progress(self, at: float, call_id: int, state: int) -> None:
        """A call in flight has changed state."""
        call = self.calls.get(call_id)
        if call is None:
            return
        self.call_count[call.state] -= 1
        call.since = at
        if state == CONNECTED:
            del self.calls[call_id]
            self._notice("connected")
            return
        call.state = state
        self.call_count[state] += 1
        if state == RINGING:
            call.ringing_at = at
        elif state == ANSWERED:
            call.answered_at = at
            self._notice("answered")
        else:
            call.queued_at = at
            self.live += 1
            self._notice("queued")

    def dropped(self, _at: float) -> None:
        """A call classified as live has waited past the limit, or left the queue."""
        self.abandoned += 1

    def ended(self, _at: float, record: CallRecord) -> None:
        """A call has ended."""
        call = self.calls.pop(record.call_id, None)
        if call is not None:
            self.call_count[call.state] -= 1
        self.history.append(record)
        self._notice("ended")

    def handled_call(self, _at: float, record: HandleRecord) -> None:
        """An agent has finished wrap-up."""
        self.handled.append(record)

    def _notice(self, kind: str) -> None:
        if kind in self.wanted:
            self.notices.append(kind)


class Snapshot:
    """The policy's view at one instant of decision. Do not change what it hands out.

    ``time`` is now and ``observed_at`` the instant that reports of agents and calls refer to. Elapsed
    times are measured up to ``time``, so they include the telemetry delay.
    """

    __slots__ = (
        "_telemetry",
        "abandon_limit",
        "hopper",
        "lines_in_use",
        "max_lines",
        "max_wait_s",
        "new_handled",
        "new_records",
        "observed_at",
        "time",
    )

    def __init__(
        self,
        telemetry: Telemetry,
        now: float,
        lines: tuple[int, int],
        limits: tuple[float, float],
        hopper: Sequence[int],
    ) -> None:
        self._telemetry = telemetry
        self.time = now
        self.observed_at = now - telemetry.delay
        self.lines_in_use, self.max_lines = lines
        self.abandon_limit, self.max_wait_s = limits
        self.hopper = hopper  # segment of each record at the head of the call list
        self.new_records = telemetry.history[telemetry.history_seen :]
        self.new_handled = telemetry.handled[telemetry.handled_seen :]
        telemetry.history_seen = len(telemetry.history)
        telemetry.handled_seen = len(telemetry.handled)

    @property
    def n_idle(self) -> int:
        """Agents waiting for a call."""
        return self._telemetry.agent_count[IDLE]

    @property
    def n_talk(self) -> int:
        """Agents on a call."""
        return self._telemetry.agent_count[TALK]

    @property
    def n_wrap(self) -> int:
        """Agents in wrap-up."""
        return self._telemetry.agent_count[WRAP]

    @property
    def n_logged_in(self) -> int:
        """Agents logged in and not on a break."""
        count = self._telemetry.agent_count
        return count[IDLE] + count[TALK] + count[WRAP]

    def elapsed(self, state: str) -> list[float]:
        """Seconds that each agent in ``state`` ("idle", "talk" or "wrap") has been in it."""
        wanted, now, seen = AGENT_STATES.index(state), self.time, self._telemetry
        return [
            now - since
            for one, since in zip(seen.agent_state, seen.agent_since, strict=True)
            if one == wanted
        ]

    def agents(self) -> list[tuple[int, str, float]]:
        """(agent's id, state, seconds in the state) of every agent who is logged in."""
        now, seen = self.time, self._telemetry
        return [
            (agent_id, AGENT_STATES[state], now - since)
            for agent_id, (state, since) in enumerate(
                zip(seen.agent_state, seen.agent_since, strict=True)
            )
            if state != OFF
        ]

    @property
    def n_dialling(self) -> int:
        """Calls in set-up or ringing."""
        return self._telemetry.call_count[SETUP] + self._telemetry.call_count[RINGING]

    @property
    def n_answered(self) -> int:
        """Calls answered and waiting for the AMD decision."""
        return self._telemetry.call_count[ANSWERED]

    @property
    def n_queued(self) -> int:
        """Live calls waiting for an agent."""
        return self._telemetry.call_count[QUEUED]

    @property
    def in_flight(self) -> int:
        """Calls placed and not yet connected or ended."""
        return len(self._telemetry.calls)

    def calls(self) -> Collection[ObservedCall]:
        """Every call in flight, oldest first."""
        return self._telemetry.calls.values()

    @property
    def history(self) -> list[CallRecord]:
        """All finished calls in the order of their reports; ``new_records`` has those since the last view."""
        return self._telemetry.history

    @property
    def dialled(self) -> int:
        """Calls placed so far."""
        return self._telemetry.dialled

    @property
    def live(self) -> int:
        """Calls so far that AMD passed as live."""
        return self._telemetry.live

    @property
    def abandoned(self) -> int:
        """Live calls so far that waited past ``max_wait_s`` or hung up waiting."""
        return self._telemetry.abandoned

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON, for a policy in another process. Seconds, to the millisecond."""
        now, seen = self.time, self._telemetry
        return {
            "time": round(now, 3),
            "observed_at": round(self.observed_at, 3),
            "lines_in_use": self.lines_in_use,
            "agents": [
                [agent_id, AGENT_STATES[state], round(now - since, 3)]
                for agent_id, (state, since) in enumerate(
                    zip(seen.agent_state, seen.agent_since, strict=True)
                )
                if state != OFF
            ],
            "calls": [
                [
                    call.call_id,
                    call.segment,
                    CALL_STATES[call.state],
                    round(now - call.dialled_at, 3),
                    round(now - call.since, 3),
                ]
                for call in seen.calls.values()
            ],
            "new_records": [record._asdict() for record in self.new_records],
            "new_handled": [record._asdict() for record in self.new_handled],
            "dialled": self.dialled,
            "live": self.live,
            "abandoned": self.abandoned,
            "hopper": list(self.hopper),
        }
