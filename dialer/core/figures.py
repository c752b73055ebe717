"""The figures of a campaign and of the floor, as the wall shows them: card values, plain types only."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any
from uuid import UUID

import numpy as np

from dialer.core.agent import Agent
from dialer.core.campaign import CampaignState
from dialer.core.effort import Effort, Milliseconds, Pops
from dialer.core.pacing import THROTTLES, Because, abandoned_pct
from dialer.core.room import Room
from dialer.core.sharing import Share, Shares
from dialer.core.standing import AFTERWARDS, ENGAGED, Link, Status

PERCENTS = (50, 95, 99)  # of pops, shown
NONE: Milliseconds = np.empty(0, np.int64)


def campaign_cards(room: Room, shares: Shares, now: int) -> dict[UUID, dict[str, Any]]:
    """The card `campaign:{id}` of every campaign; each agent is looked at once for each of his own."""
    crews: dict[UUID, list[Agent]] = {campaign: [] for campaign in room.efforts}
    for agent in room.agents.values():
        for campaign in agent.campaigns & crews.keys():
            crews[campaign].append(agent)
    return {
        i: _campaign_card(room, effort, shares[i], crews[i], now)
        for i, effort in room.efforts.items()
    }


def _campaign_card(
    room: Room, effort: Effort, share: Share, crew: Sequence[Agent], now: int
) -> dict[str, Any]:
    campaign, day = effort.campaign, effort.day
    window = campaign.window(now)
    return {
        "id": str(campaign.id),
        "name": campaign.name,
        "state": observed_state(effort).value,
        "mode": campaign.mode.value,
        "because": effort.pace.because.value,
        "lines": share.flying,
        "lines_wanted": share.flying + effort.pace.lines,
        "ratio": round(share.flying / max(1, len(share.crew)), 2),
        "ceiling": campaign.limits.ratio_ceiling,
        "agents": agent_counts(crew),
        "answer_rate": _rounded(effort.estimates.answer_rate.value, 3),
        "dialed": day.dialed,
        "answered": day.answered,
        "abandoned": day.abandoned,
        "abandon_pct": _rounded(abandoned_pct(day.answered, day.abandoned), 2),
        "abandon_window_pct": _rounded(abandoned_pct(*effort.over_window), 2),
        "abandon_window_days": campaign.window_days,
        "abandon_target_pct": campaign.limits.abandon_target_pct,
        "abandon_limit_pct": campaign.limits.abandon_limit_pct,
        "talk_s": _seconds(effort.estimates.talk_ms.value),
        "wrap_s": _seconds(effort.estimates.wrap_ms.value),
        "wrapup_s": campaign.wrapup_s,
        "waiting": share.waiting,
        "leads_left": effort.leads_left,
        "promises": day.promises,
        "pop": pop_figures([effort.pops]),
        "window_until": None if window is None else window.closes_at_ms,
        "stopped": effort.stopped or room.stopped_all,
        "refused": dict(effort.refused),
    }


def floor_card(room: Room, now: int) -> dict[str, Any]:
    """The card `floor`, but for the money promised, which the wall's leader knows."""
    efforts = list(room.efforts.values())
    return {
        "now": now,
        "agents": agent_counts(room.agents.values()),
        "dialed": sum(e.day.dialed for e in efforts),
        "answered": sum(e.day.answered for e in efforts),
        "abandoned": sum(e.day.abandoned for e in efforts),
        "waiting": len(room.waiting),
        "promises": sum(e.day.promises for e in efforts),
        "pop": pop_figures([e.pops for e in efforts]),
        "dialing_stopped": room.stopped_all,
        "stream_at": now,
    }


def observed_state(effort: Effort) -> CampaignState:
    """The stored state, or what holds a running campaign up (domain.md 5.7)."""
    state = effort.campaign.state
    if state is not CampaignState.RUNNING:
        return state
    if effort.pace.because is Because.WINDOW_CLOSED:
        return CampaignState.WINDOW_CLOSED
    return CampaignState.THROTTLED if effort.pace.because in THROTTLES else state


def agent_counts(agents: Iterable[Agent]) -> dict[str, int]:
    """How many are what; one who is offline is not counted at all."""
    counts = dict.fromkeys(("ready", "in_call", "wrap_up", "paused", "lost", "total"), 0)
    for agent in agents:
        if agent.status is Status.OFFLINE:
            continue
        counts["total"] += 1
        counts[_group(agent)] += 1
    return counts


def _group(agent: Agent) -> str:
    if agent.state in ENGAGED:
        return "in_call"
    if agent.state in AFTERWARDS:
        return "wrap_up"
    if agent.link is Link.LOST or agent.voiceless:
        return "lost"
    return "ready" if agent.status is Status.READY else "paused"


def pop_figures(pops: Sequence[Pops]) -> dict[str, int | None]:
    """Percentiles (nearest rank, ms) of the latest pops of all these together, None without any."""
    latest = np.concatenate([p.latest for p in pops]) if pops else NONE
    ranks = [max(0, ceil(percent / 100 * len(latest)) - 1) for percent in PERCENTS]
    ordered = np.partition(latest, ranks) if len(latest) else latest
    return {
        **{
            f"p{percent}": int(ordered[rank]) if len(ordered) else None
            for percent, rank in zip(PERCENTS, ranks, strict=True)
        },
        "n": sum(p.n for p in pops),
        "late": sum(p.late for p in pops),
    }


def _seconds(ms: float | None) -> int | None:
    return None if ms is None else round(ms / 1000)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
