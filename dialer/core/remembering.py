"""What pacing remembers of a campaign leaves the room for a dialer to come, and comes back to it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dialer.core.brain import Brain
from dialer.core.campaign import CampaignState
from dialer.core.effort import Effort
from dialer.core.events import Recalled, Taught
from dialer.core.lessons import taught as schooled
from dialer.core.room import Room

Memory = dict[str, Any]


def remembered(room: Room) -> list[UUID]:
    """Campaigns that run and were decided on."""
    return [
        i
        for i, effort in room.efforts.items()
        if effort.campaign.state is CampaignState.RUNNING and effort.brain.now_s is not None
    ]


def memory_of(effort: Effort) -> Memory:
    """One campaign's brain, and what of its day the store does not count: dicts, lists and numbers."""
    return {
        "day_ends_at": effort.day_ends_at,
        "hung_up": effort.hung_up,
        "ratio": effort.ratio,
        "brain": effort.brain.dump(),
    }


def unschooled(room: Room) -> list[UUID]:
    """Campaigns that run and know nothing yet: neither remembered nor taught."""
    return [
        i
        for i, effort in room.efforts.items()
        if effort.campaign.state is CampaignState.RUNNING
        and not effort.brain.schooled
        and not effort.brain.seen
    ]


def recalled(room: Room, event: Recalled, _now: int) -> None:
    """Go on where the last dialer ended; what cannot be read is begun anew."""
    for campaign, memory in event.memories.items():
        effort = room.efforts.get(campaign)
        if effort is None:
            continue
        try:
            _recall(effort, memory)
        except (KeyError, TypeError, ValueError):
            room.counts["memory_unreadable"] += 1


def _recall(effort: Effort, memory: Mapping[str, Any]) -> None:
    brain = Brain.load(memory["brain"])
    if memory["day_ends_at"] == effort.day_ends_at:
        effort.brain, effort.hung_up, effort.ratio = brain, memory["hung_up"], memory["ratio"]
    else:
        effort.brain = brain.next_day()


def taught(room: Room, event: Taught, _now: int) -> None:
    """Begin with what earlier days taught, unless today has begun to teach already."""
    effort = room.efforts.get(event.campaign)
    if effort is not None and not effort.brain.seen:
        effort.brain = schooled(event.lessons)
