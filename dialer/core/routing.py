"""From an answered call to an agent, and back to the queue when the agent is not there after all."""

from contextlib import suppress
from uuid import UUID

from dialer.core.agent import Agent, WrapUp
from dialer.core.assign import choose, queue
from dialer.core.call import JOINED, Call, CallChange, CallState, Cause
from dialer.core.campaign import AbandonClock, Limits
from dialer.core.ending import abandon, answer_of, hang_up
from dialer.core.events import (
    BridgedUp,
    BridgeFailed,
    Reserved,
    ReserveRefused,
    ScreenPainted,
    ScreenReceived,
)
from dialer.core.orders import Bridge, PlayMessage, Reserve, ShowScreen, Unbridge
from dialer.core.records import Moment
from dialer.core.room import Room
from dialer.core.standing import Choice, IllegalStep, Status
from dialer.core.view import Live

HELD_FOR_MS = 4 * 3_600_000  # a reservation's own end, far beyond any call; the room gives it back
SHY_MS = 1_000  # an agent whom the store refused is not tried again before
TAKE_OVER_MS = (
    5_000  # a customer whose agent's voice went waits this long for another (domain.md 5.2)
)
MESSAGE_MS = 30_000  # a message that does not end by then is cut
ON_ITS_WAY = JOINED | {CallState.RESERVED}  # to an agent: his screen may be too
MISSES = 2  # pops in a row not received: the agent must say himself that he is ready again


def limits_of(room: Room, call: Call) -> Limits:
    """The limits of the call's campaign."""
    return room.books(call.line.campaign).campaign.limits


def terms_of(room: Room, call: Call) -> WrapUp:
    """The campaign's terms for the time after the call."""
    c = room.books(call.line.campaign).campaign
    return WrapUp(c.wrapup_s * 1000, c.extend_s * 1000, c.max_extends)


def begin_wait(room: Room, call: Call, at: int) -> None:
    """A person is on the line since `at` (ms): the abandonment clock runs from the campaign's instant."""
    call.move(CallChange.WAIT)
    effort = room.books(call.line.campaign)
    from_answer = effort.campaign.abandon_clock is AbandonClock.ANSWER
    since = call.answered_at if from_answer else at
    call.waiting_at = at if since is None else since
    call.give_up_at = call.waiting_at + limits_of(room, call).connect_threshold_ms
    effort.count(answered=1)
    effort.estimates.person(at - (call.dialed_at or at))
    effort.news.lives.append(live(call, at))
    room.waiting.add(call.line.call)
    room.moment(call, Moment.WAITING, at)


def live(call: Call, at: int) -> Live:
    """How the call came to be live at `at` (ms), in seconds."""
    answered = at if call.answered_at is None else call.answered_at
    rang = answered if call.ringing_at is None else call.ringing_at
    dialed = rang if call.dialed_at is None else call.dialed_at
    return Live(
        call.segment, (rang - dialed) / 1000, (answered - rang) / 1000, (at - answered) / 1000
    )


def route(room: Room, now: int) -> None:
    """Serve the queue: give up on those past their limit, reserve an agent for each of the others."""
    for call in queue(room.calls[c] for c in room.waiting):
        if call.give_up_at is not None and now >= call.give_up_at:
            _give_up(room, call, now)
        elif call.hanging_up is None and room.state_up:
            _reserve(room, call, now)


def _reserve(room: Room, call: Call, now: int) -> None:
    agent = _own(room, call) or choose(call, (room.agents[a] for a in room.free), now)
    if agent is None:
        return
    if call.agent is not None and call.agent != agent.id:
        _part(room, call, room.agents[call.agent], now)
    call.move(CallChange.RESERVE)
    call.agent, call.confirmed, call.received = agent.id, False, False
    call.assigned_at, call.painted_at, call.shown_at = now, None, None
    room.waiting.discard(call.line.call)
    until = now + limits_of(room, call).reserve_ms
    agent.reserve(call.line.call, call.line.campaign, until, now)
    room.refresh(agent, now)
    room.order(Reserve(agent.id, call.line.call, now + HELD_FOR_MS))


def _own(room: Room, call: Call) -> Agent | None:
    """Who had it dialled himself and still waits for it."""
    agent = None if call.agent is None else room.agents.get(call.agent)
    return agent if agent is not None and agent.dials(call.line.call) else None


def _part(room: Room, call: Call, gone: Agent, now: int) -> None:
    """Who had it dialled is not heard any more, and the customer is there: somebody else takes it."""
    call.agent = None
    gone.give_back(now)
    room.vacate(gone, call.line.call, now)


def _give_up(room: Room, call: Call, now: int) -> None:
    """Nobody in time: the message, and an abandoned call in the books at once."""
    call.move(CallChange.GIVE_UP)
    room.waiting.discard(call.line.call)
    if not call.agent_lost:
        abandon(room, call)
        if (answer := answer_of(call)) is not None:
            room.books(call.line.campaign).news.lost.append(answer)
    call.message_at = now
    message = room.books(call.line.campaign).campaign.message
    text = message.said(call.line.language, call.line.caller_id)
    room.order(PlayMessage(call.line.call, text, message.sound))
    room.moment(call, Moment.MESSAGE, now, said=message.sound or text)


def reserved(room: Room, event: Reserved, now: int) -> None:
    """The store granted the agent: screen, voice, record, in this order (decisions.md 12)."""
    call, agent = _pair(room, event.agent, event.call)
    if call.confirmed:
        return
    call.confirmed, call.shown_at = True, now
    assigned_at = call.assigned_at or now
    room.order(
        ShowScreen(agent.id, call.line.call, assigned_at),
        Bridge(call.line.call, agent.id),
    )
    room.moment(call, Moment.ASSIGNED, assigned_at)
    room.settle(agent, now)


def reserve_refused(room: Room, event: ReserveRefused, now: int) -> None:
    """Somebody else has him: the call waits on, the next agent is tried at once."""
    call, agent = _pair(room, event.agent, event.call)
    if call.confirmed:
        return
    room.counts["reserve_refused"] += 1
    agent.give_back(now)
    agent.shy_until = now + SHY_MS
    _back_to_queue(room, call)
    room.settle(agent, now)


def bridged_up(room: Room, event: BridgedUp, now: int) -> None:
    """Voices are joined: wrap-up's terms are fixed now, whatever the campaign changes to."""
    call, agent = _pair(room, event.agent, event.call)
    call.move(CallChange.BRIDGE)
    call.connected_at = event.at_ms
    if not call.agent_lost and call.give_up_at is not None and event.at_ms > call.give_up_at:
        abandon(room, call)  # the agent came too late: the law counts the wait, not who ended it
    agent.join(terms_of(room, call), now)
    room.moment(call, Moment.CONNECTED, event.at_ms)
    room.settle(agent, now)


def bridge_failed(room: Room, event: BridgeFailed, now: int) -> None:
    """The agent's voice is not there: the customer keeps his place, the agent must look to his headset."""
    call, agent = _pair(room, event.agent, event.call)
    room.counts["agent_audio_lost"] += 1
    if call.state in JOINED:
        call.agent_lost, call.give_up_at = True, now + TAKE_OVER_MS
    take_back(room, call, agent, now)
    _unready(agent, "AUDIO_LOST", now)
    room.settle(agent, now)


def take_back(room: Room, call: Call, agent: Agent, now: int) -> None:
    """The call returns to the head of the queue inside its own limit (decisions.md 6)."""
    if call.held_at is not None:
        call.held_ms, call.held_at = call.held_ms + now - call.held_at, None
    _back_to_queue(room, call)
    call.agent = agent.id  # whose pop it was, for the record and for what `vacate` counts
    room.moment(call, Moment.RETURNED, now)
    agent.give_back(now)
    room.vacate(agent, call.line.call, now)
    call.agent, call.confirmed, call.received = None, False, False
    if not call.agent_lost:
        call.connected_at = None  # nobody who could know who he is spoke with him


def _back_to_queue(room: Room, call: Call) -> None:
    call.move(CallChange.RETURN)
    call.agent = None
    room.waiting.add(call.line.call)


def _unready(agent: Agent, reason: str, now: int) -> None:
    if agent.status is Status.READY:
        agent.choose(Choice.UNREADY, reason, now)


def received(room: Room, event: ScreenReceived, now: int) -> None:
    """The browser has the pop. A late receipt of a pop that moved on proves at least that he is heard."""
    agent = room.agents.get(event.agent)
    call = room.calls.get(event.call)
    if agent is None:
        raise IllegalStep("UNKNOWN_AGENT", "not here", "RECEIVE")
    if agent.call == event.call and (call is None or not call.confirmed):
        return  # he looks at whom he may call: no call waits for this receipt
    if call is None or call.agent != agent.id:
        agent.hear("", now)
        room.settle(agent, now)
        return
    if not call.received:
        call.received = True
        agent.missed = 0
        room.moment(call, Moment.RECEIVED, event.at_ms)


def painted(room: Room, event: ScreenPainted, now: int) -> None:
    """The pop is on the glass: the figure of wall, report and bench (decisions.md 19)."""
    if _looks(room, event):
        return
    call, agent = _pair(room, event.agent, event.call)
    if call.painted_at is not None:
        return
    if not call.received:
        received(room, ScreenReceived(agent.id, call.line.call, event.at_ms), now)
    call.painted_at = event.at_ms
    pops = room.books(call.line.campaign).pops
    pops.painted(event.at_ms - (call.assigned_at or event.at_ms), event.error_ms)
    room.moment(call, Moment.PAINTED, event.at_ms, event.error_ms)


def _looks(room: Room, event: ScreenPainted) -> bool:
    """Whether that is the screen of a call that the agent may have made, or is having made."""
    agent, call = room.agents.get(event.agent), room.calls.get(event.call)
    return agent is not None and agent.call == event.call and not (call and call.confirmed)


def watch(room: Room, now: int) -> None:
    """What time does to calls on their way to an agent: no receipt, no voice, a message without end."""
    for call in list(room.calls.values()):
        under_way = call.state is CallState.RESERVED or awaits_receipt(call)
        agent = room.agents.get(call.agent) if under_way and call.agent is not None else None
        if agent is not None and _unreceived(room, call, now):
            _missed(room, call, agent, now)
        elif agent is not None and agent.reservation_expired(now):
            _expired(room, call, agent, now)
        elif _overlong(call, now):
            hang_up(room, call, Cause.ABANDONED)


def _overlong(call: Call, now: int) -> bool:
    began = call.message_at
    return began is not None and not call.agentless and now - began >= MESSAGE_MS


def awaits_receipt(call: Call) -> bool:
    """Whether a pop is on its way to the agent's browser and was not received yet."""
    return call.confirmed and not call.received and call.state in ON_ITS_WAY


def _unreceived(room: Room, call: Call, now: int) -> bool:
    return (
        call.shown_at is not None
        and awaits_receipt(call)
        and now - call.shown_at >= limits_of(room, call).receipt_ms
    )


def _missed(room: Room, call: Call, agent: Agent, now: int) -> None:
    room.counts["pop_unacknowledged"] += 1
    room.books(call.line.campaign).pops.missed += 1
    room.order(Unbridge(call.line.call, agent.id))
    take_back(room, call, agent, now)
    agent.missed += 1
    if agent.missed >= MISSES:
        _unready(agent, "SCREEN", now)
    with suppress(IllegalStep):  # it was lost already
        agent.lose("", now)
    room.settle(agent, now)


def _expired(room: Room, call: Call, agent: Agent, now: int) -> None:
    """Neither the store nor the carrier said a word about the agent in time."""
    if call.confirmed:
        bridge_failed(room, BridgeFailed(call.line.call, agent.id, now), now)
        return
    room.counts["reserve_expired"] += 1
    call_id = call.line.call
    agent.give_back(now)
    agent.shy_until = now + SHY_MS
    _back_to_queue(room, call)
    room.vacate(agent, call_id, now)


def _pair(room: Room, agent_id: UUID, call_id: UUID) -> tuple[Call, Agent]:
    """The call and the agent who has it. Raises `IllegalStep` when they do not belong together."""
    call, agent = room.calls.get(call_id), room.agents.get(agent_id)
    apart = call is None or agent is None or call.agent != agent_id or agent.call != call_id
    if call is None or agent is None or apart or call.taken_by is not None:
        raise IllegalStep("NOT_HIS_CALL", str(agent_id), str(call_id))
    return call, agent
