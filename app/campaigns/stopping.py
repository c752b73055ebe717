"""The stop key: no line is opened any more, of one campaign or of all; live calls are left alone.

Written by the deed of a person and noted again by the dialer; whichever comes first is audited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import service as audit
from app.campaigns import store
from app.campaigns.rules import CampaignState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.db import WriteSession


async def stop_dialing(
    session: WriteSession, campaign_id: UUID | None, actor: Actor, now: datetime, reason: str
) -> None:
    """Open no line any more, of one campaign or (None) of all; live calls are left alone.

    Tell the dialer after the commit: `StopDialing`. Pressing it twice is audited once.
    """
    await _set_stopped(session, campaign_id, actor, now, reason, stopped=True)


async def resume_dialing(
    session: WriteSession,
    campaign_id: UUID | None,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> list[UUID]:
    """Take that back; returns the campaigns that may dial again.

    Tell the dialer after the commit: `ResumeDialing`, and `CampaignChanged` for each of them, so that a
    dialer that started while it was stopped learns of it at once.
    """
    await _set_stopped(session, campaign_id, actor, now, reason, stopped=False)
    if campaign_id is not None:
        return [campaign_id]
    return [
        campaign.id for campaign in await store.list_all(session, without=[CampaignState.ARCHIVED])
    ]


async def note_stop(
    session: WriteSession,
    campaign_id: UUID | None,
    *,
    by: UUID,
    reason: str,
    now: datetime,
) -> None:
    """The dialer stopped at a person's word; nothing when the deed itself has written it.

    There is no such note of resuming: one that comes late would undo a newer stop.
    """
    await _set_stopped(session, campaign_id, audit.Actor(id=by), now, reason, stopped=True)


async def _set_stopped(
    session: WriteSession,
    campaign_id: UUID | None,
    actor: Actor,
    now: datetime,
    reason: str,
    *,
    stopped: bool,
) -> None:
    """Where everything was stopped, resuming everything resumes single campaigns too."""
    if campaign_id is None:
        changed = await store.set_all_stopped(session, stopped=stopped)
    else:
        changed = await store.set_stopped(session, campaign_id, stopped=stopped)
    if changed:
        audit.record(
            session, actor, verb="stopped dialing" if stopped else "resumed dialing",
            entity="organisation" if campaign_id is None else "campaign",
            entity_id=campaign_id or "all", now=now, reason=reason or None,
        )  # fmt: skip
