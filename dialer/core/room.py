"""All that the room knows, and the orders that one event yields. The only mutable state of the core.

The rules are beside it (`lines`, `routing`, `seating`, `ending`, `restoring`); here is what they share.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dialer.core.call import Call, CallState
from dialer.core.campaign import Campaign, CampaignState
from dialer.core.cards import agent_card, call_card, channel, offer_card
from dialer.core.effort import Effort
from dialer.core.flow import Flow
from dialer.core.orders import DropScreen, Order, Publish, Release, Write
from dialer.core.records import AgentChanged, CallMoment, Moment
from dialer.core.standing import AgentState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from dialer.core.agent import Agent
    from dialer.core.monitor import Monitor
    from dialer.core.offers import Offer
    from dialer.core.roster import Absence


class Unknown(Exception):
    """A word about a call or campaign that the room does not have (any more); nothing was changed."""

    def __init__(self, kind: str, identifier: UUID) -> None:
        super().__init__(f"no such {kind} in the room: {identifier}")


class Room:
    """Campaigns, agents and calls of one floor."""

    def __init__(self) -> None:
        self.efforts: dict[UUID, Effort] = {}
        self.agents: dict[UUID, Agent] = {}  # everyone who signed in since the start or restore
        self.calls: dict[UUID, Call] = {}  # live ones, and ended ones still being wrapped up
        self.monitors: dict[UUID, Monitor] = {}  # by who leads: one call at a time
        self.offers: dict[UUID, Offer] = {}  # by agent: what he looks at, or is having dialled
        self.proposing: set[UUID] = set()  # agents for whom a lead is looked for
        self.waiting: set[UUID] = set()  # calls in WAITING
        self.free: set[UUID] = set()  # agents who are routable
        self.roster: Mapping[UUID, Sequence[Absence]] = {}  # of agents with a shift
        self.counts: Counter[str] = Counter()  # since the start; the engine makes metrics of it
        self.stopped_all = False  # by a person
        self.carrier_up = True
        self.state_up = True  # Redis and lease can be vouched for
        self.late = False  # the inbox is too long: our picture is old
        self.draining = False
        self.flow = Flow()  # of all campaigns together
        self.carrier_cap: int | None = None  # calls per second, by the newest word; None: no cap
        self.carrier_told_at = 0  # when that was read, ms
        self.last_refusal = ""  # why the latest event was refused, for the log
        self._orders: list[Order] = []
        self._because = "SERVER"
        self._touched: dict[UUID, None] = {}  # agents to show, in order of touch
        self._shown: dict[UUID, tuple[dict[str, Any], dict[str, Any] | None]] = {}
        self._written: dict[UUID, tuple[Any, ...]] = {}

    def effort(self, campaign: UUID) -> Effort:
        """The campaign in the room. Raises `Unknown`."""
        effort = self.efforts.get(campaign)
        if effort is None:
            raise Unknown("campaign", campaign)
        return effort

    def books(self, campaign: UUID) -> Effort:
        """The campaign in the room; of one that is gone, books that nobody will read."""
        return self.efforts.get(campaign) or Effort.of(Campaign.gone(campaign))

    # --- orders ---

    def begin(self, because: str) -> None:
        """A new event of this origin (AGENT, SERVER, SUPERVISOR or NETWORK)."""
        self._because = because

    def order(self, *orders: Order) -> None:
        """Ask for these, in this order."""
        self._orders.extend(orders)

    def moment(
        self, call: Call, moment: Moment, at: int, error_ms: int = 0, *, said: str = ""
    ) -> None:
        """Have an instant of a call written; `said` is the message played, or the verdict heard."""
        state, agent = call.state.value, call.agent
        self.order(Write(CallMoment(call.line.call, moment, at, state, agent, error_ms, said)))

    @property
    def touched(self) -> list[Agent]:
        """Agents who changed in this event."""
        return [self.agents[agent] for agent in self._touched]

    def take_orders(self, now: int) -> list[Order]:
        """The orders of this event, changed cards last."""
        for agent_id in self._touched:
            self._show(self.agents[agent_id], now)
        self._touched.clear()
        orders, self._orders = self._orders, []
        return orders

    def show_everything(self) -> None:
        """Forget what was published: all of it is published again."""
        self._shown.clear()
        self._touched.update(dict.fromkeys(self.agents))

    # --- agents ---

    def settle(self, agent: Agent, now: int) -> None:
        """An agent changed: keep the list of free ones, show and write him at the end of the event."""
        self.refresh(agent, now)
        self._touched[agent.id] = None

    def refresh(self, agent: Agent, now: int) -> None:
        """Keep the list of free agents. One who is being reserved keeps his place in the line."""
        if agent.routable:
            self.free.add(agent.id)
            agent.free_since = now if agent.free_since is None else agent.free_since
            return
        if agent.id in self.free and agent.state is AgentState.IDLE:
            for campaign in agent.campaigns:
                self.books(campaign).news.walked += 1
        self.free.discard(agent.id)
        if agent.state is not AgentState.RESERVED:
            agent.free_since = None

    def vacate(self, agent: Agent, call_id: UUID, now: int) -> None:
        """The agent has left this call for good: free his reservation, clear his desk."""
        self.order(
            Release(agent.id, call_id),
            Publish(channel(agent.id), f"screen:{call_id}", None),
            Publish(channel(agent.id), "call", None),
        )
        self._shown.pop(agent.id, None)
        call = self.calls.get(call_id)
        if call is not None and call.taken_by is not None:
            self.order(Publish(channel(agent.id), "monitor", None))  # it goes on without him
        if call is not None and call.agent == agent.id:
            if call.confirmed and call.painted_at is None:
                self.books(call.line.campaign).pops.never()
            if call.state is CallState.ENDED:
                del self.calls[call_id]
                self.order(DropScreen(call_id))
        self.settle(agent, now)

    def call_of(self, agent: Agent) -> Call | None:
        """The call that the agent has or wraps up."""
        return None if agent.call is None else self.calls.get(agent.call)

    # --- showing ---

    def _name(self, campaign: UUID | None) -> str | None:
        return None if campaign is None else self.books(campaign).campaign.name

    def _first_campaign(self, agent: Agent) -> UUID | None:
        """Of the campaigns he may get calls of: the one served first; None without any."""
        known = [self.efforts[each].campaign for each in agent.campaigns if each in self.efforts]
        first = min(
            known,
            key=lambda c: (c.state is not CampaignState.RUNNING, -c.priority, c.name, c.id),
            default=None,
        )
        return None if first is None else first.id

    def _show(self, agent: Agent, now: int) -> None:
        """Publish what differs from what was published last, and write what a record is made of."""
        call = self.call_of(agent)
        if agent.state is AgentState.RESERVED and call is not None and not call.confirmed:
            return  # the store may still refuse; nobody sees what is not granted
        shown = agent.campaign or self._first_campaign(agent)
        mine = agent_card(agent, None if shown is None else self.books(shown).campaign)
        his = self._at_hand(agent, call)
        old_mine, old_his = self._shown.get(agent.id, (None, None))
        if mine != old_mine:
            self.order(Publish(channel(agent.id), "agent", mine))
        if his is not None and his != old_his:
            self.order(Publish(channel(agent.id), "call", his))
        self._shown[agent.id] = (mine, his)
        self._write(agent, now)

    def _at_hand(self, agent: Agent, call: Call | None) -> dict[str, Any] | None:
        """The card of the call that he has, or might have."""
        if call is not None:
            return call_card(call, self._name(call.line.campaign))
        offer = self.offers.get(agent.id)
        if offer is None or offer.call != agent.call:
            return None
        campaign = self.books(offer.campaign).campaign
        return offer_card(offer, campaign, dialing=agent.state is AgentState.DIALING)

    def _write(self, agent: Agent, now: int) -> None:
        key: tuple[Any, ...] = (agent.status, agent.reason, agent.state, agent.link, agent.call)
        key += (agent.deadline, agent.extends_left, agent.mode)
        if self._written.get(agent.id) == key:
            return
        self._written[agent.id] = key
        self.order(
            Write(
                AgentChanged(
                    agent=agent.id,
                    at_ms=now,
                    status=agent.status.value,
                    reason=agent.reason,
                    state=agent.state.value,
                    link=agent.link.value,
                    call=agent.call,
                    campaign=agent.campaign,
                    because=self._because,
                    deadline_ms=agent.deadline,
                    extends_left=agent.extends_left,
                    mode=agent.mode.value,
                )
            )
        )
