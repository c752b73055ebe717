"""Whether and how many lines each campaign may open now: one look over the room, then `pacing` decides."""

from dataclasses import dataclass, field
from math import ceil
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import IN_FLIGHT, Call, CallState
from dialer.core.campaign import CampaignState
from dialer.core.effort import Effort
from dialer.core.orders import Dial
from dialer.core.pacing import HINDRANCES, Because, Snapshot, decide
from dialer.core.room import Room
from dialer.core.standing import SPEAKING, AgentState

WRAP_MS, TALK_MS, RING_MS = 15_000.0, 60_000.0, 8_000.0  # until something is known


@dataclass(slots=True)
class Share:
    """What one campaign has at this instant."""

    flying: int = 0  # lines asked for or placed that no agent has yet
    waiting: int = 0  # of those: answered by a person
    places: int = 0  # free agents for whom it may dial
    crew: list[Agent] = field(default_factory=list)  # signed in, not paused, link up


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
        snapshot = _snapshot(room, effort, shares[effort.campaign.id], now)
        effort.pace = decide(snapshot, effort.campaign.limits)
        effort.ratio, effort.decided_at = effort.pace.ratio, now
        if effort.pace.lines > 0:
            effort.pending += effort.pace.lines
            room.order(Dial(effort.campaign.id, effort.pace.lines))
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
    shares = {i: Share(flying=effort.pending) for i, effort in room.efforts.items()}
    for call in room.calls.values():
        share = shares.get(call.line.campaign)
        if share is not None and flies(call):
            share.flying += 1
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
            share.places += 1
            most -= 1
        else:
            rest.append(agent)
    return rest


def _snapshot(room: Room, effort: Effort, share: Share, now: int) -> Snapshot:
    campaign = effort.campaign
    return Snapshot(
        mode=campaign.mode,
        running=campaign.state is CampaignState.RUNNING,
        stopped=effort.stopped or room.stopped_all or room.draining,
        window_open=campaign.window(now) is not None,
        stale=room.late or not room.state_up,
        carrier_up=room.carrier_up,
        dry=now < effort.dry_until,
        free=share.places,
        soon=_soon(effort, share.crew, now),
        agents=len(share.crew),
        in_flight=share.flying,
        waiting=share.waiting,
        dialed=effort.day.dialed,
        answered=effort.day.answered,
        abandoned=effort.day.abandoned,
        answer_rate=effort.estimates.answer_rate.value,
        outcomes=effort.estimates.answer_rate.n,
        ratio=effort.ratio,
        elapsed_ms=max(0, now - effort.decided_at) if effort.decided_at else 0,
    )


def _soon(effort: Effort, crew: list[Agent], now: int) -> int:
    """Agents who will probably be free before a line opened now is answered, rounded down.

    Wrap-up is bounded and informative, talk has a long tail; so talk counts by its mean rate only.
    """
    estimates = effort.estimates
    ring = estimates.ring_ms.value or RING_MS
    wrap = max(1.0, estimates.wrap_ms.value or WRAP_MS)
    talk = max(1.0, estimates.talk_ms.value or TALK_MS)
    expected = 0.0
    for agent in crew:
        if agent.pending is not None or agent.campaign != effort.campaign.id:
            continue
        if agent.state is AgentState.WRAP_UP:
            spent = now - agent.since
            expected += 0.9 if spent + ring >= wrap else ring / wrap
        elif agent.state in SPEAKING:
            expected += min(0.5, ring / talk) * min(1.0, ring / wrap)
    return int(expected * 0.8)
