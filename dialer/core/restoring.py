"""A floor that begins again: what the store knew is made the room's, what the carrier lost is ended.

Also what follows when Redis or the lease come back: everything is published and asserted once more
(decisions.md 11).
"""

from uuid import UUID

from dialer.core.agent import Agent, WrapUp
from dialer.core.call import JOINED, Call, CallState, Cause
from dialer.core.campaign import Mode
from dialer.core.ending import UNKNOWN, cancel, end_call, hang_up
from dialer.core.events import (
    Draining,
    Restored,
    StateBack,
    StateLost,
)
from dialer.core.live import LiveAgent, LiveCall
from dialer.core.monitoring import show_none
from dialer.core.orders import HangUp, ShowScreen
from dialer.core.preview import withdraw_all
from dialer.core.room import Room
from dialer.core.routing import limits_of, terms_of
from dialer.core.standing import AFTERWARDS, ENGAGED, AgentState, Link, Status, WorkMode


def restored(room: Room, event: Restored, now: int) -> None:
    """Rebuild. Links count as lost until they are heard; calls without a carrier are ended.

    What the carrier has and the store does not know is nobody's: hung up.
    """
    for live in event.agents:
        room.agents[live.agent] = _agent(live, now)
    for known in event.calls:
        _take_call(room, known, event.alive, now)
    for orphan in event.alive - {known.line.call for known in event.calls}:
        room.order(HangUp(orphan, Cause.CANCELLED))
    for agent in room.agents.values():
        _reconcile(room, agent, now)
        room.settle(agent, now)
        show_none(room, agent)
    _show_again(room)


def _agent(live: LiveAgent, now: int) -> Agent:
    state = AgentState(live.state)
    return Agent(
        id=live.agent,
        name=live.name,
        team=live.team,
        campaigns=live.campaigns,
        wrapup_multiplier=live.wrapup_multiplier,
        status=Status(live.status),
        reason=live.reason,
        limit_ms=live.limit_ms,
        desk_phone=live.desk_phone,
        mode=WorkMode(live.mode),
        state=state,
        link=Link.LOST,
        status_since=live.status_since_ms,
        since=live.state_since_ms,
        lost_at=now,
        call=live.call,
        deadline=live.deadline_ms if state is AgentState.WRAP_UP else None,
        extends_left=live.extends_left,
        disposed=live.disposed,
    )


def _take_call(room: Room, live: LiveCall, alive: frozenset[UUID], now: int) -> None:
    mode = room.books(live.line.campaign).campaign.mode
    call = Call(live.line, CallState(live.state), agentless=mode is Mode.AGENTLESS)
    call.dialed_at, call.answered_at = live.dialed_at_ms, live.answered_at_ms
    call.assigned_at, call.connected_at = live.assigned_at_ms, live.connected_at_ms
    agent = room.agents.get(live.agent) if live.agent is not None else _who_dials(room, call)
    if agent is not None and agent.state is AgentState.DIALING:
        call.agent = agent.id  # his link is lost until it is heard: it is taken back, if it rings
    elif agent is not None and agent.call == live.line.call:
        call.agent, call.confirmed, call.received = agent.id, True, True
        call.painted_at = now  # its first paint is the last dialer's to count; this one is a repeat
        agent.campaign, agent.terms = live.line.campaign, terms_of(room, call)
    room.calls[live.line.call] = call
    if live.line.call not in alive:
        _lost(room, call, now)
    elif call.state is CallState.CREATED:
        cancel(room, call, now)
    elif call.state not in JOINED or call.agent is None:
        _unjoined(room, call, now)
    elif agent is not None and agent.state in AFTERWARDS:
        hang_up(room, call, Cause.COMPLETED)  # it was taken over, and nobody holds it now
    else:
        call.waiting_at = call.answered_at or call.connected_at or now  # a person: he was joined


def _who_dials(room: Room, call: Call) -> Agent | None:
    """Who had this call dialled and heard it ring."""
    mine = (agent for agent in room.agents.values() if agent.call == call.line.call)
    return next((agent for agent in mine if agent.state is AgentState.DIALING), None)


def _lost(room: Room, call: Call, now: int) -> None:
    """The carrier knows nothing of it: over since we cannot say when."""
    if call.state not in UNKNOWN:
        call.waiting_at = call.answered_at
    agent = room.agents.get(call.agent) if call.agent is not None else None
    if agent is not None and agent.state not in ENGAGED:
        call.agent = None
    end_call(room, call, Cause.CARRIER_ERROR, "CARRIER", now, now)


def _unjoined(room: Room, call: Call, now: int) -> None:
    """Alive, and nobody speaks with him: unanswered ones ring on, the others wait within their limit."""
    if call.answered_at is None:
        return
    if call.state in UNKNOWN:  # what detection said, if anything, is lost: taken for a person
        room.books(call.line.campaign).count(answered=1)
    call.waiting_at = call.answered_at
    call.give_up_at = call.answered_at + limits_of(room, call).connect_threshold_ms
    if call.state is CallState.MESSAGE:
        hang_up(room, call, Cause.REMINDER_CUT if call.agentless else Cause.ABANDONED)
        return
    agent = room.agents.get(call.agent) if call.agent is not None else None
    call.state, call.agent, call.confirmed = CallState.WAITING, None, False
    room.waiting.add(call.line.call)
    if agent is not None and agent.state in ENGAGED:
        agent.give_back(now)
        room.vacate(agent, call.line.call, now)


def _reconcile(room: Room, agent: Agent, now: int) -> None:
    """An agent engaged with a call that is no more is free; one in wrap-up keeps his time."""
    looks = agent.state is AgentState.REVIEW and agent.call is not None  # an offer that died
    if looks or (agent.state in ENGAGED and room.call_of(agent) is None):
        agent.stand_free(now)
    elif agent.state in AFTERWARDS and agent.terms is None:
        agent.terms = WrapUp(20_000, 30_000, agent.extends_left)


def _show_again(room: Room) -> None:
    room.show_everything()
    for call in room.calls.values():
        if call.agent is not None and call.state in JOINED | {CallState.ENDED}:
            room.order(ShowScreen(call.agent, call.line.call, call.assigned_at or 0))
    for offer in room.offers.values():
        room.order(ShowScreen(offer.agent, offer.call, room.agents[offer.agent].since))


def state_lost(room: Room, _event: StateLost, _now: int) -> None:
    """Nothing new: no lines, no reservations."""
    room.state_up = False


def state_back(room: Room, _event: StateBack, _now: int) -> None:
    """Publish it all again."""
    room.state_up = True
    _show_again(room)


def draining(room: Room, _event: Draining, now: int) -> None:
    """The process will end: no new lines; what rings may still be answered and served."""
    room.draining = True
    withdraw_all(room, now)
