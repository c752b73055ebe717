"""Carries out the floor's orders, all but the cards: agents, voices, screens, lines, records.

An order that fails because somebody does not answer is never lost silently: the room is told, or the
order is kept and tried again when he is back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from uuid import UUID

from app.errors import Unavailable
from dialer.carrier import CarrierRefused, Placement
from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import Call, CallState, Cause
from dialer.core.floor import Floor
from dialer.core.monitor import Supervise, Withdraw
from dialer.core.records import CallEnded, CallMoment, Moment, Record
from dialer.core.standing import Status
from dialer.screens import CallFacts
from dialer.scribe import Scribe
from dialer.tools import Tools

ANSWER_SECONDS = 1.0  # Redis and the broker answer within this, or count as lost
HELD_FOR_MS = 4 * 3_600_000
NOBODY = UUID(int=0)  # a call that is none: held for it until 0 means free
PROBE_SECONDS = 1.0  # a carrier that did not answer is asked again so often


class Errands:
    """One runner of orders. `group` is set before the first order and holds what runs beside the loop.

    `in_force` says whether the lease holds at this moment, renewed if need be, or raises `Fenced`.
    """

    group: asyncio.TaskGroup

    def __init__(
        self,
        floor: Floor,
        tools: Tools,
        fence: int,
        leads: "asyncio.Queue[o.AboutLeads]",
        scribe: Scribe,
        urge: Callable[[e.Event], None],
        in_force: Callable[[], Awaitable[bool]],
    ) -> None:
        self._floor = floor
        self._tools = tools
        self._fence = fence
        self._leads = leads
        self._scribe = scribe
        self._urge = urge
        self._in_force = in_force
        self._lost: set[str] = set()
        self._carrier_up = True
        self._probing: asyncio.Task[None] | None = None
        self._given_up = False
        self._roads: Mapping[type, Callable[[Any], Awaitable[e.Event | None]]] = MappingProxyType(
            {
                o.Dial: self._about_leads,
                o.Propose: self._about_leads,
                o.DialOffer: self._about_leads,
                o.GiveBack: self._about_leads,
                o.Place: self._place,
                o.Warm: self._warm,
                o.Reserve: self._reserve,
                o.Release: self._release,
                o.ShowScreen: self._show,
                o.DropScreen: self._drop,
                o.Bridge: self._bridge,
                o.Unbridge: lambda x: self._say(self._tools.carrier.unbridge(x.call, x.agent)),
                o.PlayMessage: lambda x: self._say(
                    self._tools.carrier.play_message(x.call, x.text, x.sound)
                ),
                o.Hold: lambda x: self._say(self._tools.carrier.hold(x.call, on=x.on)),
                o.Mute: lambda x: self._say(self._tools.carrier.mute(x.call, on=x.on)),
                o.HangUp: lambda x: self._say(self._tools.carrier.hang_up(x.call, x.cause)),
                Supervise: lambda x: self._say(self._tools.carrier.supervise(x.call, x.by, x.mode)),
                Withdraw: lambda x: self._say(self._tools.carrier.withdraw(x.call, x.by)),
                o.Write: self._write,
            }
        )

    async def run(self, order: o.Order) -> e.Event | None:
        """Carry out one order; the event that it answers with at once, if any. Raises `Fenced`."""
        return await self._roads[type(order)](order)

    def take_lost(self) -> set[str]:
        """What was found not to answer since the last time."""
        lost, self._lost = self._lost, set()
        return lost

    # --- lines ---

    async def _about_leads(self, order: o.AboutLeads) -> None:
        self._leads.put_nowait(order)

    async def _place(self, order: o.Place) -> e.Event | None:
        placement = Placement(
            order.call,
            order.number,
            order.caller_id,
            order.ring_timeout_ms,
            order.detect_machine,
            order.detection,
        )
        if not await self._in_force():
            # We may have stood still in the middle of a turn, and another dialer may ring by now.
            return e.PlaceFailed(order.call, Cause.CANCELLED)
        try:
            await self._tools.carrier.place(placement)
        except CarrierRefused as refusal:
            self._tools.metrics.carrier_errors.labels(refusal.cause).inc()
            return e.PlaceFailed(order.call, refusal.cause)
        except Unavailable as fault:
            self._lose_carrier(fault)
            # If it was placed after all, its first word comes for an unknown call and is cut there.
            return e.PlaceFailed(order.call, Cause.CARRIER_ERROR)
        return None

    # --- agents ---

    async def _reserve(self, order: o.Reserve) -> e.Event:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                taken = await self._tools.reservations.reserve(
                    order.agent,
                    order.call,
                    now_ms=self._tools.clock.now_ms(),
                    until_ms=order.until_ms,
                    fence=self._fence,
                )
        except (Unavailable, TimeoutError):
            self._lost.add("REDIS")
            return e.ReserveRefused(order.agent, order.call)
        return (e.Reserved if taken else e.ReserveRefused)(order.agent, order.call)

    async def _release(self, order: o.Release) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._tools.reservations.release(order.agent, order.call, fence=self._fence)
        except (Unavailable, TimeoutError):
            self._lost.add("REDIS")  # when it is back, `assert_held` frees whom nobody has

    async def assert_held(self) -> None:
        """Who holds whom, and that nobody holds the others: a release may have found Redis away."""
        until = self._tools.clock.now_ms() + HELD_FOR_MS
        held = self._floor.held()
        others = dict.fromkeys(self._floor.room.agents.keys() - held.keys(), NOBODY)
        assert_held = self._tools.reservations.assert_held
        if held:
            await assert_held(held, until_ms=until, fence=self._fence)
        if others:
            await assert_held(others, until_ms=0, fence=self._fence)

    # --- screens and voices ---

    async def _warm(self, order: o.Warm) -> None:
        facts = self._facts(order.call)
        if facts is not None:
            self._tools.screens.warm(facts)

    async def _show(self, order: o.ShowScreen) -> None:
        """Screen, then voice, beside the loop: a screen that is not ready must not hold up others."""
        self.group.create_task(self._present(order))

    async def _bridge(self, order: o.Bridge) -> None:
        """Nothing here: `_present` bridges after the screen has left."""

    async def _present(self, order: o.ShowScreen) -> None:
        facts = self._facts(order.call)
        if facts is None:
            return
        self._tools.screens.warm(facts)
        try:
            left_at_ms = await self._tools.screens.finish(
                order.call, order.agent, order.assigned_at_ms
            )
        except Exception:
            # No receipt will come: the room takes the call back within its limit (decisions.md 6).
            # Whatever it was, it concerns one screen: the other calls go on.
            self._tools.log.exception("screen_failed", call=str(order.call))
            return
        if left_at_ms is None:
            return  # it never left: nor does the voice come
        if self._still_his(order):
            await self._say(self._tools.carrier.bridge(order.call, order.agent))
        # After the voice was asked for: what is written must not hold up the call.
        if self._floor.call(order.call) is not None:
            self._scribe.add(_published(order, left_at_ms))

    def _still_his(self, order: o.ShowScreen) -> bool:
        """Whether the call still waits for this agent's voice: it may have moved on meanwhile."""
        call = self._floor.call(order.call)
        return call is not None and call.state is CallState.RESERVED and call.agent == order.agent

    async def _drop(self, order: o.DropScreen) -> None:
        self._tools.screens.drop(order.call)

    def _facts(self, call_id: UUID) -> CallFacts | None:
        call = self._floor.call(call_id)
        line = self._floor.offer(call_id) if call is None else call.line
        if line is None:
            return None
        campaign = self._floor.room.effort(line.campaign).campaign
        window = campaign.window(self._tools.clock.now_ms())
        return CallFacts(
            call=line.call,
            campaign=campaign.id,
            campaign_name=campaign.name,
            customer=line.customer,
            loan=line.loan,
            lead=line.lead,
            number=line.number,
            attempt_no=line.attempt_no,
            attempts_today=line.attempts_today,
            cap=line.cap,
            window_until_ms=None if window is None else window.closes_at_ms,
            offered=call is None,
        )

    # --- the carrier's ear ---

    async def _say(self, verb: Awaitable[None]) -> None:
        """One verb to the carrier. What it does not hear is put right when it is back."""
        try:
            await verb
        except CarrierRefused as refusal:
            self._tools.metrics.carrier_errors.labels(refusal.cause).inc()
            self._tools.log.warning("carrier_refused", cause=refusal.cause, why=str(refusal))
        except Unavailable as fault:
            self._lose_carrier(fault)

    @property
    def carrier_up(self) -> bool:
        """Whether the carrier answered last."""
        return self._carrier_up

    def _lose_carrier(self, fault: Unavailable) -> None:
        self._tools.metrics.carrier_errors.labels("UNREACHABLE").inc()
        if self._carrier_up:
            self._carrier_up = False
            self._tools.log.error("carrier_lost", why=str(fault))
            self._urge(e.CarrierLost(self._tools.clock.now_ms()))
            if not self._given_up:
                self._probing = self.group.create_task(self._probe())

    def give_up(self) -> None:
        """Ask a carrier that does not answer no longer: the process ends."""
        self._given_up = True
        if self._probing is not None:
            self._probing.cancel()

    async def _probe(self) -> None:
        """Ask until it answers; its live calls put the room right."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                alive = await self._tools.carrier.alive()
            except Unavailable:
                continue
            self._carrier_up = True
            self._urge(e.CarrierBack(self._tools.clock.now_ms(), alive))
            return

    async def seat(self) -> None:
        """Whoever is on the floor or in a call there has a leg of his own at the carrier, and nobody else."""
        agents = self._floor.room.agents.values()
        here = {agent.id: agent for agent in agents if agent.status is not Status.OFFLINE}
        listeners = [each for by, each in self._floor.room.monitors.items() if by not in here]
        desk_phones = {each.by for each in listeners if each.desk_phone}
        desk_phones |= {agent.id for agent in here.values() if agent.desk_phone}
        with suppress(Unavailable):  # it is asked again within the second
            await self._tools.carrier.seat(
                frozenset({*here, *(each.by for each in listeners)}), frozenset(desk_phones)
            )

    # --- records ---

    async def _write(self, order: o.Write) -> None:
        self._scribe.add(order.record)
        self._count(order.record)

    def _count(self, record: Record) -> None:
        metrics = self._tools.metrics
        if isinstance(record, CallEnded):
            metrics.calls.labels(str(record.campaign), record.cause).inc()
        elif isinstance(record, CallMoment) and record.moment in {Moment.RECEIVED, Moment.PAINTED}:
            call = self._floor.call(record.call)
            if call is not None and call.assigned_at is not None:
                self._time(call, record)

    def _time(self, call: Call, record: CallMoment) -> None:
        metrics, campaign = self._tools.metrics, str(call.line.campaign)
        taken_s = max(0, record.at_ms - (call.assigned_at or 0)) / 1000
        received = record.moment is Moment.RECEIVED
        histogram = metrics.pop_received_seconds if received else metrics.pop_seconds
        histogram.labels(campaign).observe(taken_s)


def _published(order: o.ShowScreen, at_ms: int) -> CallMoment:
    return CallMoment(order.call, Moment.PUBLISHED, at_ms, CallState.RESERVED, order.agent)
