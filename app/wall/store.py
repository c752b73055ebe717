"""The wall's own reading: today's promises and calls by whom, and who is on the floor.

Like the screen pop, the wall reads other slices' tables in one statement each: it asks every few seconds
for the whole floor, which the front doors answer one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession


@dataclass(frozen=True, slots=True)
class Member:
    """An agent with an open sign-in, as the wall names him."""

    id: UUID
    name: str
    team_id: UUID | None
    team: str | None


@dataclass(frozen=True, slots=True)
class Promised:
    """Promises of the day: how many, and their sum in one currency's minor units."""

    campaign_id: UUID | None
    user_id: UUID | None
    currency: str
    count: int
    minor: int


_MEMBERS = text("""
SELECT u.id, u.full_name, u.team_id, t.name AS team
FROM users u LEFT JOIN teams t ON t.id = u.team_id
WHERE u.active AND u.roles && ARRAY['AGENT', 'SENIOR_AGENT']
  AND EXISTS (SELECT FROM sign_ins s WHERE s.user_id = u.id AND s.ended_at IS NULL)
ORDER BY u.full_name
""")

_PROMISED = text("""
SELECT a.campaign_id, p.created_by AS user_id, p.currency,
       count(*) AS made, sum(p.amount_minor)::bigint AS minor
FROM promises p LEFT JOIN actions a ON a.id = p.action_id AND a.at >= :since
WHERE p.created_at >= :since AND p.state <> 'CANCELLED' AND p.action_id IS NOT NULL
GROUP BY 1, 2, 3
""")

_HANDLED = text("""
SELECT agent_id, count(*) AS taken FROM calls
WHERE created_at >= :since AND agent_id IS NOT NULL AND connected_at IS NOT NULL
GROUP BY agent_id
""")

_CONTACTS = text("""
SELECT user_id, count(*) AS reached FROM actions
WHERE at >= :since AND user_id IS NOT NULL AND rpc AND NOT superseded
GROUP BY user_id
""")

_TEAM_CAMPAIGNS = text("""
SELECT t.id AS team_id, own.campaign_id
FROM teams t LEFT JOIN (
    SELECT team_id, campaign_id FROM campaign_teams
    UNION
    SELECT u.team_id, ca.campaign_id FROM campaign_agents ca JOIN users u ON u.id = ca.user_id
) own ON own.team_id = t.id
""")


async def members(session: ReadSession) -> list[Member]:
    """The agents who are signed in."""
    rows = await session.execute(_MEMBERS)
    return [Member(row.id, row.full_name, row.team_id, row.team) for row in rows]


async def promised(session: ReadSession, since: datetime) -> list[Promised]:
    """Promises made since an instant, by campaign, agent and currency."""
    rows = await session.execute(_PROMISED, {"since": since})
    return [
        Promised(row.campaign_id, row.user_id, row.currency, row.made, row.minor) for row in rows
    ]


async def handled(session: ReadSession, since: datetime) -> dict[UUID, int]:
    """Calls connected since an instant, by agent."""
    rows = await session.execute(_HANDLED, {"since": since})
    return {row.agent_id: row.taken for row in rows}


async def contacts(session: ReadSession, since: datetime) -> dict[UUID, int]:
    """Right people spoken to since an instant, by agent."""
    rows = await session.execute(_CONTACTS, {"since": since})
    return {row.user_id: row.reached for row in rows}


async def team_campaigns(session: ReadSession) -> dict[UUID, set[UUID]]:
    """The campaigns of each team, and of its single agents; a team without any has an empty set."""
    found: dict[UUID, set[UUID]] = {}
    for row in await session.execute(_TEAM_CAMPAIGNS):
        of_team = found.setdefault(row.team_id, set())
        if row.campaign_id is not None:
            of_team.add(row.campaign_id)
    return found
