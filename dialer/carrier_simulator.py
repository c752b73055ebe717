"""A telephone network that is only arithmetic: seeded, driven by the clock that is passed in.

`Exchange` is the heart: no waiting, no clock, runs at any speed. `SimulatedCarrier` is the thin shell
that fulfils `dialer.carrier.Carrier` in time. How people behave is in `dialer.fates`.
"""

from __future__ import annotations

import asyncio
import enum
import heapq
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Refused, Unavailable
from dialer.carrier import CarrierRefused, Placement
from dialer.core.call import Cause
from dialer.core.events import (
    Answered,
    BridgedUp,
    CarrierBack,
    CarrierEvent,
    CarrierLost,
    HungUp,
    MachineHeard,
    MessagePlayed,
    PersonHeard,
    Ringing,
)
from dialer.core.monitor import SupervisorJoined
from dialer.fates import Fate, Profile, Script, draw_script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from uuid import UUID

    from dialer.core.monitor import MonitorMode

# Prefixes that the Vietnamese plan has given to no operator: what our seeds make, and nobody's phone.
SIMULATED_PREFIXES = ("+8450", "+8451", "+8453", "+8454", "+8457")
LOOPBACK = ("127.", "localhost", "::1", "[::1]")
MESSAGE_MS = 6_000  # the abandoned-call message
MACHINE_MS = 30_000  # how long a machine records an agent before it hangs up
JOIN_MS = 3  # as measured on a real PBX: 2-3 ms from the order to the joined voices
REMEMBERED = 20_000  # ended calls kept so that a repeated placement rings nobody

FAILURES = {
    Fate.BUSY: Cause.BUSY,
    Fate.REJECTED: Cause.REJECTED,
    Fate.INVALID: Cause.INVALID_NUMBER,
    Fate.CONGESTION: Cause.CARRIER_ERROR,
}


def is_simulated(number: str) -> bool:
    """Whether this E.164 number can belong to nobody outside the simulator."""
    return number.startswith(SIMULATED_PREFIXES)


def admit_carrier(carrier: str, host: str, *, demo: bool) -> None:
    """Raise `Refused` unless this organisation may be dialled by this carrier (decisions.md 27).

    A demonstration may only use the simulator or a PBX on the loopback address.
    """
    if demo and carrier != "simulator" and not host.startswith(LOOPBACK):
        raise Refused(
            f"This organisation is a demonstration: only the simulator may dial it, not {host}.",
            rule="DEMO_CARRIER",
            source="decisions.md 27",
        )


class Stage(enum.Enum):
    """How far a simulated line is."""

    SETUP = "SETUP"
    RINGING = "RINGING"
    UP = "UP"
    BRIDGED = "BRIDGED"
    MESSAGE = "MESSAGE"


class Step(enum.Enum):
    """What is due on a line."""

    RING = "RING"
    ANSWER = "ANSWER"
    DECIDE = "DECIDE"
    JOIN = "JOIN"
    PLAYED = "PLAYED"
    END = "END"


@dataclass(slots=True)
class Line:
    """One call in the exchange. `turn` outdates what was scheduled before; `ends` is how END comes."""

    placement: Placement
    script: Script
    stage: Stage = Stage.SETUP
    agent: UUID | None = None
    turn: int = 0
    ends: tuple[Cause, str] = (Cause.COMPLETED, "CUSTOMER")
    heard: str = ""  # the message that is, or was, played


class Exchange:
    """All lines of the simulated network. Every verb takes `now_ms`; `due` gives what has happened."""

    def __init__(self, profile: Profile, seed: int, *, capacity: int = 5_000) -> None:
        self.profile = profile
        self.seed = seed
        self.capacity = capacity  # lines at once; one more is refused
        self._lines: dict[UUID, Line] = {}
        self._ended: OrderedDict[UUID, None] = OrderedDict()
        self._agenda: list[tuple[int, int, UUID, Step, int]] = []
        self._order = 0

    def alive(self) -> frozenset[UUID]:
        """The calls that are not over."""
        return frozenset(self._lines)

    def is_joined(self, call: UUID) -> bool:
        """Whether an agent's voice is, or is being, joined to this call."""
        line = self._lines.get(call)
        return line is not None and line.agent is not None

    def next_due_ms(self) -> int | None:
        """When something is due next; None while all lines are quiet. May name what is outdated."""
        return self._agenda[0][0] if self._agenda else None

    def place(self, placement: Placement, now_ms: int) -> None:
        """Begin to ring. A known call rings nobody. Raises `CarrierRefused` when all lines are taken."""
        call = placement.call
        if call in self._lines or call in self._ended:
            return
        if len(self._lines) >= self.capacity:
            raise CarrierRefused(Cause.CARRIER_ERROR, "All lines of the carrier are taken.")
        script = self.draw(placement, now_ms)
        line = self._lines[call] = Line(placement, script)
        failure = FAILURES.get(script.fate)
        if failure is not None:
            line.ends = (failure, "CARRIER")
            self._plan(line, Step.END, now_ms + script.setup_ms + script.ring_ms)
        else:
            self._plan(line, Step.RING, now_ms + script.setup_ms)

    def draw(self, placement: Placement, now_ms: int) -> Script:
        """What will happen to a call that is placed now. A bench may tell stories of its own."""
        return draw_script(self.profile, self.seed, str(placement.call), placement.number, now_ms)

    def bridge(self, call: UUID, agent: UUID, now_ms: int) -> None:
        """Join the agent: he is heard a moment later, unless the customer leaves in that moment."""
        line = self._lines.get(call)
        if line is None or line.stage not in {Stage.UP, Stage.BRIDGED}:
            return
        line.agent = agent
        line.turn += 1
        self._plan(line, Step.JOIN, now_ms + JOIN_MS)
        if line.script.leaves_at_bridge:
            # Before the voices are joined or just after: both must be survived.
            self._plan(line, Step.END, now_ms + line.script.decide_ms % (3 * JOIN_MS))

    def unbridge(self, call: UUID, agent: UUID, now_ms: int) -> None:
        """Take the agent off: the customer's patience begins again."""
        line = self._lines.get(call)
        if line is not None and line.agent == agent:
            line.agent = None
            line.stage = Stage.UP
            self._await_voice(line, now_ms)

    def play_message(self, call: UUID, now_ms: int, said: str = "") -> None:
        """Play the message: to its end, or until the customer leaves."""
        line = self._lines.get(call)
        if line is None or line.stage is not Stage.UP:
            return
        line.stage, line.heard = Stage.MESSAGE, said
        line.turn += 1
        share = line.script.message_share
        step = Step.PLAYED if share >= 1 else Step.END
        self._plan(line, step, now_ms + round(MESSAGE_MS * share))

    def heard(self, call: UUID) -> str:
        """What was played to a customer who is still there; empty for nothing."""
        line = self._lines.get(call)
        return line.heard if line is not None else ""

    def hang_up(self, call: UUID, cause: str, now_ms: int) -> None:
        """End it from our side."""
        line = self._lines.get(call)
        if line is not None:
            line.ends = (Cause(cause), "SYSTEM")
            line.turn += 1
            self._plan(line, Step.END, now_ms)

    def due(self, now_ms: int) -> list[CarrierEvent]:
        """What has happened up to and including `now_ms`, in order."""
        happened: list[CarrierEvent] = []
        while self._agenda and self._agenda[0][0] <= now_ms:
            at_ms, _, call, step, turn = heapq.heappop(self._agenda)
            line = self._lines.get(call)
            if line is not None and line.turn == turn:
                happened.extend(self._take(line, step, at_ms))
        return happened

    def _plan(self, line: Line, step: Step, at_ms: int) -> None:
        self._order += 1
        heapq.heappush(self._agenda, (at_ms, self._order, line.placement.call, step, line.turn))

    def _take(self, line: Line, step: Step, at_ms: int) -> list[CarrierEvent]:
        call = line.placement.call
        match step:
            case Step.RING:
                return self._ring(line, at_ms)
            case Step.ANSWER:
                return self._answer(line, at_ms)
            case Step.DECIDE:
                heard = MachineHeard if line.script.heard_machine else PersonHeard
                return [heard(call, at_ms)]
            case Step.JOIN:
                return self._join(line, at_ms)
            case Step.PLAYED:
                line.stage = Stage.UP
                self._await_voice(line, at_ms)
                return [MessagePlayed(call, at_ms)]
            case Step.END:
                return [self._end(line, at_ms)]

    def _ring(self, line: Line, at_ms: int) -> list[CarrierEvent]:
        line.stage = Stage.RINGING
        script, placement = line.script, line.placement
        answers = script.fate in {Fate.PERSON, Fate.MACHINE}
        if answers and script.ring_ms < placement.ring_timeout_ms:
            self._plan(line, Step.ANSWER, at_ms + script.ring_ms)
        else:
            line.ends = (Cause.NO_ANSWER, "CARRIER")
            self._plan(line, Step.END, at_ms + min(script.ring_ms, placement.ring_timeout_ms))
        return [Ringing(placement.call, at_ms)]

    def _answer(self, line: Line, at_ms: int) -> list[CarrierEvent]:
        line.stage = Stage.UP
        self._await_voice(line, at_ms)
        if line.placement.detect_machine:
            self._plan(line, Step.DECIDE, at_ms + line.script.decide_ms)
        return [Answered(line.placement.call, at_ms)]

    def _await_voice(self, line: Line, at_ms: int) -> None:
        line.turn += 1
        machine = line.script.fate is Fate.MACHINE
        self._plan(line, Step.END, at_ms + (MACHINE_MS if machine else line.script.patience_ms))

    def _join(self, line: Line, at_ms: int) -> list[CarrierEvent]:
        assert line.agent is not None  # noqa: S101 - `turn` outdates a join whose agent was taken off
        line.stage = Stage.BRIDGED
        machine = line.script.fate is Fate.MACHINE
        self._plan(line, Step.END, at_ms + (MACHINE_MS if machine else line.script.talk_ms))
        return [BridgedUp(line.placement.call, line.agent, at_ms)]

    def _end(self, line: Line, at_ms: int) -> HungUp:
        call = line.placement.call
        del self._lines[call]
        self._ended[call] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        cause, by = line.ends
        return HungUp(call, cause, by, at_ms)


class SimulatedCarrier:
    """`Exchange` in time: fulfils `dialer.carrier.Carrier`.

    `demo`: the organisation is a demonstration; a real one may only ring numbers that nobody has.
    `now_ms` is business time. After a jump of that clock call `nudge`.
    """

    def __init__(
        self, exchange: Exchange, now_ms: Callable[[], int], *, demo: bool = False
    ) -> None:
        self.exchange = exchange
        self._now_ms = now_ms
        self._demo = demo
        self._told: deque[CarrierEvent] = deque()
        self._changed = asyncio.Event()
        self._lost = False
        self._closed = False

    async def seat(
        self,
        agents: frozenset[UUID],  # noqa: ARG002 - its agents always have a leg
        desk_phones: frozenset[UUID] = frozenset(),  # noqa: ARG002 - as above
    ) -> None:
        """Nobody has a voice here, so nobody needs a leg."""
        self._reach()

    async def place(self, placement: Placement) -> None:
        """Ring, unless the number could be somebody's. See `Carrier.place`."""
        self._reach()
        if not self._demo and not is_simulated(placement.number):
            raise CarrierRefused(
                Cause.INVALID_NUMBER, "The simulator rings no number that somebody may have."
            )
        self.exchange.place(placement, self._now_ms())
        self.nudge()

    async def bridge(self, call: UUID, agent: UUID) -> None:
        """Join voices. See `Carrier.bridge`; the simulator's agents always have a leg."""
        self._reach()
        self.exchange.bridge(call, agent, self._now_ms())
        self.nudge()

    async def unbridge(self, call: UUID, agent: UUID) -> None:
        """Take the agent off."""
        self._reach()
        self.exchange.unbridge(call, agent, self._now_ms())
        self.nudge()

    async def play_message(self, call: UUID, text: str, sound: str = "") -> None:
        """Play the abandonment message."""
        self._reach()
        self.exchange.play_message(call, self._now_ms(), sound or text)
        self.nudge()

    async def hold(self, call: UUID, *, on: bool) -> None:  # noqa: ARG002 - there is no sound to change
        """Nothing to be heard, so nothing to do."""
        self._reach()

    async def mute(self, call: UUID, *, on: bool) -> None:  # noqa: ARG002 - there is no sound to change
        """Nothing to be heard, so nothing to do."""
        self._reach()

    async def supervise(self, call: UUID, by: UUID, mode: MonitorMode) -> None:
        """Nothing to be heard; who is in a joined call is told at once."""
        self._reach()
        if self.exchange.is_joined(call):
            self._told.append(SupervisorJoined(call, by, mode.value, self._now_ms()))
            self.nudge()

    async def withdraw(self, call: UUID, by: UUID) -> None:  # noqa: ARG002 - there is no sound to change
        """Nothing to be heard, so nothing to do."""
        self._reach()

    async def hang_up(self, call: UUID, cause: str) -> None:
        """End it."""
        self._reach()
        self.exchange.hang_up(call, cause, self._now_ms())
        self.nudge()

    async def alive(self) -> frozenset[UUID]:
        """The calls that are not over."""
        self._reach()
        return self.exchange.alive()

    async def events(self) -> AsyncIterator[CarrierEvent]:
        """What happens, when it is due; one consumer, who drives the exchange by listening."""
        while not self._closed:
            self._advance()
            if self._told:
                yield self._told.popleft()
                continue
            self._changed.clear()
            await self._wait_for_due()

    async def aclose(self) -> None:
        """End the stream."""
        self._closed = True
        self.nudge()

    def nudge(self) -> None:
        """Look again what is due: after an order, or when the clock was moved."""
        self._changed.set()

    def lose(self) -> None:
        """Cut the connection, for fault tests: verbs fail, events are not told until `find`."""
        self._advance()
        self._told.append(CarrierLost(self._now_ms()))
        self._lost = True
        self.nudge()

    def find(self) -> None:
        """The connection is back: what happened meanwhile shows only in `CarrierBack.alive`."""
        self._advance()
        self._lost = False
        self._told.append(CarrierBack(self._now_ms(), self.exchange.alive()))
        self.nudge()

    def _reach(self) -> None:
        if self._lost or self._closed:
            raise Unavailable("The simulated carrier cannot be reached.")

    def _advance(self) -> None:
        happened = self.exchange.due(self._now_ms())
        if not self._lost:
            self._told.extend(happened)

    async def _wait_for_due(self) -> None:
        due_ms = self.exchange.next_due_ms()
        seconds = None if due_ms is None else max(0.0, (due_ms - self._now_ms()) / 1_000)
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
