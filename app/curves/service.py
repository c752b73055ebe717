"""Learning curves from the written calls, and reading what was learned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.curves import store
from app.curves.rules import Answered, Count, Stage, Survival, answered, by_hour, by_tries, survival
from app.people import service as people

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

__all__ = [
    "Answered",
    "Count",
    "Stage",
    "Survival",
    "answered",
    "by_hour",
    "by_tries",
    "learn",
    "list_counts",
    "survival",
]

MEMORY: Final = timedelta(days=28)  # what is older teaches nothing about today's list
ROUND: Final = timedelta(hours=3)  # the longest that a call, its wrap-up and a late record take


async def learn(session: WriteSession, now: datetime) -> None:
    """Count the last hours anew: calls end, and agents are done, long after they were dialled.

    What was missed while nobody counted is made up for.
    """
    counted = await store.latest(session)
    oldest = now - MEMORY if counted is None else min(counted, now) - ROUND
    since = oldest.replace(minute=0, second=0, microsecond=0)
    await store.count_hours(session, since, now)


async def list_counts(session: ReadSession, campaign: UUID, now: datetime) -> list[Count]:
    """What the campaign's last four weeks have taught, by the organisation's local hour."""
    zone = (await people.organisation(session)).timezone
    return await store.list_counts(session, campaign, now - MEMORY, zone)
