"""Every SQL statement about campaigns and who takes their calls. Leads have their own: `leads.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text, update

from app.campaigns.models import Campaign, CampaignAgent, CampaignTeam

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from app.db import ReadSession, WriteSession

# A campaign made while a dialer leads the others is led by the same one from the start.
_JOIN_LEASE = text(
    """
    INSERT INTO campaign_leases (campaign_id, owner, fence, expires_at)
    SELECT :campaign, owner, fence, expires_at FROM campaign_leases ORDER BY fence DESC LIMIT 1
    """
)
_OF_AGENT = text(
    """
    SELECT c.id FROM campaigns c
    WHERE c.state NOT IN ('DRAFT', 'STOPPED', 'COMPLETED', 'ARCHIVED') AND (
        EXISTS (SELECT 1 FROM campaign_agents a WHERE a.campaign_id = c.id AND a.user_id = :user)
        OR EXISTS (SELECT 1 FROM campaign_teams t
                   WHERE t.campaign_id = c.id AND t.team_id = CAST(:team AS uuid))
    )
    ORDER BY c.priority DESC, c.created_at, c.id
    """
)
_SEATS = text(
    """
    SELECT u.id, u.full_name, u.team_id, u.wrapup_multiplier,
        coalesce(array_agg(c.id ORDER BY c.id) FILTER (WHERE c.id IS NOT NULL), '{}') AS campaigns
    FROM users u
    LEFT JOIN campaigns c ON c.state NOT IN ('DRAFT', 'STOPPED', 'COMPLETED', 'ARCHIVED') AND (
        EXISTS (SELECT 1 FROM campaign_agents a WHERE a.campaign_id = c.id AND a.user_id = u.id)
        OR EXISTS (SELECT 1 FROM campaign_teams t
                   WHERE t.campaign_id = c.id AND t.team_id = u.team_id)
    )
    WHERE u.id = ANY(:users)
    GROUP BY u.id
    """
)


async def add(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Write a new campaign, and put it under the lease in force."""
    await session.execute(insert(Campaign).values(**row))
    await session.execute(_JOIN_LEASE, {"campaign": row["id"]})


async def find(session: ReadSession, campaign_id: UUID) -> Campaign | None:
    """A campaign by id."""
    found: Campaign | None = await session.scalar(
        select(Campaign).where(Campaign.id == campaign_id)
    )
    return found


async def find_by_name(session: ReadSession, name: str) -> Campaign | None:
    """A campaign by its name."""
    found: Campaign | None = await session.scalar(select(Campaign).where(Campaign.name == name))
    return found


async def lock(session: WriteSession, campaign_id: UUID) -> Campaign | None:
    """A campaign, held until the transaction ends."""
    found: Campaign | None = await session.scalar(
        select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    )
    return found


async def list_all(session: ReadSession, *, without: Collection[str] = ()) -> Sequence[Campaign]:
    """Campaigns, the most urgent first, but for those in the states `without`."""
    found = await session.scalars(
        select(Campaign)
        .where(Campaign.state.not_in(without))
        .order_by(Campaign.priority.desc(), Campaign.created_at, Campaign.id)
    )
    return found.all()


async def change(session: WriteSession, campaign_id: UUID, values: Mapping[str, Any]) -> None:
    """Write columns of one campaign; its version grows."""
    await session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(**values, version=Campaign.version + 1)
    )


async def set_teams(session: WriteSession, campaign_id: UUID, team_ids: Collection[UUID]) -> None:
    """Replace the teams that take the campaign's calls."""
    await session.execute(delete(CampaignTeam).where(CampaignTeam.campaign_id == campaign_id))
    if team_ids:
        rows = [{"campaign_id": campaign_id, "team_id": team} for team in sorted(set(team_ids))]
        await session.execute(insert(CampaignTeam), rows)


async def set_agents(session: WriteSession, campaign_id: UUID, user_ids: Collection[UUID]) -> None:
    """Replace the single agents of the campaign."""
    await session.execute(delete(CampaignAgent).where(CampaignAgent.campaign_id == campaign_id))
    if user_ids:
        rows = [{"campaign_id": campaign_id, "user_id": user} for user in sorted(set(user_ids))]
        await session.execute(insert(CampaignAgent), rows)


async def teams_of(session: ReadSession, campaign_id: UUID) -> list[UUID]:
    """The teams that take the campaign's calls."""
    found = await session.scalars(
        select(CampaignTeam.team_id).where(CampaignTeam.campaign_id == campaign_id)
    )
    return list(found)


async def agents_of(session: ReadSession, campaign_id: UUID) -> list[UUID]:
    """The single agents of the campaign."""
    found = await session.scalars(
        select(CampaignAgent.user_id).where(CampaignAgent.campaign_id == campaign_id)
    )
    return list(found)


async def campaigns_of(session: ReadSession, user_id: UUID, team_id: UUID | None) -> list[UUID]:
    """The campaigns whose calls this agent takes, the most urgent first."""
    found = await session.scalars(_OF_AGENT, {"user": user_id, "team": team_id})
    return list(found)


async def seats(session: ReadSession, user_ids: Sequence[UUID]) -> Sequence[Any]:
    """Name, team, accommodation and campaigns of these users, one row each."""
    return (await session.execute(_SEATS, {"users": list(user_ids)})).all()
