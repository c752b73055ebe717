"""What people ask: coming and going, breaks, the controls of a call, wrap-up, links."""

from typing import NamedTuple
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import Call, CallChange, Cause, moved
from dialer.core.ending import answer_of, hang_up, talk_ms
from dialer.core.events import (
    AgentAway,
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    BreakForced,
    ExtendAsked,
    FinishAsked,
    HangUpAsked,
    HoldAsked,
    LinkDown,
    LinkUp,
    ModeChosen,
    MuteAsked,
    OutcomeSaved,
    PendingCancelled,
    RosterRead,
    VoiceLost,
    VoiceUp,
    WrapUpCompleted,
)
from dialer.core.orders import Hold, Mute, Write
from dialer.core.preview import hang_up_ringing
from dialer.core.records import BreakOverran, Moment
from dialer.core.room import Room
from dialer.core.standing import AFTERWARDS, SPEAKING, Choice, IllegalStep, Link, Status, WorkMode
from dialer.core.view import Handled

EXPIRED = "EXPIRED"  # why somebody leaves whose sign-in has lapsed: signing in again takes it back
PROMISE = "PTP"  # how the leaves of a promise begin (domain.md section 4)
MACHINE = "MACHINE"  # how those of a machine begin, which detection took for a person


def signed_in(room: Room, event: AgentSignedIn, now: int) -> None:
    """Seat an agent, or take what changed about one who sits."""
    agent = room.agents.get(event.agent)
    if agent is None:
        agent = Agent(event.agent, event.name, event.team, event.campaigns, since=now)
        agent.lost_at = now  # until his socket opens
        room.agents[event.agent] = agent
    agent.name, agent.team, agent.campaigns = event.name, event.team, event.campaigns
    agent.wrapup_multiplier, agent.desk_phone = event.wrapup_multiplier, event.desk_phone
    if agent.status is Status.OFFLINE:
        agent.choose(Choice.SIGN_IN, None, now)
        agent.lost_at = now if agent.link is Link.LOST else None
        agent.voice = Link.UP
    elif agent.pending is not None and agent.pending.reason == EXPIRED:
        agent.pending = None
    room.settle(agent, now)


def signed_out(room: Room, event: AgentSignedOut, now: int) -> None:
    """He leaves; with a customer on the line, when wrap-up is over."""
    agent = _agent(room, event.agent)
    left = _at_hand(agent)
    if event.forced:
        agent.force_out(now, event.by)
    else:
        agent.choose(Choice.SIGN_OUT, event.why, now)
    _after(room, agent, left, now)


def ready(room: Room, event: AgentReady, now: int) -> None:
    """He wants calls."""
    agent = _agent(room, event.agent)
    agent.choose(Choice.READY, None, now)
    agent.missed = 0
    room.settle(agent, now)


def away(room: Room, event: AgentAway, now: int) -> None:
    """A break with its reason, at once or after wrap-up."""
    agent = _agent(room, event.agent)
    agent.choose(Choice.PAUSE, event.reason, now, limit_ms=event.limit_ms)
    room.settle(agent, now)


def break_forced(room: Room, event: BreakForced, now: int) -> None:
    """A break that somebody else ordered: at once, or after wrap-up."""
    agent = _agent(room, event.agent)
    agent.choose(Choice.PAUSE, event.reason, now, limit_ms=event.limit_ms, by=event.by)
    room.settle(agent, now)


def mode_chosen(room: Room, event: ModeChosen, now: int) -> None:
    """From the dialer's calls to his own or back: without a call at once, else after wrap-up."""
    agent = _agent(room, event.agent)
    agent.choose_mode(WorkMode(event.mode), now)
    room.settle(agent, now)


def pending_cancelled(room: Room, event: PendingCancelled, now: int) -> None:
    """No break after all."""
    agent = _agent(room, event.agent)
    agent.cancel_pending()
    room.settle(agent, now)


def hang_up_asked(room: Room, event: HangUpAsked, now: int) -> None:
    """The agent ends his call, or lets it ring no longer; the carrier's word moves it."""
    if hang_up_ringing(room, _his(room, event.agent, event.call), now):
        return
    agent, call = _speaking(room, event.agent, event.call)
    hang_up(room, call, Cause.COMPLETED, "AGENT")
    room.settle(agent, now)


def hold_asked(room: Room, event: HoldAsked, now: int) -> None:
    """On hold, or back."""
    agent, call = _speaking(room, event.agent, event.call)
    change = CallChange.HOLD if event.on else CallChange.RESUME
    moved(call.state, change)  # refuses before the agent is changed
    agent.hold(on=event.on, now=now)
    call.move(change)
    if event.on:
        call.held_at = now
    else:
        call.held_ms, call.held_at = call.held_ms + now - (call.held_at or now), None
    room.order(Hold(call.line.call, event.on))
    room.moment(call, Moment.HELD if event.on else Moment.RESUMED, now)
    room.settle(agent, now)


def mute_asked(room: Room, event: MuteAsked, now: int) -> None:
    """His microphone, closed or open."""
    agent = _agent(room, event.agent)
    if agent.state not in SPEAKING or agent.call is None:
        raise IllegalStep("NOT_IN_CALL", agent.state, "MUTE")
    agent.muted = event.on
    room.order(Mute(agent.call, event.on))
    room.settle(agent, now)


def outcome_saved(room: Room, event: OutcomeSaved, now: int) -> None:
    """The outcome is committed; it may be chosen again until he finishes."""
    agent = _agent(room, event.agent)
    if agent.call != event.call or agent.state not in SPEAKING | AFTERWARDS:
        raise IllegalStep("NOT_HIS_CALL", agent.state, "DISPOSE")
    if agent.campaign is not None:
        change = _is_promise(event.leaf) - _is_promise(agent.leaf)
        room.books(agent.campaign).count_promise(change)
    agent.disposed, agent.leaf = True, event.leaf
    room.settle(agent, now)


def _is_promise(leaf: str | None) -> int:
    return int(leaf is not None and leaf.startswith(PROMISE))


def finish_asked(room: Room, event: FinishAsked, now: int) -> None:
    """Wrap-up is done."""
    agent = _his(room, event.agent, event.call)
    left = _at_hand(agent)
    agent.finish(now)
    _after(room, agent, left, now)


def extend_asked(room: Room, event: ExtendAsked, now: int) -> None:
    """More wrap-up."""
    agent = _his(room, event.agent, event.call)
    agent.extend()
    room.settle(agent, now)


def completed(room: Room, event: WrapUpCompleted, now: int) -> None:
    """A team lead completes what was left over."""
    agent = _agent(room, event.agent)
    left = _at_hand(agent)
    agent.complete(now, event.by_name, event.limit_ms)
    _after(room, agent, left, now)


def link_up(room: Room, event: LinkUp, now: int) -> None:
    """His browser is heard."""
    agent = _agent(room, event.agent)
    agent.hear(event.session, now)
    room.settle(agent, now)


def link_down(room: Room, event: LinkDown, now: int) -> None:
    """His browser is gone: out of routing at once; a call that he has goes on."""
    agent = _agent(room, event.agent)
    agent.lose(event.session, now)
    room.settle(agent, now)


def voice_up(room: Room, event: VoiceUp, now: int) -> None:
    """His leg at the carrier is up."""
    _voice(room, event.agent, Link.UP, now)


def voice_lost(room: Room, event: VoiceLost, now: int) -> None:
    """He cannot be spoken to: out of routing at once; what becomes of his call is the carrier's to tell."""
    _voice(room, event.agent, Link.LOST, now)


def _voice(room: Room, agent_id: UUID, voice: Link, now: int) -> None:
    agent = room.agents.get(agent_id)
    if agent is None:
        return  # somebody who only listens in
    agent.voice = voice
    room.settle(agent, now)


def roster_read(room: Room, event: RosterRead, _now: int) -> None:
    """What was planned before is forgotten."""
    room.roster = event.absences


def watch(room: Room, now: int) -> None:
    """What time does to agents: wrap-up runs out, a break runs over, a lost link ends the shift."""
    for agent in room.agents.values():
        if agent.overdue(now):
            left = _at_hand(agent)
            agent.run_out(now)
            _after(room, agent, left, now)
        elif agent.gone(now):
            agent.go_offline("LINK_LOST", now)
            room.settle(agent, now)
        elif agent.run_over(now):
            room.order(Write(_overran(agent, now)))
            room.settle(agent, now)


def _overran(agent: Agent, now: int) -> BreakOverran:
    return BreakOverran(
        agent=agent.id,
        at_ms=now,
        reason=agent.reason or "",
        limit_ms=agent.limit_ms or 0,
        overrun=str(agent.overrun),
    )


class _Left(NamedTuple):
    """What an agent had at hand before an event."""

    call: UUID | None
    campaign: UUID | None
    since: int
    wrapping: bool
    leaf: str | None  # the outcome that he saved


def _at_hand(agent: Agent) -> _Left:
    return _Left(agent.call, agent.campaign, agent.since, agent.state in AFTERWARDS, agent.leaf)


def _after(room: Room, agent: Agent, left: _Left, now: int) -> None:
    """Clear his desk when he has left a call; show him in any case."""
    if left.call is None or agent.call is not None:
        room.settle(agent, now)
        return
    if left.campaign is not None and left.wrapping:
        books = room.books(left.campaign)
        books.estimates.wrap_ms.add(float(now - left.since))
        call = room.calls.get(left.call)
        talked = 0 if call is None else talk_ms(call)
        person = not (left.leaf or "").startswith(MACHINE)
        stays = agent.status is Status.READY
        work = Handled(
            talked / 1000,
            (now - left.since) / 1000,
            person=person,
            stays=stays,
            answer=None if call is None else answer_of(call),
        )
        books.news.handled.append(work)
    room.vacate(agent, left.call, now)


def _agent(room: Room, agent_id: UUID) -> Agent:
    agent = room.agents.get(agent_id)
    if agent is None:
        raise IllegalStep("UNKNOWN_AGENT", "not here", str(agent_id))
    return agent


def _his(room: Room, agent_id: UUID, call_id: UUID) -> Agent:
    agent = _agent(room, agent_id)
    if agent.call != call_id:
        raise IllegalStep("NOT_HIS_CALL", agent.state, str(call_id))
    return agent


def _speaking(room: Room, agent_id: UUID, call_id: UUID) -> tuple[Agent, Call]:
    agent = _his(room, agent_id, call_id)
    call = room.calls.get(call_id)
    if call is None or agent.state not in SPEAKING:
        raise IllegalStep("NOT_IN_CALL", agent.state, str(call_id))
    return agent, call
