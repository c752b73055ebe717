"""Carries out what concerns leads: opens lines for the room, keeps leads for agents who decide themselves.

Each line is opened in its own transaction and told at once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from structlog.stdlib import BoundLogger

from app.clock import Clock
from app.errors import Unavailable
from app.values.ids import made_at_ms
from dialer.core.events import DialDone, Event
from dialer.core.live import LineOpened
from dialer.core.offers import DialRefused, NothingToOffer, Offer, Offered
from dialer.core.orders import AboutLeads, Dial, DialOffer, GiveBack, Propose
from dialer.core.preview import AWAY
from dialer.leads import Lead, Leads, Opened, Refused

ROUNDS = 4  # a refused lead is replaced by the next one, so often at most
PAUSE_SECONDS = (
    1.0  # after a store that did not answer; the lines asked for block new ones meanwhile
)
LOOK_SECONDS = 5.0  # how often openings in doubt are looked for
DOUBT_MS = 60_000  # and how long: by then the store has committed them or never will

Tell = Callable[[Event], Awaitable[None]]
DRY, GONE = "DRY", "GONE"  # why there is nothing to offer: the list is empty, or the lead not free


class Opener:
    """Opens lines. `may_dial` is asked before each one, so that a stop costs nobody an attempt."""

    def __init__(
        self,
        leads: Leads,
        clock: Clock,
        fence: int,
        *,
        may_dial: Callable[[UUID, int], bool],
        tell: Tell,
        log: BoundLogger,
    ) -> None:
        self._leads = leads
        self._clock = clock
        self._fence = fence
        self._may_dial = may_dial
        self._tell = tell
        self._log = log
        self._doubts: list[_Doubt] = []

    async def run(self, orders: "asyncio.Queue[AboutLeads]") -> None:
        """Work through the orders until cancelled. Raises `Fenced`."""
        while True:
            match await orders.get():
                case Dial() as order:
                    await self.open(order)
                case Propose() as order:
                    await self.propose(order)
                case DialOffer(offer):
                    await self.dial(offer)
                case GiveBack() as order:
                    await self.give_back(order)

    async def propose(self, order: Propose) -> None:
        """Keep a lead for an agent; one answer follows whatever happens, save an old fencing number."""
        try:
            offer = await self._leads.keep(order, self._clock.now_ms(), self._fence)
        except Unavailable as fault:
            self._log.warning("leads_unavailable", campaign=str(order.campaign), why=str(fault))
            await self._tell(NothingToOffer(order.agent, order.campaign, AWAY))
            return
        if offer is not None:
            await self._tell(Offered(offer))
            return
        why = DRY if order.lead is None else GONE
        await self._tell(NothingToOffer(order.agent, order.campaign, why))

    async def dial(self, offer: Offer) -> None:
        """Open the line that an agent wants; one answer follows, as of `propose`."""
        lead, rule = Lead.of(offer), AWAY
        if self._may(offer.campaign):
            try:
                answer = await self._open_lead(lead, offer.call)
            except Unavailable as fault:
                self._log.warning("leads_unavailable", campaign=str(offer.campaign), why=str(fault))
            else:
                if isinstance(answer, Opened):
                    await self._tell(_line(lead, answer, offer.agent))
                    return
                rule = answer.rule
        await self._tell(DialRefused(offer.agent, offer.call, offer.campaign, rule))

    async def give_back(self, order: GiveBack) -> None:
        """Free a lead. A store that does not answer lets it lapse."""
        now, offer = self._clock.now_ms(), order.offer
        try:
            if order.reason:
                await self._leads.pass_over(offer, order.reason, now, self._fence)
            else:
                await self._leads.release([Lead.of(offer)], now, self._fence)
        except Unavailable as fault:
            self._log.warning("lead_not_given_back", lead=str(offer.lead), why=str(fault))

    async def settle(self) -> None:
        """Take back what was opened without an answer, until cancelled. Raises `Fenced`.

        The room does not know such a call: nobody would place it, end it or free its customer.
        """
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Look once for what is in doubt. Raises `Fenced`."""
        doubts, self._doubts = self._doubts, []
        for doubt in doubts:
            now = self._clock.now_ms()
            try:
                found = await self._leads.take_back(doubt.lead, doubt.born_ms, now, self._fence)
            except Unavailable:
                self._doubts.append(doubt)
                continue
            if found:
                self._log.warning("opening_taken_back", lead=str(doubt.lead.id))
            elif now < doubt.since_ms + DOUBT_MS:
                self._doubts.append(doubt)

    async def open(self, order: Dial) -> None:
        """Carry out one order; `DialDone` follows whatever happens, save an old fencing number."""
        work = _Work(order)
        try:
            for _ in range(ROUNDS):
                if work.wanted < 1 or work.dry or not self._may(order.campaign):
                    break
                await self._round(work)
        except Unavailable as fault:
            self._log.warning("leads_unavailable", campaign=str(order.campaign), why=str(fault))
            await asyncio.sleep(PAUSE_SECONDS)
        await self._tell(
            DialDone(order.campaign, order.lines, work.opened, dict(work.refused), work.dry)
        )

    def _may(self, campaign: UUID) -> bool:
        return self._may_dial(campaign, self._clock.now_ms())

    async def _round(self, work: "_Work") -> None:
        """Reserve what is still wanted and open each; leads that may not be opened go back."""
        now = self._clock.now_ms()
        leads = await self._leads.reserve(work.order.campaign, work.wanted, now, self._fence)
        work.dry = len(leads) < work.wanted
        for done, lead in enumerate(leads):
            if not self._may(lead.campaign):
                await self._leads.release(leads[done:], self._clock.now_ms(), self._fence)
                return
            answer = await self._open_lead(lead)
            if isinstance(answer, Opened):
                work.opened += 1
                await self._tell(_line(lead, answer))
            else:
                work.refused[answer.rule] += 1

    async def _open_lead(self, lead: Lead, call: UUID | None = None) -> Opened | Refused:
        now = self._clock.now_ms()
        try:
            return await self._leads.open(lead, now, self._fence, call)
        except Unavailable:
            self._doubts.append(_Doubt(lead, now if call is None else made_at_ms(call), now))
            raise


class _Doubt(NamedTuple):
    """A line that was opened, or not: no answer came. Instants in ms."""

    lead: Lead
    born_ms: int  # the instant in the call's id
    since_ms: int


@dataclass(slots=True)
class _Work:
    """How far one order has come."""

    order: Dial
    opened: int = 0
    dry: bool = False
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def wanted(self) -> int:
        return self.order.lines - self.opened


def _line(lead: Lead, opened: Opened, agent: UUID | None = None) -> LineOpened:
    return LineOpened(
        call=opened.call,
        campaign=lead.campaign,
        lead=lead.id,
        customer=lead.customer,
        number=lead.number,
        caller_id=opened.caller_id,
        attempt_no=lead.attempt_no,
        attempts_today=opened.attempts_today,
        cap=opened.cap,
        loan=lead.loan,
        promised_to=lead.promised_to,
        language=lead.language,
        agent=agent,
    )
