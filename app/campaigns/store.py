"""Every SQL statement about campaigns and who takes their calls. Leads have their own: `leads.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text, update

from app.campaigns.models import Campaign, CampaignAgent, CampaignTeam

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

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
    SELECT u.id, u.full_name, u.team_id, u.wrapup_multiplier, u.desk_phone,
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
_OF_TEAM = text(
    """
    SELECT campaign_id FROM campaign_teams WHERE team_id = :team
    UNION
    SELECT a.campaign_id FROM campaign_agents a JOIN users u ON u.id = a.user_id
    WHERE u.team_id = :team
    """
)
_ALL_STOPPED = "SELECT coalesce(bool_or(dialing_stopped), false) FROM organisations"
_SET_ALL_STOPPED = text(
    "UPDATE organisations SET dialing_stopped = :stopped WHERE dialing_stopped <> :stopped RETURNING id"
)
_SET_CARRIER_PACE = text(
    """
    UPDATE organisations SET calls_per_second = CAST(:wanted AS bigint)
    WHERE calls_per_second IS NOT DISTINCT FROM CAST(:was AS bigint)
    RETURNING id
    """
)
_AGENTS = text(
    """
    SELECT count(*) FROM users u WHERE u.active AND (
        EXISTS (SELECT 1 FROM campaign_agents a WHERE a.campaign_id = :campaign AND a.user_id = u.id)
        OR EXISTS (SELECT 1 FROM campaign_teams t
                   WHERE t.campaign_id = :campaign AND t.team_id = u.team_id)
    )
    """
)
_PROMISES = text(
    """
    SELECT a.campaign_id, count(*)
    FROM promises p JOIN actions a ON a.id = p.action_id
    WHERE a.at >= :since AND p.created_at >= :since AND a.campaign_id = ANY(:campaigns)
        AND p.state <> 'CANCELLED'
    GROUP BY a.campaign_id
    """
)


async def add(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Write a new campaign."""
    await session.execute(insert(Campaign).values(**row))


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
    """A campaign as it is now, held until the transaction ends."""
    return await session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)


async def list_all(
    session: ReadSession, *, without: Collection[str] = (), only: UUID | None = None
) -> Sequence[Campaign]:
    """Campaigns, the most urgent first, but for those in the states `without`; or `only` one of them."""
    wanted = select(Campaign).where(Campaign.state.not_in(list(without)))
    if only is not None:
        wanted = wanted.where(Campaign.id == only)
    found = await session.scalars(
        wanted.order_by(Campaign.priority.desc(), Campaign.created_at, Campaign.id)
    )
    return found.all()


async def find_dialable(session: ReadSession, campaign_id: UUID) -> Campaign | None:
    """A campaign that the stop key, its own or everybody's, does not hold."""
    found: Campaign | None = await session.scalar(
        select(Campaign).where(
            Campaign.id == campaign_id, ~Campaign.stopped, text(f"NOT ({_ALL_STOPPED})")
        )
    )
    return found


async def set_stopped(session: WriteSession, campaign_id: UUID, *, stopped: bool) -> bool:
    """Hold or free one campaign by the stop key. False when it was so already."""
    changed = await session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.stopped.is_(not stopped))
        .values(stopped=stopped)
        .returning(Campaign.id)
    )
    return changed.first() is not None


async def set_all_stopped(session: WriteSession, *, stopped: bool) -> bool:
    """Hold or free all dialing; freeing all frees each. False when everything was so already."""
    changed = await session.execute(_SET_ALL_STOPPED, {"stopped": stopped})
    freed = False
    if not stopped:
        rows = await session.execute(
            update(Campaign).where(Campaign.stopped).values(stopped=False).returning(Campaign.id)
        )
        freed = rows.first() is not None
    return changed.first() is not None or freed


async def set_carrier_pace(session: WriteSession, wanted: int | None, *, was: int | None) -> bool:
    """Set what the carrier takes in a second. False when it was not `was` any more."""
    changed = await session.execute(_SET_CARRIER_PACE, {"wanted": wanted, "was": was})
    return changed.first() is not None


async def count_agents(session: ReadSession, campaign_id: UUID) -> int:
    """How many active users take the campaign's calls."""
    return int((await session.execute(_AGENTS, {"campaign": campaign_id})).scalar_one())


async def promises_made(
    session: ReadSession, campaign_ids: Sequence[UUID], since: datetime
) -> dict[UUID, int]:
    """Promises of actions since then, by campaign; campaigns without any are left out."""
    rows = await session.execute(_PROMISES, {"campaigns": list(campaign_ids), "since": since})
    return {row[0]: row[1] for row in rows}


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


async def campaigns_of_team(session: ReadSession, team_id: UUID) -> set[UUID]:
    """The campaigns whose calls a team takes, or one of its agents does."""
    return set(await session.scalars(_OF_TEAM, {"team": team_id}))


async def seats(session: ReadSession, user_ids: Sequence[UUID]) -> Sequence[Any]:
    """Name, team, accommodation and campaigns of these users, one row each."""
    return (await session.execute(_SEATS, {"users": list(user_ids)})).all()
