"""A day of one campaign, simulated event by event; how many lines are opened is asked every second. Pure.

The model is the pacing referee's: agents take the longest waiting call, longest idle agent first; a person
whom no agent takes within the threshold, or who hangs up, is abandoned; who must leave finishes his call.
Everything random is drawn per dial and in dial order, so two settings on one seed meet the same customers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush
from math import ceil, inf
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dialer.whatif.books import Books

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.whatif.rules import DaySettings, Span, Stay

DRAIN_S = 3600  # calls still talked are followed this far beyond the day


class Stage(IntEnum):
    """Where a call stands."""

    SETUP = 0
    RINGING = 1
    ANSWERED = 2
    WAITING = 3
    CONNECTED = 4
    OVER = 5


class Duty(IntEnum):
    """What an agent does."""

    AWAY = 0
    IDLE = 1
    TALK = 2
    WRAP = 3


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of one dial; durations in s, None for what will not come."""

    segment: int
    setup_s: float  # until it rings, or fails
    ring_s: float | None = None
    answered: bool = False
    judged_s: float = 0.0  # from the answer until it is a person's, or over
    person: bool = False
    gone: bool = False  # hangs up before he is judged
    patience_s: float = inf
    talk_s: float = 0.0
    wrap_s: float = 0.0


class World(Protocol):
    """What customers do, and who is there to talk to them."""

    @property
    def roster(self) -> Sequence[Stay]:
        """Every stay of every agent."""
        ...

    def fate(self, at_s: float) -> Fate:
        """The next dial's, made at this instant."""
        ...

    def coming(self, at_s: float, count: int) -> Sequence[int]:
        """The segments of the next leads, for who wants to know before dialling."""
        ...


@dataclass(slots=True)
class SimCall:
    """A call under way. Instants in s; None has not come."""

    id: int
    fate: Fate
    dialled_s: float
    stage: Stage = Stage.SETUP
    ringing_s: float | None = None
    answered_s: float | None = None
    waiting_s: float | None = None
    connected_s: float | None = None
    ended_s: float | None = None
    wrapped_s: float | None = None
    agent: int | None = None
    abandoned: bool = False
    cancelled: bool = False


@dataclass(slots=True)
class SimAgent:
    """One agent of the roster."""

    id: int
    duty: Duty = Duty.AWAY
    since_s: float = 0.0
    call: SimCall | None = None
    leaving: bool = False


class Handled(NamedTuple):
    """An agent is done with a person."""

    call: SimCall
    stays: bool  # False: he left after it


class Wish(NamedTuple):
    """What pacing wants now."""

    lines: int
    cancel: Sequence[int] = ()


class Pacer(Protocol):
    """Decides each second."""

    def decide(self, floor: Floor) -> Wish:
        """How many calls to place now, and which to give up."""
        ...


@dataclass(slots=True)
class Floor:
    """All that is going on; a pacer reads it, and only the simulation writes it."""

    settings: DaySettings
    length_s: float
    now: float = 0.0
    calls: dict[int, SimCall] = field(default_factory=dict)  # without an agent yet
    agents: dict[int, SimAgent] = field(default_factory=dict)  # all of the roster
    lines: int = 0  # in use, talking ones too
    dialled: int = 0
    persons: int = 0
    abandoned: int = 0
    hung_up: int = 0  # of those: before the threshold
    closed: bool = False
    live: list[SimCall] = field(
        default_factory=list
    )  # found so since the last decision, as the next
    ended: list[SimCall] = field(default_factory=list)  # without an agent
    handled: list[Handled] = field(default_factory=list)
    walked: int = 0  # left while idle
    coming: Callable[[int], Sequence[int]] = lambda count: (0,) * count


class Simulation:
    """One day in the making."""

    def __init__(
        self, world: World, settings: DaySettings, length_s: float, closed: Sequence[Span] = ()
    ) -> None:
        self.world = world
        self.floor = Floor(settings, length_s)
        self.floor.coming = lambda count: world.coming(self.floor.now, count)
        self.books = Books(length_s)
        self.record: list[SimCall] = []
        self._closed = closed
        self._heap: list[tuple[float, int, Callable[..., None], SimCall | SimAgent]] = []
        self._order = 0
        self._idle: dict[int, SimAgent] = {}  # longest idle first
        self._queue: deque[SimCall] = deque()
        for stay in world.roster:
            agent = self.floor.agents.setdefault(stay.agent, SimAgent(stay.agent))
            self._at(stay.from_s, self._arrive, agent)
            self._at(stay.until_s, self._leave, agent)

    def run(self, pacer: Pacer, held: Callable[[float], DaySettings] | None = None) -> Books:
        """Live through the day; `held` says which settings are in force, when they change in it."""
        floor = self.floor
        for second in range(ceil(floor.length_s)):
            self._until(float(second))
            if held is not None:
                floor.settings = held(float(second))
            floor.closed = any(span.from_s <= second < span.until_s for span in self._closed)
            self._carry_out(pacer.decide(floor))
            self._forget_news()
        self._until(floor.length_s + DRAIN_S)
        for agent in floor.agents.values():
            self._account(agent)
        return self.books

    def _forget_news(self) -> None:
        floor = self.floor
        floor.live.clear()
        floor.ended.clear()
        floor.handled.clear()
        floor.walked = 0

    # --- time ---

    def _at(self, at_s: float, do: Callable[..., None], whom: SimCall | SimAgent) -> None:
        self._order += 1
        heappush(self._heap, (at_s, self._order, do, whom))

    def _until(self, at_s: float) -> None:
        heap, floor = self._heap, self.floor
        while heap and heap[0][0] <= at_s:
            floor.now, _, do, whom = heappop(heap)
            do(whom)
        floor.now = at_s

    # --- calls ---

    def _carry_out(self, wish: Wish) -> None:
        floor = self.floor
        for number in wish.cancel:
            call = floor.calls.get(number)
            if call is not None and call.stage <= Stage.RINGING:
                call.cancelled = True
                self._end(call)
        for _ in range(min(wish.lines, floor.settings.lines - floor.lines)):
            self._dial()

    def _dial(self) -> None:
        floor = self.floor
        fate = self.world.fate(floor.now)
        call = SimCall(floor.dialled, fate, floor.now)
        floor.dialled += 1
        floor.lines += 1
        floor.calls[call.id] = call
        self.record.append(call)
        self._at(floor.now + fate.setup_s, self._end if fate.ring_s is None else self._ring, call)

    def _ring(self, call: SimCall) -> None:
        if call.stage is not Stage.SETUP:
            return
        call.stage, call.ringing_s = Stage.RINGING, self.floor.now
        ring_s = call.fate.ring_s or 0.0
        self._at(self.floor.now + ring_s, self._answer if call.fate.answered else self._end, call)

    def _answer(self, call: SimCall) -> None:
        if call.stage is not Stage.RINGING:
            return
        call.stage, call.answered_s = Stage.ANSWERED, self.floor.now
        fate = call.fate
        waits = fate.person and not fate.gone
        self._at(self.floor.now + fate.judged_s, self._wait if waits else self._end, call)

    def _wait(self, call: SimCall) -> None:
        floor = self.floor
        call.stage, call.waiting_s = Stage.WAITING, floor.now
        floor.persons += 1
        floor.live.append(call)
        self.books.person(floor.now)
        if self._idle:
            self._connect(call, self._idle.pop(next(iter(self._idle))))
            return
        self._queue.append(call)
        clock = call.answered_s if floor.settings.clock_at_answer else call.waiting_s
        limit = (clock or 0.0) + floor.settings.connect_threshold_ms / 1000
        self._at(min(limit, floor.now + call.fate.patience_s), self._give_up, call)

    def _give_up(self, call: SimCall) -> None:
        if call.stage is Stage.WAITING:
            self._queue.remove(call)
            waited_s = self.floor.now - (call.waiting_s or 0.0)
            self.floor.hung_up += call.fate.patience_s <= waited_s
            self._end(call)

    def _end(self, call: SimCall) -> None:
        """The call is over and no agent had it."""
        if call.stage >= Stage.CONNECTED:
            return
        floor = self.floor
        if call.fate.gone and call.stage is Stage.ANSWERED:
            floor.persons += 1
            self.books.person(floor.now)
        if call.stage is Stage.WAITING or (call.fate.gone and call.stage is Stage.ANSWERED):
            call.abandoned = True
            floor.abandoned += 1
            self.books.abandoned(floor.now if call.waiting_s is None else call.waiting_s)
        call.stage, call.ended_s = Stage.OVER, floor.now
        del floor.calls[call.id]
        floor.ended.append(call)
        self._free_line(call)

    def _free_line(self, call: SimCall) -> None:
        self.floor.lines -= 1
        self.books.line(call.dialled_s, self.floor.now)

    # --- agents ---

    def _connect(self, call: SimCall, agent: SimAgent) -> None:
        now = self.floor.now
        self.books.connected(now, agent.since_s)
        self._become(agent, Duty.TALK)
        del self.floor.calls[call.id]
        call.stage, call.connected_s, call.agent = Stage.CONNECTED, now, agent.id
        agent.call = call
        self._at(now + call.fate.talk_s, self._hang_up, agent)

    def _hang_up(self, agent: SimAgent) -> None:
        call = agent.call
        if call is None:
            return
        call.stage, call.ended_s = Stage.OVER, self.floor.now
        self._free_line(call)
        self._become(agent, Duty.WRAP)
        self._at(self.floor.now + call.fate.wrap_s, self._finish, agent)

    def _finish(self, agent: SimAgent) -> None:
        call = agent.call
        if call is None:
            return
        agent.call, call.wrapped_s = None, self.floor.now
        self.floor.handled.append(Handled(call, not agent.leaving))
        if agent.leaving:
            agent.leaving = False
            self._become(agent, Duty.AWAY)
        else:
            self._free(agent)

    def _free(self, agent: SimAgent) -> None:
        self._become(agent, Duty.IDLE)
        if self._queue:
            self._connect(self._queue.popleft(), agent)
        else:
            self._idle[agent.id] = agent

    def _arrive(self, agent: SimAgent) -> None:
        agent.leaving = False
        if agent.duty is Duty.AWAY:
            self._free(agent)

    def _leave(self, agent: SimAgent) -> None:
        if agent.duty is Duty.IDLE:
            del self._idle[agent.id]
            self.floor.walked += 1
            self._become(agent, Duty.AWAY)
        elif agent.duty is not Duty.AWAY:
            agent.leaving = True

    def _become(self, agent: SimAgent, duty: Duty) -> None:
        self._account(agent)
        agent.duty = duty

    def _account(self, agent: SimAgent) -> None:
        """Write down the time since the last change."""
        now = self.floor.now
        if agent.duty is not Duty.AWAY:
            busy = agent.duty in {Duty.TALK, Duty.WRAP}
            self.books.on_floor(agent.since_s, now, busy=busy)
        agent.since_s = now
