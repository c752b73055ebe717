"""Abandoned calls of the time that a legal profile judges by, before today: today's are counted live."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.calls import service as calls
from app.calls.service import Tally
from app.campaigns.dialing import campaigns_to_dial
from app.compliance.profiles import AbandonWindow
from app.values.period import next_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession

BEFORE: Final = timedelta(days=29)  # with today thirty days
ROLLING: Final = timedelta(hours=24)


async def before_today(
    session: ReadSession,
    windows: Mapping[UUID, AbandonWindow],
    day_began: datetime,
    now: datetime,
) -> dict[UUID, Tally]:
    """What each campaign did within its window and before `day_began`; those without calls are left out."""
    days = [each for each, window in windows.items() if window is AbandonWindow.DAY_AND_30_DAYS]
    hours = [each for each in windows if each not in days]
    found = await calls.tally(session, days, day_began - BEFORE, day_began) if days else {}
    if hours:
        found |= await calls.tally(session, hours, now - ROLLING, day_began)
    return found


async def judged(session: ReadSession, campaign_id: UUID, now: datetime) -> Tally:
    """What a campaign did in the whole window that its law judges by, today included."""
    found = await campaigns_to_dial(session, now, only=campaign_id)
    if not found:  # a draft has called nobody
        return Tally(0, 0, 0)
    dialled = found[0]
    began = next_day(now, ZoneInfo(dialled.zone)) - timedelta(days=1)
    windows = {campaign_id: dialled.profile.abandon_window}
    before = (await before_today(session, windows, began, now)).get(campaign_id, Tally(0, 0, 0))
    today = dialled.tally
    return Tally(
        before.dialed + today.dialed,
        before.answered + today.answered,
        before.abandoned + today.abandoned,
    )
