"""Keeps what pacing saw and decided, and reads it: a second, an hour in figures, a whole day for a replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.pacing import store
from app.pacing.folding import Fold, unfold
from app.pacing.rules import MINUTE, Minute, Second, Summing, figures, minute_begins

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

__all__ = [
    "MinuteBook",
    "Packed",
    "days",
    "hour",
    "keep",
    "last_kept",
    "minutes",
    "second",
    "seconds",
]


@dataclass(frozen=True, slots=True)
class Packed:
    """A minute of one campaign as it is stored. `fence`: of the dialer that decided it."""

    campaign: UUID
    at: datetime
    fence: int
    seconds: int
    figures: Mapping[str, Any]
    block: bytes


class MinuteBook:
    """Takes the pages of one campaign's minute as they come, and packs them when it is over."""

    def __init__(self, campaign: UUID, at: datetime, fence: int) -> None:
        self.campaign, self.at, self.fence = campaign, minute_begins(at), fence
        self._fold, self._sum = Fold(), Summing()

    def add(self, second_: int, page: Mapping[str, Any]) -> None:
        """Take the page of a second from 0 to 59; later ones only. The page is not to change any more."""
        self._fold.add(second_, page)
        self._sum.add(page)

    def pack(self) -> Packed:
        """The minute as it is stored, from one page on. Deflating takes about a millisecond of one core."""
        summed, block = figures(self._sum.minute()), self._fold.pack()
        return Packed(self.campaign, self.at, self.fence, len(self._fold), summed, block)


async def keep(session: WriteSession, minutes_: Sequence[Packed]) -> None:
    """Write minutes; one that was written before stays as it is."""
    rows = [
        {
            "campaign_id": each.campaign,
            "at": each.at,
            "fence": each.fence,
            "seconds": each.seconds,
            "figures": dict(each.figures),
            "block": each.block,
        }
        for each in minutes_
    ]
    if rows:
        await store.add(session, rows)


async def seconds(
    session: ReadSession, campaign: UUID, begins: datetime, ends: datetime
) -> AsyncIterator[Second]:
    """Every second that was decided in a half-open span, oldest first; a gap is a gap.

    Where two dialers had parts of one minute, the newer one's word on a second comes last. A day of fifty
    agents is about 30,000 pages: read an hour at a time it never lies in memory as a whole.
    """
    async for at, block in store.blocks(session, campaign, minute_begins(begins), ends):
        for second_, page in unfold(block):
            instant = at + timedelta(seconds=second_)
            if begins <= instant < ends:
                yield Second(instant, page)


async def second(session: ReadSession, campaign: UUID, at: datetime) -> Second | None:
    """The second that an instant lies in; None when nothing was kept of it."""
    begins = at.replace(microsecond=0)
    found = None
    async for each in seconds(session, campaign, begins, begins + timedelta(seconds=1)):
        found = each
    return found


async def minutes(
    session: ReadSession, campaign: UUID, begins: datetime, ends: datetime
) -> dict[datetime, Minute]:
    """The minutes of a half-open span in figures, oldest first; those of which nothing was kept are missing."""
    rows = await store.figures(session, campaign, minute_begins(begins), ends)
    return {row.at: Minute(**row.figures) for row in rows}


async def hour(session: ReadSession, campaign: UUID, now: datetime) -> dict[datetime, Minute]:
    """The sixty minutes before the running one, which is kept when it is over."""
    ends = minute_begins(now)
    return await minutes(session, campaign, ends - 60 * MINUTE, ends)


async def days(session: ReadSession, campaign: UUID, zone: str) -> list[date]:
    """Days at a place (an IANA zone) of which something was kept, the newest first."""
    return await store.days(session, campaign, zone)


async def last_kept(session: ReadSession, campaign: UUID) -> datetime | None:
    """The newest minute of which something was kept; None without any."""
    return await store.last(session, campaign)
