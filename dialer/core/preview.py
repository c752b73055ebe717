"""Calls that an agent decides on himself: offered to him (PREVIEW), or picked by him (MANUAL).

He looks, with the whole screen and the law's word before him, and has the call made or passes it over.
His call is his alone: he hears it ring, so nobody who answers it waits for an agent.
"""

from dataclasses import replace
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import UNANSWERED, Call
from dialer.core.campaign import Campaign, CampaignState, Mode
from dialer.core.effort import DRY_FOR_MS, Effort
from dialer.core.ending import cancel
from dialer.core.offers import (
    DialAsked,
    DialRefused,
    LeadPicked,
    NothingToOffer,
    Offer,
    Offered,
    SkipAsked,
)
from dialer.core.orders import DialOffer, DropScreen, GiveBack, Propose, ShowScreen
from dialer.core.room import Room
from dialer.core.sharing import Share, may_dial
from dialer.core.standing import AgentState, Choice, IllegalStep, Link, Status, WorkMode

HELD_ON_MS = 30_000  # a lead is kept so much longer than it is looked at: the dial takes its time
PASSES = 2  # offers in a row that ran out: the agent must say himself that he is ready again
TIMEOUT = "TIMEOUT"  # why a lead comes back that nobody decided on
UNANSWERED_OFFERS = "OFFERS"  # why an agent is not ready any more
AWAY = "AWAY"  # the store did not answer: that says nothing about the list


def propose(room: Room, effort: Effort, share: Share, now: int) -> None:
    """Look for a lead for each free agent whom the campaign may have.

    Not while lines fly that another mode has opened: the agents they were opened for must stay free.
    """
    if effort.campaign.mode is not Mode.PREVIEW or share.flying:
        return
    if effort.dry_until > now or room.late or not may_dial(room, effort, now):
        return
    for agent in sorted(share.places - room.proposing, key=_by_number):
        _ask(room, agent, effort.campaign)


def _by_number(identifier: UUID) -> int:
    return identifier.int


def _ask(room: Room, agent: UUID, campaign: Campaign, lead: UUID | None = None) -> None:
    room.proposing.add(agent)
    room.order(Propose(agent, campaign.id, campaign.preview_s * 1000 + HELD_ON_MS, lead))


def picked(room: Room, event: LeadPicked, now: int) -> None:
    """An agent wants to look at somebody of his choice. Raises `IllegalStep`, `Unknown`."""
    agent, effort = _agent(room, event.agent), room.effort(event.campaign)
    may_choose = agent.mode is WorkMode.MANUAL or effort.campaign.mode is Mode.MANUAL
    if not may_choose or event.campaign not in agent.campaigns:
        raise IllegalStep("NOT_HIS_TO_CHOOSE", agent.mode, "PICK")
    if effort.campaign.mode is Mode.AGENTLESS or not may_dial(room, effort, now):
        raise IllegalStep("NOT_NOW", effort.campaign.state, "PICK")
    if not agent.open_to_offers or agent.id in room.proposing:
        raise IllegalStep("NOT_OPEN", agent.state, "PICK")
    _ask(room, agent.id, effort.campaign, event.lead)


def offered(room: Room, event: Offered, now: int) -> None:
    """A lead is kept for him: he looks at it, unless something else has come up for him."""
    offer = event.offer
    room.proposing.discard(offer.agent)
    agent, effort = room.agents.get(offer.agent), room.efforts.get(offer.campaign)
    if agent is None or effort is None or not agent.open_to_offers or not _stands(room, offer, now):
        room.order(GiveBack(offer))
        return
    agent.look(offer.call, offer.campaign, now + effort.campaign.preview_s * 1000, now)
    room.offers[agent.id] = offer
    room.order(ShowScreen(agent.id, offer.call, now))
    room.settle(agent, now)


def nothing(room: Room, event: NothingToOffer, now: int) -> None:
    """Nobody is due, or nobody can be asked: looked for again in a while."""
    room.proposing.discard(event.agent)
    agent, effort = room.agents.get(event.agent), room.efforts.get(event.campaign)
    if effort is not None and effort.campaign.mode is Mode.PREVIEW:
        effort.dry_until = now + DRY_FOR_MS
        if event.rule != AWAY:
            effort.leads_left = 0
    elif agent is not None:
        agent.tried = event.rule
        room.settle(agent, now)


def dial_asked(room: Room, event: DialAsked, now: int) -> None:
    """He wants this call. Raises `IllegalStep`."""
    agent = _agent(room, event.agent)
    offer = _offer(room, agent, event.call).on(event.phone)
    if offer is None:
        raise IllegalStep("NO_SUCH_NUMBER", agent.state, "DIAL")
    _dial(room, agent, offer, now)


def _dial(room: Room, agent: Agent, offer: Offer, now: int) -> None:
    if not may_dial(room, room.books(offer.campaign), now):
        raise IllegalStep("NOT_NOW", agent.state, "DIAL")
    agent.dial(offer.call, now)
    room.offers[agent.id] = offer
    room.order(DialOffer(offer))
    room.settle(agent, now)


def skip_asked(room: Room, event: SkipAsked, now: int) -> None:
    """He does not want it. Raises `IllegalStep`."""
    agent = _agent(room, event.agent)
    offer = _offer(room, agent, event.call)
    agent.pass_over(offer.call, now)
    agent.tried, agent.passed = None, 0
    _clear(room, agent, offer, event.reason, now)


def dial_refused(room: Room, event: DialRefused, now: int) -> None:
    """Not now, says the law of this moment, or the store: he is told why, and goes on to the next."""
    room.books(event.campaign).refused[event.rule] += 1
    agent = room.agents.get(event.agent)
    offer = room.offers.get(event.agent)
    if agent is None or offer is None or offer.call != event.call:
        return
    del room.offers[agent.id]
    room.order(DropScreen(offer.call))
    agent.tried = event.rule
    if agent.call == event.call:
        agent.give_back(now)
    room.vacate(agent, event.call, now)


def own_call(room: Room, call: Call) -> bool:
    """Whether the agent who wanted this call still waits for it; takes it over from his offer."""
    agent_id = call.line.agent
    agent = None if agent_id is None else room.agents.get(agent_id)
    if agent is None:
        return False
    offer = room.offers.get(agent.id)
    if offer is not None and offer.call == call.line.call:
        del room.offers[agent.id]
    call.agent = agent.id
    unwanted = offer is not None and offer.unwanted
    return agent.dials(call.line.call) and not unwanted


def hang_up_ringing(room: Room, agent: Agent, now: int) -> bool:
    """He does not want to wait for an answer any longer; whether there was such a call."""
    call, offer = room.call_of(agent), room.offers.get(agent.id)
    if agent.state is AgentState.DIALING and call is None and offer is not None:
        room.offers[agent.id] = replace(offer, unwanted=True)
        return True
    if agent.state is not AgentState.DIALING or call is None or call.state not in UNANSWERED:
        return False
    cancel(room, call, now)
    return True


def watch(room: Room, now: int) -> None:
    """What time and those who lead do to offers: the campaign takes them back, or nobody decides."""
    for agent_id, offer in list(room.offers.items()):
        agent = room.agents[agent_id]
        if agent.state is not AgentState.REVIEW:
            continue
        if not _stands(room, offer, now):
            _withdraw(room, agent, now)
        elif agent.deadline is not None and now >= agent.deadline:
            _run_out(room, agent, offer, now)


def _run_out(room: Room, agent: Agent, offer: Offer, now: int) -> None:
    effort = room.books(offer.campaign)
    if effort.campaign.preview_dials and not offer.rule and may_dial(room, effort, now):
        _dial(room, agent, offer, now)
        return
    agent.passed += 1
    agent.pass_over(offer.call, now)
    _clear(room, agent, offer, TIMEOUT, now)
    if agent.passed >= PASSES and agent.status is Status.READY:
        agent.passed = 0
        agent.choose(Choice.UNREADY, UNANSWERED_OFFERS, now)
        room.settle(agent, now)


def tidy(room: Room, now: int) -> None:
    """Whoever turned away from an offer, or is not heard any more, has it no longer."""
    for agent in room.touched:
        offer = room.offers.get(agent.id)
        gone = agent.link is Link.LOST
        if gone and agent.state is AgentState.DIALING:
            hang_up_ringing(room, agent, now)
        elif offer is not None and (agent.call != offer.call or gone):
            _withdraw(room, agent, now)


def withdraw_all(room: Room, now: int) -> None:
    """The process ends: the next dialer is to find these leads free."""
    for agent_id in list(room.offers):
        if room.agents[agent_id].state is AgentState.REVIEW:
            _withdraw(room, room.agents[agent_id], now)


def _withdraw(room: Room, agent: Agent, now: int) -> None:
    """Take an offer back as if it had not been made."""
    offer = room.offers[agent.id]
    if agent.call == offer.call:
        agent.pass_over(offer.call, now)
    _clear(room, agent, offer, "", now)


def _clear(room: Room, agent: Agent, offer: Offer, reason: str, now: int) -> None:
    del room.offers[agent.id]
    room.order(GiveBack(offer, reason), DropScreen(offer.call))
    room.vacate(agent, offer.call, now)


def _stands(room: Room, offer: Offer, now: int) -> bool:
    """Whether the campaign still lets its agents decide on its leads, and somebody may be called at all."""
    effort = room.books(offer.campaign)
    campaign = effort.campaign
    return (
        (campaign.mode is Mode.PREVIEW or offer.picked)
        and campaign.state is CampaignState.RUNNING
        and campaign.window(now) is not None
        and not (effort.stopped or room.stopped_all or room.draining)
    )


def _agent(room: Room, agent_id: UUID) -> Agent:
    agent = room.agents.get(agent_id)
    if agent is None:
        raise IllegalStep("UNKNOWN_AGENT", "not here", str(agent_id))
    return agent


def _offer(room: Room, agent: Agent, call: UUID) -> Offer:
    offer = room.offers.get(agent.id)
    if offer is None or offer.call != call:
        raise IllegalStep("NOT_OFFERED", agent.state, str(call))
    return offer
