"""How calls end: what is counted, what is written, when the person may be tried again."""

from dialer.core.agent import Agent
from dialer.core.call import JOINED, UNANSWERED, Call, CallChange, CallState, Cause
from dialer.core.campaign import Campaign
from dialer.core.orders import DropScreen, HangUp, Write
from dialer.core.records import CallEnded
from dialer.core.room import Room
from dialer.core.standing import AFTERWARDS, SPEAKING, AgentState
from dialer.core.view import Answer, Ended

UNKNOWN = frozenset({CallState.ANSWERED, CallState.AMD})  # picked up: a person or a machine
UNCONNECTED = frozenset({CallState.WAITING, CallState.RESERVED, CallState.MESSAGE})


def hang_up(room: Room, call: Call, cause: Cause, by: str = "SYSTEM") -> None:
    """Ask the carrier to end a call; its `HungUp` ends it here. Asked once only."""
    if call.hanging_up is None and call.state is not CallState.ENDED:
        call.hanging_up, call.hung_by = cause, by
        room.order(HangUp(call.line.call, cause))


def abandon(room: Room, call: Call) -> None:
    """Count a person who answered and reached nobody; each call once."""
    if not call.abandoned:
        room.books(call.line.campaign).count(abandoned=1)
    call.abandoned = True


def end_call(room: Room, call: Call, cause: str, by: str, at: int, now: int) -> None:
    """The call is over at `at` (ms). Raises `IllegalMove` when it was already."""
    before = call.state
    call.move(CallChange.END)
    room.waiting.discard(call.line.call)
    call.ended_at, call.cause = at, str(_judge(room, call, before, cause))
    if call.held_at is not None:
        call.held_ms, call.held_at = call.held_ms + at - call.held_at, None
    _estimate(room, call)
    room.order(Write(_record(room, call, call.hung_by if call.hanging_up else by)))
    agent = room.agents.get(call.agent) if call.agent is not None else None
    if agent is None or agent.call != call.line.call:
        room.calls.pop(call.line.call, None)
        room.order(DropScreen(call.line.call))
        return
    _free(room, call, agent, now)


def _free(room: Room, call: Call, agent: Agent, now: int) -> None:
    """Wrap-up for the agent who spoke; the place in the line back for one who did not."""
    if agent.state in SPEAKING:
        agent.end(now)
    if agent.state in AFTERWARDS:  # just now, or since somebody took the call over
        room.settle(agent, now)
        return
    if agent.state is AgentState.DIALING:
        agent.tried = call.cause
    agent.give_back(now)
    room.vacate(agent, call.line.call, now)


def _judge(room: Room, call: Call, before: CallState, cause: str) -> str:
    """The cause that goes into the books."""
    if before in JOINED:
        return cause if cause in {Cause.CARRIER_ERROR, Cause.AGENT_LOST} else Cause.COMPLETED
    if before in UNCONNECTED and call.agent_lost:
        return Cause.AGENT_LOST
    if before is CallState.ANSWERED and call.hanging_up is Cause.CANCELLED:
        # He picked up while we were cancelling: answered, and nobody was there.
        _answered(room, call)
        before = CallState.WAITING
    if before in UNCONNECTED and call.agentless:
        return call.hanging_up or (cause if cause == Cause.CARRIER_ERROR else Cause.REMINDER_CUT)
    if before in UNCONNECTED:
        if not call.abandoned:
            room.books(call.line.campaign).hung_up += 1
        abandon(room, call)
        return Cause.ABANDONED
    if before in UNKNOWN and call.hanging_up is None and cause == Cause.COMPLETED:
        return Cause.REJECTED  # he hung up before anybody could know what he is
    return call.hanging_up or cause


def _answered(room: Room, call: Call) -> None:
    call.waiting_at = call.answered_at
    room.books(call.line.campaign).count(answered=1)


def _estimate(room: Room, call: Call) -> None:
    if call.dialed_at is None:
        return
    books = room.books(call.line.campaign)
    if call.waiting_at is None:
        books.news.ended.append(_never_live(call))
        if call.cause != Cause.CANCELLED:  # a call that we cancelled says nothing about people
            books.estimates.nobody()
    elif call.connected_at is not None:
        books.estimates.talk_ms.add(float(talk_ms(call)))


def _never_live(call: Call) -> Ended:
    """How far a call without a person came, in seconds."""
    ours = call.cause == Cause.CANCELLED
    end, dialed = call.ended_at or 0, call.dialed_at or 0
    rang = call.answered_at if call.ringing_at is None else call.ringing_at
    if rang is None:
        return Ended(call.segment, (end - dialed) / 1000, taken_back=ours)
    if call.answered_at is None:
        ring_s = (end - rang) / 1000
        return Ended(call.segment, (rang - dialed) / 1000, ring_s, taken_back=ours)
    check = (end - call.answered_at) / 1000
    return Ended(call.segment, (rang - dialed) / 1000, (call.answered_at - rang) / 1000, check)


def answer_of(call: Call) -> Answer | None:
    """How the call was answered; None while that is not known."""
    if call.answered_at is None or call.waiting_at is None:
        return None
    rang = call.answered_at if call.ringing_at is None else call.ringing_at
    check_ms = max(0, call.waiting_at - call.answered_at)
    return Answer((call.answered_at - rang) / 1000, check_ms / 1000)


def talk_ms(call: Call) -> int:
    """How long voices were joined; 0 when they never were, or still are."""
    if call.connected_at is None or call.ended_at is None:
        return 0
    return max(0, call.ended_at - call.connected_at)


def _record(room: Room, call: Call, by: str) -> CallEnded:
    return CallEnded(
        call=call.line.call,
        campaign=call.line.campaign,
        lead=call.line.lead,
        customer=call.line.customer,
        at_ms=call.ended_at or 0,
        cause=call.cause or "",
        by=by,
        abandoned=call.abandoned,
        answered=call.waiting_at is not None,
        agent=call.agent,
        talk_ms=talk_ms(call),
        held_ms=call.held_ms,
        retry_at_ms=retry_at(room.books(call.line.campaign).campaign, call),
    )


def retry_at(campaign: Campaign, call: Call) -> int | None:
    """When the person may be called again by this campaign (ms); None: it is done with him."""
    rule = campaign.retry.get(call.cause or "")
    if rule is None or call.line.attempt_no >= rule.max_attempts:
        return None
    return (call.ended_at or 0) + rule.delay_s * 1000


def cancel(room: Room, call: Call, now: int) -> None:
    """Take back a call that nobody has answered yet."""
    if call.state is CallState.CREATED:
        end_call(room, call, Cause.CANCELLED, "SYSTEM", now, now)
    elif call.state in UNANSWERED:
        hang_up(room, call, Cause.CANCELLED)
