"""Those who lead step into live calls: listen, whisper, join in, take over; and how that ends.

A session is bound to its call and to its page: whatever happened, `watch` looks after each event whether
both are still there. Permission and scope are asked at the door; here only whether it can be done.
"""

from uuid import UUID

from dialer.core import seating
from dialer.core.agent import Agent
from dialer.core.call import JOINED, Call, CallChange, CallState, Cause
from dialer.core.cards import channel, monitor_card, watchers_card
from dialer.core.ending import hang_up
from dialer.core.events import AgentSignedOut
from dialer.core.monitor import (
    Monitor,
    MonitorAsked,
    MonitorChanged,
    MonitorEnd,
    MonitorKept,
    MonitorLeft,
    MonitorMode,
    Supervise,
    SupervisorJoined,
    SupervisorLost,
    Withdraw,
)
from dialer.core.orders import Hold, Publish, Write
from dialer.core.records import Moment
from dialer.core.room import Room
from dialer.core.standing import SPEAKING, IllegalStep

KEPT_MS = 10_000  # a page that says nothing for longer is gone (check MO9); it speaks every 3 s
EVERYBODY = "monitor:all"  # the channel of who leads every team


def asked(room: Room, event: MonitorAsked, now: int) -> None:
    """Begin, or change the mode. Raises `IllegalStep` when the agent is not in that call (any more)."""
    mode = MonitorMode(event.mode)
    call, agent = _live(room, event)
    known = room.monitors.get(event.by)
    if known is not None and known.call != event.call:
        _end(room, known, MonitorEnd.SWITCHED, now)
        known = None
    if known is not None and known.mode is mode:
        known.kept_at = now
        return
    if mode is MonitorMode.TAKE_OVER:
        _take(room, call, agent, event.by, now)
    before = known
    session = Monitor(
        event.by,
        event.name,
        event.call,
        event.agent,
        mode,
        now,
        now,
        visible=event.visible,
        desk_phone=event.desk_phone,
    )
    room.monitors[event.by] = session
    room.order(
        Supervise(event.call, event.by, mode), Write(_changed(session, before, now, after=mode))
    )
    _show(room, call.line.call, agent)


def _live(room: Room, event: MonitorAsked) -> tuple[Call, Agent]:
    call, agent = room.calls.get(event.call), room.agents.get(event.agent)
    speaks = agent is not None and agent.state in SPEAKING and agent.call == event.call
    if call is None or agent is None or call.agent != event.agent or not speaks:
        raise IllegalStep("NOT_HIS_CALL", str(event.agent), event.mode)
    if event.by == event.agent or call.state not in JOINED:
        raise IllegalStep("NO_LIVE_CALL", call.state, event.mode)
    return call, agent


def _take(room: Room, call: Call, agent: Agent, by: UUID, now: int) -> None:
    """The customer is his now: whoever had him on hold goes to wrap-up."""
    if call.state is CallState.HELD:
        call.move(CallChange.RESUME)
        call.held_ms, call.held_at = call.held_ms + now - (call.held_at or now), None
        room.order(Hold(call.line.call, on=False))
        room.moment(call, Moment.RESUMED, now)
    call.taken_by, call.taken_at = by, now
    call.received = True  # no screen is on its way to anybody any more
    agent.end(now)
    room.settle(agent, now)


def kept(room: Room, event: MonitorKept, now: int) -> None:
    """His page is there."""
    session = room.monitors.get(event.by)
    if session is not None:
        session.kept_at = now


def left(room: Room, event: MonitorLeft, now: int) -> None:
    """He leaves; said twice it is said once."""
    session = room.monitors.get(event.by)
    if session is not None:
        _end(room, session, MonitorEnd.LEFT, now)


def signed_out(room: Room, event: AgentSignedOut, now: int) -> None:
    """Whoever leads may be nobody's agent: his session ends; an agent's leaving is `seating`'s."""
    session = room.monitors.get(event.agent)
    if session is not None:
        _end(room, session, MonitorEnd.SIGNED_OUT, now)
    if session is None or event.agent in room.agents:
        seating.signed_out(room, event, now)


def joined(room: Room, event: SupervisorJoined, _now: int) -> None:
    """His telephone is in the call."""
    session = _session(room, event.by, event.call)
    if session is not None and session.mode.value == event.mode and not session.heard:
        session.heard = True
        _show(room, session.call, room.agents.get(session.agent))


def lost(room: Room, event: SupervisorLost, now: int) -> None:
    """His telephone is not there: he must look to it and begin anew."""
    session = _session(room, event.by, event.call)
    if session is not None:
        room.counts["supervisor_audio_lost"] += 1
        _end(room, session, MonitorEnd.VOICE_LOST, now)


def watch(room: Room, now: int) -> None:
    """End the sessions whose call is not what it was, or whose page is gone."""
    for session in list(room.monitors.values()):
        why = _over(room, session, now)
        if why is not None:
            _end(room, session, why, now)


def _over(room: Room, session: Monitor, now: int) -> MonitorEnd | None:
    call = room.calls.get(session.call)
    if call is None or call.state is CallState.ENDED:
        return MonitorEnd.CALL_ENDED
    if call.taken_by not in {None, session.by}:
        return MonitorEnd.TAKEN_OVER
    if call.state not in JOINED or call.agent != session.agent:
        return MonitorEnd.CALL_MOVED
    return MonitorEnd.PAGE_LOST if now - session.kept_at >= KEPT_MS else None


def _end(room: Room, session: Monitor, why: MonitorEnd, now: int) -> None:
    del room.monitors[session.by]
    call = room.calls.get(session.call)
    if call is not None and call.taken_by == session.by:
        hang_up(room, call, Cause.COMPLETED, "AGENT")
    room.order(Withdraw(session.call, session.by))
    room.order(Write(_changed(session, session, now, after=None, why=why)))
    agent = room.agents.get(session.agent)
    _show(room, session.call, agent)
    past = {
        "by": str(session.by),
        "call": str(session.call),
        "agent": str(session.agent),
        "mode": session.mode.value,
        "why": why.value,
        "at": now,
    }
    for name in channels(agent):
        room.order(Publish(name, f"left:{session.by}", past))


def show_none(room: Room, agent: Agent) -> None:
    """After a new beginning: nobody is in this agent's call, whatever was shown before."""
    if agent.call is not None:
        _show(room, agent.call, agent)


def _show(room: Room, call: UUID, agent: Agent | None) -> None:
    """Tell the agent, and those who lead, who is in the call."""
    sessions = [each for each in room.monitors.values() if each.call == call]
    if agent is not None and agent.call in {None, call}:  # else he is in another one by now
        room.order(Publish(channel(agent.id), "monitor", monitor_card(sessions)))
    value = watchers_card(call, sessions)
    for name in channels(agent):
        room.order(Publish(name, f"monitor:{call}", value))


def channels(agent: Agent | None) -> list[str]:
    """Where those who lead this agent are told."""
    own = [] if agent is None or agent.team is None else [f"monitor:{agent.team}"]
    return [*own, EVERYBODY]


def _session(room: Room, by: UUID, call: UUID) -> Monitor | None:
    session = room.monitors.get(by)
    return session if session is not None and session.call == call else None


def _changed(
    session: Monitor,
    before: Monitor | None,
    now: int,
    *,
    after: MonitorMode | None,
    why: MonitorEnd | None = None,
) -> MonitorChanged:
    return MonitorChanged(
        by=session.by,
        call=session.call,
        agent=session.agent,
        at_ms=now,
        before=None if before is None else before.mode.value,
        since_ms=None if before is None else before.since,
        after=None if after is None else after.value,
        visible=session.shown,
        why=None if why is None else why.value,
    )
