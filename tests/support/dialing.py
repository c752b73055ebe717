"""Everything around the dialer's engine, in memory and under the test's control."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
import structlog

from app.clock import Clock
from app.desk import intents as asked
from app.errors import Unavailable
from app.observe import Metrics
from app.values.ids import RANDOM_BYTES, made_at_ms, new_id
from dialer.core import events as e
from dialer.core.campaign import Window
from dialer.core.monitor import SupervisorJoined
from dialer.core.offers import Offer
from dialer.engine import Engine, Timing
from dialer.fence import Fenced
from dialer.intents import Asked
from dialer.leads import Lead, Opened, Refused
from dialer.tools import Tools
from realtime.broker import Card, encode_value
from realtime.broker_memory import MemoryBroker
from realtime.presence_memory import MemoryPresence
from tests.support.dialer import CAMPAIGN, HOUR, a_campaign, uid
from tests.support.memory import PlainLessons, PlainMemory, PlainRoster
from tests.support.reservations import MemoryReservations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from app.desk.intents import Intent
    from app.pacing.service import Packed
    from dialer.carrier import Placement
    from dialer.core.campaign import Campaign
    from dialer.core.live import LiveAgent, LiveCall
    from dialer.core.monitor import MonitorMode
    from dialer.core.orders import Propose
    from dialer.core.records import Record
    from dialer.meter import Value
    from dialer.screens import CallFacts


class ScriptedCarrier:
    """Fulfils `dialer.carrier.Carrier`: everybody rings, answers and joins at once unless told not to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.log: list[tuple[str, UUID]] = []
        self.up: set[UUID] = set()
        self.said: list[str] = []  # messages that were played
        self.seated: frozenset[UUID] = frozenset()  # who should have a leg
        self.desk_phones: frozenset[UUID] = frozenset()  # who of them does not speak by his page
        self.answers = True
        self.silent = False  # does not answer our verbs
        self.refuses: Exception | None = None  # of the next placements
        self._events: asyncio.Queue[e.CarrierEvent | None] = asyncio.Queue()

    def say(self, event: e.CarrierEvent) -> None:
        self._events.put_nowait(event)

    def _reach(self) -> None:
        if self.silent:
            raise Unavailable("The carrier does not answer.")

    async def seat(
        self, agents: frozenset[UUID], desk_phones: frozenset[UUID] = frozenset()
    ) -> None:
        self._reach()
        self.seated, self.desk_phones = agents, desk_phones

    async def place(self, placement: Placement) -> None:
        self._reach()
        if self.refuses is not None:
            raise self.refuses
        self.log.append(("place", placement.call))
        self.up.add(placement.call)
        now = self.clock.now_ms()
        self.say(e.Ringing(placement.call, now))
        if self.answers:
            self.say(e.Answered(placement.call, now))

    async def bridge(self, call: UUID, agent: UUID) -> None:
        self._reach()
        self.log.append(("bridge", call))
        self.say(e.BridgedUp(call, agent, self.clock.now_ms()))

    async def unbridge(self, call: UUID, agent: UUID) -> None:
        self._reach()
        self.log.append(("unbridge", call))

    async def play_message(self, call: UUID, text: str, sound: str = "") -> None:
        self._reach()
        self.log.append(("message", call))
        self.said.append(sound or text)
        self.say(e.MessagePlayed(call, self.clock.now_ms()))

    async def hold(self, call: UUID, *, on: bool) -> None:
        self._reach()
        self.log.append(("hold" if on else "resume", call))

    async def mute(self, call: UUID, *, on: bool) -> None:
        self._reach()
        self.log.append(("mute" if on else "unmute", call))

    async def supervise(self, call: UUID, by: UUID, mode: MonitorMode) -> None:
        self._reach()
        self.log.append((mode.value.lower(), call))
        self.say(SupervisorJoined(call, by, mode.value, self.clock.now_ms()))

    async def withdraw(self, call: UUID, by: UUID) -> None:
        self._reach()
        self.log.append(("withdraw", call))

    async def hang_up(self, call: UUID, cause: str) -> None:
        self._reach()
        self.log.append(("hang_up", call))
        if call in self.up:
            self.up.discard(call)
            self.say(e.HungUp(call, cause, "SYSTEM", self.clock.now_ms()))

    def leave(self, call: UUID) -> None:
        """The customer puts the phone down."""
        self.up.discard(call)
        self.say(e.HungUp(call, "COMPLETED", "CUSTOMER", self.clock.now_ms()))

    async def alive(self) -> frozenset[UUID]:
        self._reach()
        return frozenset(self.up)

    async def events(self) -> AsyncIterator[e.CarrierEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def aclose(self) -> None:
        self._events.put_nowait(None)


@dataclass
class MemoryLeads:
    """Fulfils `dialer.leads.Leads` with a list of people."""

    clock: Clock
    known: dict[UUID, Campaign] = field(default_factory=dict)
    people: deque[Lead] = field(default_factory=deque)
    refusals: deque[Refused] = field(default_factory=deque)
    released: list[Lead] = field(default_factory=list)
    passed: list[tuple[UUID, str]] = field(default_factory=list)
    opened: list[UUID] = field(default_factory=list)
    down: bool = False
    fence: int = 1
    mute: bool = False  # commits what it opens, and does not say so
    doubtful: list[tuple[Lead, int]] = field(default_factory=list)
    before_open: Callable[[], None] = lambda: None
    before_answer: Callable[[], None] = lambda: None

    def _reach(self, fence: int = 1) -> None:
        self.before_answer()
        if self.down:
            raise Unavailable("The store does not answer.")
        if fence < self.fence:
            raise Fenced(fence, self.fence)

    def fill(self, count: int, campaign: UUID = CAMPAIGN) -> None:
        for _ in range(count):
            person = Lead(uuid4(), campaign, uuid4(), None, uuid4(), "+84500000001", 1)
            self.people.append(person)

    async def campaigns(self, now_ms: int) -> Sequence[Campaign]:
        self._reach()
        return list(self.known.values())

    async def campaign(self, campaign: UUID, now_ms: int) -> Campaign | None:
        self._reach()
        return self.known.get(campaign)

    async def reserve(self, campaign: UUID, count: int, now_ms: int, fence: int) -> list[Lead]:
        self._reach(fence)
        return [self.people.popleft() for _ in range(min(count, len(self.people)))]

    async def keep(self, order: Propose, now_ms: int, fence: int) -> Offer | None:
        self._reach(fence)
        if not self.people:
            return None
        lead = self.people.popleft()
        return Offer(
            call=new_id(now_ms, self.clock.token_bytes(RANDOM_BYTES)),
            agent=order.agent,
            campaign=lead.campaign,
            lead=lead.id,
            customer=lead.customer,
            loan=lead.loan,
            phone=lead.contact_point,
            number=lead.number,
            attempt_no=lead.attempt_no,
            attempts_today=0,
            cap=3,
            picked=order.lead is not None,
        )

    async def pass_over(self, offer: Offer, reason: str, now_ms: int, fence: int) -> None:
        self._reach(fence)
        self.passed.append((offer.lead, reason))

    async def open(
        self, lead: Lead, now_ms: int, fence: int, call: UUID | None = None
    ) -> Opened | Refused:
        self._reach(fence)
        self.before_open()
        if self.mute:
            self.doubtful.append((lead, now_ms if call is None else made_at_ms(call)))
            raise Unavailable("The store does not answer, and did it all the same.")
        if self.refusals:
            return self.refusals.popleft()
        call = call or uuid4()
        self.opened.append(call)
        return Opened(call, "+842471000000", 1, 3)

    async def take_back(self, lead: Lead, opened_at_ms: int, now_ms: int, fence: int) -> bool:
        self._reach(fence)
        if (lead, opened_at_ms) not in self.doubtful:
            return False
        self.doubtful.remove((lead, opened_at_ms))
        return True

    async def release(self, leads: Sequence[Lead], now_ms: int, fence: int) -> None:
        self._reach(fence)
        self.released += leads


@dataclass
class MemoryJournal:
    """Fulfils `dialer.journal.Journal` with a list."""

    records: list[Record] = field(default_factory=list)
    agents: list[LiveAgent] = field(default_factory=list)
    calls: list[LiveCall] = field(default_factory=list)
    tried: int = 0
    down: bool = False
    fence: int = 1

    async def write(self, records: Sequence[Record], now_ms: int, fence: int) -> None:
        self.tried += 1
        if self.down:
            raise Unavailable("The store does not answer.")
        if fence < self.fence:
            raise Fenced(fence, self.fence)
        self.records += records

    async def restore(
        self, now_ms: int, fence: int
    ) -> tuple[Sequence[LiveAgent], Sequence[LiveCall]]:
        return self.agents, self.calls


class QueuedIntents:
    """Fulfils `dialer.intents.Intents`; waits like a stream does."""

    def __init__(self) -> None:
        self.acked: list[str] = []
        self.down = False
        self._queue: asyncio.Queue[Asked] = asyncio.Queue()
        self._count = 0

    def ask(self, intent: Intent) -> str:
        self._count += 1
        self._queue.put_nowait(Asked(str(self._count), intent))
        return str(self._count)

    async def read(self, count: int, wait_ms: int) -> Sequence[Asked]:
        if self.down:
            raise Unavailable("The stream does not answer.")
        try:
            async with asyncio.timeout(wait_ms / 1000):
                return [await self._queue.get()]
        except TimeoutError:
            return []

    async def ack(self, ids: Sequence[str]) -> None:
        if self.down:
            raise Unavailable("The stream does not answer.")
        self.acked += ids


class PublishedScreens:
    """Fulfils `dialer.screens.Screens`; a browser behind it says that it has the pop, unless frozen."""

    def __init__(self, broker: MemoryBroker, intents: QueuedIntents, clock: Clock) -> None:
        self.warmed: dict[UUID, CallFacts] = {}
        self.finished: list[tuple[UUID, UUID]] = []
        self.met: list[UUID] = []
        self.renewed: list[tuple[UUID, UUID | None]] = []
        self.dropped: list[UUID] = []
        self.frozen: set[UUID] = set()  # agents whose page does nothing
        self.fails = False
        self._broker = broker
        self._intents = intents
        self._clock = clock

    def warm(self, facts: CallFacts) -> None:
        self.warmed[facts.call] = facts

    async def finish(self, call: UUID, agent: UUID, assigned_at_ms: int) -> int | None:
        if self.fails:
            raise Unavailable("No screen.")
        self.finished.append((agent, call))
        card = Card(f"screen:{call}", encode_value({"v": 1}))
        now = self._clock.now_ms()
        await self._broker.publish(f"agent:{agent}", [card])
        if agent not in self.frozen:
            self._intents.ask(asked.Received(user=agent, call=call, at_ms=now))
            self._intents.ask(
                asked.Painted(user=agent, call=call, painted_at_ms=now, error_ms=2, at_ms=now)
            )
        return now

    def meet(self, agent: UUID) -> None:
        self.met.append(agent)

    def renew(self, call: UUID, agent: UUID | None, assigned_at_ms: int) -> None:
        self.renewed.append((call, agent))

    def drop(self, call: UUID) -> None:
        self.dropped.append(call)


@dataclass
class MemoryMeter:
    """Fulfils `dialer.meter.Meter`."""

    campaigns: Mapping[UUID, Value] = field(default_factory=dict)
    floor: Value = field(default_factory=dict)
    agents: Mapping[UUID, Value] = field(default_factory=dict)
    down: bool = False
    reports: int = 0

    async def report(
        self, campaigns: Mapping[UUID, Value], floor: Value, agents: Mapping[UUID, Value]
    ) -> None:
        if self.down:
            raise Unavailable("Redis does not answer.")
        self.campaigns, self.floor = campaigns, floor
        merged = {**self.agents, **agents}
        self.agents = {i: card for i, card in merged.items() if card["status"] != "OFFLINE"}
        self.reports += 1


@dataclass
class MemoryPaces:
    """Fulfils `dialer.paces.Paces`."""

    kept: list[Packed] = field(default_factory=list)
    down: bool = False

    async def keep(self, minutes: Sequence[Packed], fence: int) -> None:
        if self.down:
            raise Unavailable("The store does not answer.")
        self.kept += minutes


@dataclass
class MemoryLease:
    """Fulfils `dialer.fence.Lease`; `fence` is the number in force."""

    fence: int = 1
    lasts_ms: int = 5_000
    down: bool = False
    released: bool = False

    async def acquire(self, now_ms: int) -> int | None:
        return self.fence

    async def renew(self, fence: int, now_ms: int) -> int:
        if self.down:
            raise Unavailable("The store does not answer.")
        if fence < self.fence:
            raise Fenced(fence, self.fence)
        return now_ms + self.lasts_ms

    async def release(self, fence: int) -> None:
        self.released = True


class Rig:
    """An engine with all its surroundings."""

    def __init__(self, **timing: Any) -> None:
        self.clock = Clock()
        self.broker = MemoryBroker()
        self.presence = MemoryPresence()
        self.reservations = MemoryReservations()
        self.carrier = ScriptedCarrier(self.clock)
        self.leads = MemoryLeads(self.clock)
        self.journal = MemoryJournal()
        self.intents = QueuedIntents()
        self.screens = PublishedScreens(self.broker, self.intents, self.clock)
        self.meter = MemoryMeter()
        self.paces = MemoryPaces()
        self.memory = PlainMemory()
        self.lessons = PlainLessons()
        self.roster = PlainRoster()
        self.lease = MemoryLease()
        self.metrics = Metrics("dialer")
        self.timing = Timing(
            **(
                {"tick_ms": 20, "watch_seconds": 0.05, "renew_seconds": 0.05, "reload_seconds": 0.2}
                | {"drain_seconds": 1.0, "flush_seconds": 0.5}
                | timing
            )
        )
        self.engine = self.build()

    def build(self, held_for_ms: int = 60_000) -> Engine:
        tools = self.tools(structlog.get_logger("test"))
        return Engine(tools, 1, self.clock.now_ms() + held_for_ms, self.timing)

    def tools(self, log: Any, metrics: Metrics | None = None) -> Tools:
        """All of it as the engine and its parts are given it."""
        return Tools(
            carrier=self.carrier,
            leads=self.leads,
            journal=self.journal,
            intents=self.intents,
            reservations=self.reservations,
            screens=self.screens,
            broker=self.broker,
            presence=self.presence,
            meter=self.meter,
            paces=self.paces,
            memory=self.memory,
            lessons=self.lessons,
            roster=self.roster,
            lease=self.lease,
            clock=self.clock,
            metrics=metrics or self.metrics,
            log=log,
        )

    def campaign(self, number: int = 0xC1, **changes: Any) -> Campaign:
        """A campaign of which today is a working day."""
        now = self.clock.now_ms()
        settings = {
            "windows": (Window(now - HOUR, now + HOUR),),
            "day_ends_at_ms": now + 10 * HOUR,
            "loaded_at_ms": now,
        }
        campaign = a_campaign(number, **(settings | changes))
        self.leads.known[campaign.id] = campaign
        return campaign

    async def seat(self, number: int = 0xA1) -> UUID:
        """An agent who is ready and whose page is alive."""
        now, user = self.clock.now_ms(), uid(number)
        await self.presence.touch([str(user)], now)
        self.intents.ask(
            asked.SignedIn(
                user=user, name="A", team=None, campaigns=tuple(self.leads.known), at_ms=now
            )
        )
        self.intents.ask(asked.Linked(user=user, session="s", at_ms=now))
        self.intents.ask(asked.Ready(user=user, at_ms=now))
        return user

    async def card(self, user: UUID, key: str) -> Any:
        """The card of a desk as the broker keeps it; None without."""
        snapshot = await self.broker.snapshot(f"agent:{user}")
        found = [value for _, name, value in snapshot.cards if name == key]
        return msgspec.msgpack.decode(found[0]) if found else None


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Rig]:
    """The engine at work; stopped and awaited at the end."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.engine.run())
        try:
            yield rig
        finally:
            rig.engine.stop()
            await task


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until the condition holds; its value. Fails the test when it never does."""
    async with asyncio.timeout(seconds):
        while not (value := condition()):  # noqa: ASYNC110 - what is awaited raises no event
            await asyncio.sleep(0.005)
    return value
