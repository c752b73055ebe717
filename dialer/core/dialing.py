"""Whether and how many lines each campaign may open now: one look over the room, then `pacing` decides."""

from dataclasses import dataclass, field
from math import ceil, inf
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import IN_FLIGHT, Call, CallState
from dialer.core.campaign import CampaignState
from dialer.core.effort import Effort
from dialer.core.ending import cancel
from dialer.core.orders import Dial
from dialer.core.pacing import HINDRANCES, Because, decide
from dialer.core.room import Room
from dialer.core.standing import AFTERWARDS, AT_REST
from dialer.core.view import Doing, Line, Seat, Stage, View

STAGES = {
    CallState.CREATED: Stage.SETUP,
    CallState.DIALING: Stage.SETUP,
    CallState.RINGING: Stage.RINGING,
    CallState.ANSWERED: Stage.ANSWERED,
    CallState.AMD: Stage.ANSWERED,
    CallState.WAITING: Stage.QUEUED,
}


@dataclass(slots=True)
class Share:
    """What one campaign has at this instant."""

    pending: int = 0  # lines asked for that are not opened yet
    calls: list[Call] = field(default_factory=list)  # in flight: no agent has them yet
    waiting: int = 0  # of those: answered by a person
    places: set[UUID] = field(default_factory=set)  # free agents for whom it may dial
    crew: list[Agent] = field(default_factory=list)  # signed in, not paused, link up

    @property
    def flying(self) -> int:
        """Lines asked for or placed that no agent has yet."""
        return self.pending + len(self.calls)


def may_dial(room: Room, effort: Effort, now: int) -> bool:
    """Whether a number of this campaign may be rung at this very moment."""
    return (
        effort.campaign.state is CampaignState.RUNNING
        and effort.campaign.window(now) is not None
        and not (effort.stopped or room.stopped_all or room.draining)
        and room.carrier_up
        and room.state_up
    )


def pace(room: Room, now: int) -> None:
    """Let every campaign decide, those of higher priority first."""
    shares = look(room)
    _share_out(room, shares, now)
    for effort in _in_turn(room):
        view = view_of(room, effort, shares[effort.campaign.id], now)
        effort.view, effort.pace = view, decide(view, effort.campaign.limits, effort.brain)
        effort.ratio, effort.decided_at = effort.pace.ratio, now
        if effort.pace.lines > 0:
            effort.pending += effort.pace.lines
            room.order(Dial(effort.campaign.id, effort.pace.lines))
        for call in shares[effort.campaign.id].calls:
            if call.line.call in effort.pace.cancel:
                cancel(room, call, now)
    _explain(room, now)


def _explain(room: Room, now: int) -> None:
    """Tell those who wait why nobody is dialled for them, and when somebody is again."""
    for agent in room.agents.values():
        hindrance = _hindrance(room, agent)
        if hindrance != agent.hindrance:
            agent.hindrance = hindrance
            room.settle(agent, now)


def _hindrance(room: Room, agent: Agent) -> str | None:
    """What stands against every campaign of a free agent; of those that run, the one served first."""
    paces = [e.pace for e in _in_turn(room) if e.campaign.id in agent.campaigns]
    if not agent.routable or not all(pace.because in HINDRANCES for pace in paces):
        return None
    why = sorted((pace.because for pace in paces), key=lambda it: it is Because.NOT_RUNNING)
    return why[0].value if why else None


def look(room: Room) -> dict[UUID, Share]:
    """Every campaign's lines and crew, counted in one pass each over calls and agents."""
    shares = {i: Share(effort.pending) for i, effort in room.efforts.items()}
    for call in room.calls.values():
        share = shares.get(call.line.campaign)
        if share is not None and flies(call):
            share.calls.append(call)
            share.waiting += call.state is CallState.WAITING
    for agent in room.agents.values():
        if agent.counts:
            for campaign in agent.campaigns & shares.keys():
                shares[campaign].crew.append(agent)
    return shares


def flies(call: Call) -> bool:
    """Whether a line is out for an agent whom it does not have yet."""
    return (
        call.state in IN_FLIGHT and call.state is not CallState.RESERVED and call.hanging_up is None
    )


def _in_turn(room: Room) -> list[Effort]:
    return sorted(room.efforts.values(), key=lambda e: (-e.campaign.priority, e.campaign.id.int))


def _share_out(room: Room, shares: dict[UUID, Share], now: int) -> None:
    """Give free agents to campaigns to dial for: an agent of several counts for one only.

    First those whom lines in flight already speak for, then the rest by priority.
    """
    free = sorted((room.agents[a] for a in room.free), key=lambda a: (a.free_since or 0, a.id.int))
    turn = _in_turn(room)
    for effort in turn:
        share = shares[effort.campaign.id]
        free = _claim(free, effort, ceil(share.flying / max(1.0, effort.ratio)), share)
    for effort in turn:
        if may_dial(room, effort, now) and effort.dry_until <= now:
            free = _claim(free, effort, len(free), shares[effort.campaign.id])


def _claim(free: list[Agent], effort: Effort, most: int, share: Share) -> list[Agent]:
    """Give up to `most` of its agents to a campaign; the others remain."""
    rest = []
    for agent in free:
        if most > 0 and effort.campaign.id in agent.campaigns:
            share.places.add(agent.id)
            most -= 1
        else:
            rest.append(agent)
    return rest


def view_of(room: Room, effort: Effort, share: Share, now: int) -> View:
    """What pacing sees of one campaign. Takes the news since the last view with it."""
    campaign, news = effort.campaign, effort.take_news()
    window = campaign.window(now)
    return View(
        mode=campaign.mode,
        now_s=now / 1000,
        running=campaign.state is CampaignState.RUNNING,
        stopped=effort.stopped or room.stopped_all or room.draining,
        window_open=window is not None,
        stale=room.late or not room.state_up,
        carrier_up=room.carrier_up,
        dry=now < effort.dry_until,
        seats=[_seat(room, share, agent, now) for agent in share.crew],
        lines=[_line(call, now) for call in share.calls] + [_ASKED] * share.pending,
        lives=news.lives,
        ended=news.ended,
        handled=news.handled,
        walked=news.walked,
        dialed=effort.day.dialed,
        answered=effort.day.answered,
        abandoned=effort.day.abandoned,
        left_s=0.0 if window is None else (window.closes_at_ms - now) / 1000,
        ring_timeout_s=campaign.ring_timeout_s,
        answer_rate=effort.estimates.answer_rate.value,
        ratio=effort.ratio,
        since_ms=max(0, now - effort.decided_at) if effort.decided_at else 0,
    )


_ASKED = Line(None, Stage.SETUP, 0.0, 0.0)  # a line that was asked for and is not opened yet


def _line(call: Call, now: int) -> Line:
    """A call in flight; what is not known of it counts as having just begun."""
    stage = STAGES[call.state]
    since = {
        Stage.SETUP: call.dialed_at,
        Stage.RINGING: call.ringing_at,
        Stage.ANSWERED: call.answered_at,
        Stage.QUEUED: call.waiting_at,
    }[stage]
    return Line(call.line.call, stage, _spent(call.dialed_at, now), _spent(since, now))


def _seat(room: Room, share: Share, agent: Agent, now: int) -> Seat:
    """An agent of the crew. Who leaves after this call will not be free; who serves another does in part."""
    if agent.state in AT_REST:
        mine = agent.id in share.places
        return Seat(Doing.IDLE, _spent(agent.since, now), share=1.0 if mine else 0.0)
    call = room.call_of(agent)
    part = 1.0 / max(1, sum(1 for each in agent.campaigns if _dials(room, each)))
    leaves = inf if agent.pending is None else 0.0
    joined = None if call is None else call.connected_at
    if agent.state not in AFTERWARDS:
        return Seat(Doing.TALK, _spent(joined, now), share=part, leaves_in_s=leaves)
    talked = 0.0 if call is None else _spent(joined, call.ended_at or now)
    return Seat(Doing.WRAP, _spent(agent.since, now), talked, part, leaves)


def _dials(room: Room, campaign: UUID) -> bool:
    effort = room.efforts.get(campaign)
    return effort is not None and effort.campaign.state is CampaignState.RUNNING


def _spent(since: int | None, now: int) -> float:
    """Seconds from an instant (ms) that may not be known."""
    return 0.0 if since is None else max(0, now - since) / 1000
