"""Which campaign an agent is promised to: each agent to one, or in parts that make no more than one.

First those whom lines in flight already speak for. The others go to the highest priority that can use
them; among equals in proportion to what an hour of an agent brings, whole agents by the method of
Webster (divisors 1, 3, 5...), which favours nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import ceil
from typing import NamedTuple
from uuid import UUID

from dialer.core.agent import Agent
from dialer.core.call import IN_FLIGHT, Call, CallState
from dialer.core.campaign import CampaignState, Mode
from dialer.core.effort import Effort
from dialer.core.room import Room
from dialer.core.standing import AT_REST

DIALS = frozenset({Mode.PREVIEW, Mode.PROGRESSIVE, Mode.RATIO, Mode.PREDICTIVE})
USUAL_PROMISES, USUAL_PEOPLE = 2.0, 20.0  # believed of a campaign of which nothing is known yet
USUAL_WORK_MS = 110_000.0  # talk and wrap-up, until they were seen


@dataclass(slots=True)
class Share:
    """What one campaign has at this instant."""

    pending: int = 0  # lines asked for that are not opened yet
    calls: list[Call] = field(default_factory=list)  # in flight: no agent has them yet
    waiting: int = 0  # of those: answered by a person
    places: set[UUID] = field(default_factory=set)  # free agents promised to it
    crew: list[Agent] = field(default_factory=list)  # signed in, not paused, link up
    wants: bool = False  # it can use agents
    parts: dict[UUID, float] = field(default_factory=dict)  # of busy agents whom others want too

    def part(self, agent: UUID) -> float:
        """What of a busy agent of the crew it may count on once he is free, 0 to 1."""
        if not self.parts:
            return float(self.wants)
        return self.parts.get(agent, float(self.wants))

    @property
    def flying(self) -> int:
        """Lines asked for or placed that no agent has yet."""
        return self.pending + len(self.calls)


Shares = dict[UUID, Share]


def look(room: Room) -> Shares:
    """Every campaign's lines and crew, counted in one pass each over calls and agents."""
    shares = {i: Share(effort.pending) for i, effort in room.efforts.items()}
    for call in room.calls.values():
        if flies(call) and (share := shares.get(call.line.campaign)) is not None:
            share.calls.append(call)
            share.waiting += call.state is CallState.WAITING
    for agent in room.agents.values():
        if agent.counts:
            for campaign in agent.campaigns:
                if (share := shares.get(campaign)) is not None:
                    share.crew.append(agent)
    return shares


def flies(call: Call) -> bool:
    """Whether a line is out for an agent whom it does not have yet, or for a recorded voice."""
    return (
        (call.state in IN_FLIGHT and call.state is not CallState.RESERVED and call.agent is None)
        or (call.agentless and call.state is CallState.MESSAGE)
    ) and call.hanging_up is None


def may_dial(room: Room, effort: Effort, now: int) -> bool:
    """Whether a number of this campaign may be rung at this very moment."""
    return (
        effort.campaign.state is CampaignState.RUNNING
        and effort.campaign.window(now) is not None
        and not (effort.stopped or room.stopped_all or room.draining)
        and room.carrier_up
        and room.state_up
    )


def worth(effort: Effort) -> float:
    """Promises that an agent's hour brings, by the day so far; a campaign without a past is average."""
    estimates, day = effort.estimates, effort.day
    work_ms = (estimates.talk_ms.value or 0.0) + (estimates.wrap_ms.value or 0.0) or USUAL_WORK_MS
    kept = (day.promises + USUAL_PROMISES) / (day.answered + USUAL_PEOPLE)
    return kept * 3_600_000 / work_ms


def in_turn(room: Room) -> list[Effort]:
    """Every campaign, those of higher priority first, of equals the better one."""
    return sorted(room.efforts.values(), key=_rank)


def _rank(effort: Effort) -> tuple[int, float, int]:
    return (-effort.campaign.priority, -worth(effort), effort.campaign.id.int)


class Standing(NamedTuple):
    """How a campaign that can use agents stands among the others."""

    rank: tuple[bool, int]  # the lowest is served first: full or not, then by falling priority
    worth: float
    turn: int


Standings = dict[UUID, Standing]


def share_out(room: Room, shares: Shares, turn: Sequence[Effort], now: int) -> None:
    """Promise every agent of the room, free ones whole, busy ones in parts.

    Each agent is looked at once for each campaign of his own, however many campaigns there are.
    """
    free = sorted((room.agents[a] for a in room.free), key=lambda a: (a.free_since or 0, a.id.int))
    taken = _claim(shares, turn, free)
    standings = _standings(room, shares, turn, now)
    for agent in free:
        if agent.id not in taken and (best := _best(shares, standings, agent)) is not None:
            shares[best].places.add(agent.id)
    _promise_parts(room, shares, standings)


def _claim(shares: Shares, turn: Sequence[Effort], free: Sequence[Agent]) -> set[UUID]:
    """Give campaigns the agents whom their lines in flight speak for; who was given."""
    own: dict[UUID, list[UUID]] = {}
    for agent in free:
        for campaign in agent.campaigns:
            own.setdefault(campaign, []).append(agent.id)
    taken: set[UUID] = set()
    for effort in turn:
        share = shares[effort.campaign.id]
        wanting = share.flying - sum(call.agentless for call in share.calls)
        if effort.campaign.mode is Mode.AGENTLESS:
            wanting -= share.pending
        most = max(0, ceil(wanting / max(1.0, effort.ratio)))
        left = (agent for agent in own.get(effort.campaign.id, ()) if agent not in taken)
        share.places.update(islice(left, most))
        taken |= share.places
    return taken


def _standings(room: Room, shares: Shares, turn: Iterable[Effort], now: int) -> Standings:
    """Who can use agents; last of all those whose lines are all taken."""
    found: Standings = {}
    for at, effort in enumerate(turn):
        campaign = effort.campaign
        if campaign.mode in DIALS and effort.dry_until <= now and may_dial(room, effort, now):
            full = shares[campaign.id].flying >= campaign.limits.lines
            found[campaign.id] = Standing((full, -campaign.priority), worth(effort), at)
    return found


def _his(standings: Standings, agent: Agent) -> Standings:
    """Of the agent's campaigns those of the best rank."""
    mine = {i: standings[i] for i in agent.campaigns if i in standings}
    if len(mine) < 2:  # noqa: PLR2004 - nothing to compare
        return mine
    best = min(each.rank for each in mine.values())
    return {i: each for i, each in mine.items() if each.rank == best}


def _best(shares: Shares, standings: Standings, agent: Agent) -> UUID | None:
    """Webster's next one; equals by their turn."""
    mine = _his(standings, agent)

    def claim(campaign: UUID) -> tuple[float, int]:
        known = mine[campaign]
        return known.worth / (2 * len(shares[campaign].places) + 1), -known.turn

    return max(mine, key=claim, default=None)


def _promise_parts(room: Room, shares: Shares, standings: Standings) -> None:
    """Write down the parts of agents of several campaigns; who has one alone is its own whole."""
    for campaign in standings:
        shares[campaign].wants = True
    for agent in room.agents.values():
        if len(agent.campaigns) == 1 or not agent.counts or agent.state in AT_REST:
            continue
        mine = _his(standings, agent)
        whole = sum(each.worth for each in mine.values())
        for campaign in agent.campaigns & shares.keys():
            worth = mine[campaign].worth if campaign in mine else 0.0
            shares[campaign].parts[agent.id] = worth / whole if worth else 0.0
