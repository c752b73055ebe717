"""One campaign's day through the dialer's own floor, on a clock that jumps from event to event.

What runs is the product's: the room and its rules (`dialer.core`), the opener of lines, the verdict of the
law, the simulated exchange. What is simulated is the world around: the customers, how agents behave, and how
long stores and screens take. Nothing waits: eight hours of a floor are a matter of a minute.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import structlog

from app.clock import Clock
from app.compliance.profiles import PROFILES
from dialer.carrier import CarrierRefused, Placement
from dialer.carrier_simulator import Exchange
from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.floor import Floor
from dialer.core.records import AgentChanged, CallEnded
from dialer.fates import REALISTIC, Fate
from dialer.opener import Opener
from loadtests.pacing_hopper import Hopper

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from dialer.core.campaign import Campaign
    from dialer.fates import Script

HIS_OWN_MS = 12 * 3_600_000  # the talk of one who stays until the agent ends the call


@dataclass(frozen=True, slots=True)
class Story:
    """One customer's part in one call: what the line does, and what he costs an agent (ms).

    The agent ends the call after `talk_ms`; the script's own talk lasts longer (`HIS_OWN_MS`).
    """

    script: Script
    talk_ms: int
    wrap_ms: int


class Customers(Protocol):
    """Who is on the list. Drawn in the order in which they are dialled."""

    def answer(self, at_ms: int) -> Story:
        """What happens to the next one, dialled at this instant."""
        ...


@dataclass(frozen=True, slots=True)
class Worker:
    """One agent: when he comes and goes (instant in ms, whether he is there), and how long he talks."""

    roster: tuple[tuple[int, bool], ...]
    pace: float = 1.0  # his talk as a multiple of everybody's


@dataclass(frozen=True, slots=True)
class Delays:
    """What the world around the room takes, ms: measured on the product with stores on one machine."""

    tick: int = 250
    open_line: int = 8  # lead, verdict, lock, attempt and call in one transaction
    screen: int = 5  # from the reservation until voices are asked to be joined
    receipt: int = 30  # until the browser has the pop


@dataclass(slots=True)
class Spent:
    """Agents' time in the window, ms."""

    idle: int = 0
    live: int = 0  # talk with people, and its wrap-up
    machine: int = 0

    @property
    def logged(self) -> int:
        """Signed in and not on a break."""
        return self.idle + self.live + self.machine


@dataclass(slots=True)
class Outcome:
    """What a day came to. Calls are of people, as the referee judges; `seconds` are of this machine."""

    spent: Spent = field(default_factory=Spent)
    dialled: int = 0
    live: int = 0
    abandoned: int = 0
    counted_live: int = 0  # as the dialer counts: machines that detection missed are among them
    counted_abandoned: int = 0
    ticks: list[float] = field(default_factory=list)  # seconds of each
    events: list[float] = field(default_factory=list)

    @property
    def occupancy(self) -> float:
        """Share of signed-in time with people, 0 to 1."""
        return self.spent.live / max(1, self.spent.logged)

    @property
    def abandonment(self) -> float:
        """Share of the people offered to agents, 0 to 1."""
        return self.abandoned / max(1, self.live)


class JumpClock(Clock):
    """A clock that stands where it was put."""

    def __init__(self, at_ms: int) -> None:
        super().__init__()
        self.at_ms = at_ms

    def now_ms(self) -> int:
        """Where it stands."""
        return self.at_ms


class Network(Exchange):
    """The simulated exchange, with customers whose stories are told elsewhere."""

    def __init__(self, customers: Customers) -> None:
        super().__init__(REALISTIC, 0, capacity=1_000_000)
        self._customers = customers
        self.stories: dict[UUID, Story] = {}

    def draw(self, placement: Placement, now_ms: int) -> Script:
        """The next customer's part."""
        story = self.stories[placement.call] = self._customers.answer(now_ms)
        return story.script


class Day:
    """One day of one campaign. `run` once."""

    def __init__(
        self,
        campaign: Campaign,
        crew: Sequence[Worker],
        customers: Customers,
        delays: Delays | None = None,
        list_size: int | None = None,
    ) -> None:
        self.campaign = campaign
        self.floor = Floor()
        self.outcome = Outcome()
        self._crew = {_agent_id(number): worker for number, worker in enumerate(crew)}
        self._delays = delays or Delays()
        self._opens, self._closes = (
            campaign.windows[0].opens_at_ms,
            campaign.windows[0].closes_at_ms,
        )
        self._clock = JumpClock(self._opens)
        self._network = Network(customers)
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self._seen: dict[UUID, AgentChanged] = {}
        self._told: list[e.Event] = []
        self._opener = Opener(
            Hopper(PROFILES["VN"], list_size),
            self._clock,
            1,
            may_dial=self.floor.may_dial,
            tell=self._note,
            log=structlog.get_logger(),
        )

    def run(self) -> Outcome:
        """Work through the day and the calls that are up at its end."""
        self._tell(e.CampaignLoaded(self.campaign))
        for agent, worker in self._crew.items():
            for at_ms, there in worker.roster:
                self._at(at_ms, self._arrives if there else self._leaves, agent)
        self._at(self._opens, self._tick)
        while self._agenda or self._network.next_due_ms() is not None:
            self._step()
            if self._now >= self._closes and not self.floor.live_calls():
                break
        self._close_accounts()
        return self.outcome

    # --- time ---

    @property
    def _now(self) -> int:
        return self._clock.at_ms

    def _at(self, at_ms: int, do: Callable[..., None], *subject: Any) -> None:
        self._order += 1
        heapq.heappush(self._agenda, (at_ms, self._order, lambda: do(*subject)))

    def _step(self) -> None:
        """Go to the next instant at which anything happens, and let it happen."""
        due = [self._agenda[0][0]] if self._agenda else []
        carrier, room = self._network.next_due_ms(), self.floor.due_at()
        due += [at for at in (carrier, room) if at is not None]
        self._clock.at_ms = max(self._now, min(due))
        for event in self._network.due(self._now):
            self._tell(event)
        while self._agenda and self._agenda[0][0] <= self._now:
            heapq.heappop(self._agenda)[2]()
        if room is not None and room <= self._now:
            self._tell(e.Tick())

    def _tick(self) -> None:
        self._tell(e.Tick())
        self._at(self._now + self._delays.tick, self._tick)

    # --- the room and its orders ---

    async def _note(self, event: e.Event) -> None:
        self._told.append(event)

    def _tell(self, event: e.Event) -> None:
        """One event and everything that answers it at once, as `dialer.engine` does."""
        todo: deque[e.Event] = deque([event])
        while todo:
            each = todo.popleft()
            began = perf_counter()
            orders = self.floor.receive(each, self._now)
            spent = self.outcome.ticks if isinstance(each, e.Tick) else self.outcome.events
            spent.append(perf_counter() - began)
            for order in orders:
                answer = self._carry_out(order)
                if answer is not None:
                    todo.append(answer)

    def _carry_out(self, order: o.Order) -> e.Event | None:
        network, now = self._network, self._now
        match order:
            case o.Dial():
                self._at(now + self._delays.open_line, self._open, order)
            case o.Place():
                return self._place(order)
            case o.Reserve():
                return e.Reserved(order.agent, order.call)
            case o.ShowScreen():
                self._at(now + self._delays.screen, self._bridge, order)
                self._at(now + self._delays.receipt, self._receive, order)
            case o.Unbridge():
                network.unbridge(order.call, order.agent, now)
            case o.PlayMessage():
                network.play_message(order.call, now, order.sound or order.text)
            case o.HangUp():
                network.hang_up(order.call, order.cause, now)
            case o.Write(record=AgentChanged() as record):
                self._account(record)
            case o.Write(record=CallEnded() as record):
                self._judge(record)
            case _:
                pass  # cards, other records and warm screens change nothing here
        return None

    def _open(self, order: o.Dial) -> None:
        """Carry out a `Dial`; each line after the first takes its own transaction."""
        _finish(self._opener.open(order))
        told, self._told = self._told, []
        for turn, event in enumerate(told):
            self._at(self._now + turn * self._delays.open_line // 3, self._tell, event)

    def _place(self, order: o.Place) -> e.Event | None:
        self.outcome.dialled += 1
        placement = Placement(
            order.call, order.number, order.caller_id, order.ring_timeout_ms, order.detect_machine
        )
        try:
            self._network.place(placement, self._now)
        except CarrierRefused as refusal:
            return e.PlaceFailed(order.call, refusal.cause)
        return None

    def _bridge(self, order: o.ShowScreen) -> None:
        self._network.bridge(order.call, order.agent, self._now)

    def _receive(self, order: o.ShowScreen) -> None:
        self._tell(e.ScreenReceived(order.agent, order.call, self._now))

    # --- the agents ---

    def _arrives(self, agent: UUID) -> None:
        if agent not in self.floor.room.agents:
            campaigns = frozenset({self.campaign.id})
            self._tell(e.AgentSignedIn(agent, str(agent), None, campaigns))
            self._tell(e.LinkUp(agent, "s"))
        self._tell(e.AgentReady(agent))

    def _leaves(self, agent: UUID) -> None:
        self._tell(e.AgentAway(agent, "BREAK"))

    def _speaks(self, agent: UUID, call: UUID) -> None:
        """Talk for as long as this customer takes, then end the call."""
        talk_ms = round(self._network.stories[call].talk_ms * self._pace(agent, call))
        self._at(self._now + talk_ms, self._tell, e.HangUpAsked(agent, call))

    def _pace(self, agent: UUID, call: UUID) -> float:
        return self._crew[agent].pace if self._is_person(call) else 1.0

    def _wraps_up(self, agent: UUID, call: UUID) -> None:
        done = self._now + self._network.stories[call].wrap_ms
        leaf = "REFUSED" if self._is_person(call) else "MACHINE_NO_MESSAGE"
        self._at(done, self._tell, e.OutcomeSaved(agent, call, leaf))
        self._at(done, self._tell, e.FinishAsked(agent, call))

    # --- the books ---

    def _is_person(self, call: UUID) -> bool:
        return self._network.stories[call].script.fate is Fate.PERSON

    def _account(self, record: AgentChanged) -> None:
        """An agent is something else from now on."""
        before = self._seen.get(record.agent)
        if before is not None:
            self._spend(before, record.at_ms)
        self._seen[record.agent] = record
        if record.call is None or (before is not None and before.state == record.state):
            return
        if record.state == "IN_CALL":
            self._speaks(record.agent, record.call)
        elif record.state == "WRAP_UP":
            self._wraps_up(record.agent, record.call)

    def _spend(self, was: AgentChanged, until_ms: int) -> None:
        span = min(until_ms, self._closes) - min(was.at_ms, self._closes)
        spent = self.outcome.spent
        if was.state in {"IN_CALL", "WRAP_UP"} and was.call is not None:
            if self._is_person(was.call):
                spent.live += span
            else:
                spent.machine += span
        elif was.status == "READY":
            spent.idle += span

    def _close_accounts(self) -> None:
        for record in self._seen.values():
            self._spend(record, self._now)

    def _judge(self, record: CallEnded) -> None:
        outcome = self.outcome
        outcome.counted_live += record.answered
        outcome.counted_abandoned += record.abandoned
        if self._is_person(record.call):
            outcome.live += record.answered
            outcome.abandoned += record.abandoned


def _agent_id(number: int) -> UUID:
    return UUID(int=(9 << 96) + number)


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run what never really waits."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("a store in memory waited")
