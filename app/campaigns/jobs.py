"""What campaigns do by themselves: end when their list is done, take in who belongs since. The worker calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.audit import service as audit
from app.campaigns import leads, service, store
from app.campaigns.rules import CampaignState, Change, moved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession

GROWING: Final = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})


async def complete_finished(session: WriteSession, now: datetime) -> list[UUID]:
    """End running campaigns that have nobody left to call; tell the dialer `CampaignChanged` for each."""
    done = []
    for listed in await store.list_all(session):
        if moved(CampaignState(listed.state), Change.RUN_OUT) is None:
            continue
        if await leads.is_anybody_left(session, listed.id):
            continue
        campaign = await store.lock(session, listed.id)
        after = moved(CampaignState(campaign.state), Change.RUN_OUT) if campaign else None
        if campaign is None or after is None:  # another worker was first, or somebody stopped it
            continue
        await store.change(session, campaign.id, {"state": after, "state_reason": "LIST_DONE"})
        audit.record(
            session, audit.SYSTEM, verb="completed", entity="campaign", entity_id=campaign.id,
            now=now, before={"state": campaign.state}, after={"state": after},
        )  # fmt: skip
        done.append(campaign.id)
    return done


async def list_growing(session: ReadSession) -> Sequence[UUID]:
    """The campaigns to be refilled, one transaction each."""
    return [c.id for c in await store.list_all(session) if CampaignState(c.state) in GROWING]


async def refill(session: WriteSession, campaign_id: UUID, clock: Clock) -> int:
    """Take in who belongs now and did not before, after an import or at the turn of the day."""
    await store.lock(session, campaign_id)  # two workers would take the same people in
    return await service.refill(session, campaign_id, clock)
