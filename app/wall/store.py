"""The wall's own reading: today's promises and calls by whom, and who is on the floor.

Like the screen pop, the wall reads other slices' tables in one statement each: it asks every few seconds
for the whole floor, which the front doors answer one by one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.wall.hours import Minute
from app.wall.rules import Pops, Trouble

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
    branch: str | None


@dataclass(frozen=True, slots=True)
class Promised:
    """Promises of the day: how many, and their sum in one currency's minor units."""

    campaign_id: UUID | None
    user_id: UUID | None
    currency: str
    count: int
    minor: int


@dataclass(frozen=True, slots=True)
class Handled:
    """An agent's calls of the day, and how long he wrote after one, seconds; None before the first."""

    calls: int
    wrap_s: float | None


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A part of an agent's day: calls, of how many the wrap-up is known, and its seconds in all."""

    calls: int
    timed: int
    seconds: float


_MEMBERS = text("""
SELECT u.id, u.full_name, u.team_id, t.name AS team, t.branch
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

_WRAPPED_BETWEEN = text("""
SELECT agent_id, count(*) AS taken, count(ended_at) AS timed,
       coalesce(sum(extract(epoch FROM wrapped_at - ended_at)), 0)::float AS seconds
FROM calls
WHERE created_at >= :since AND agent_id IS NOT NULL AND connected_at IS NOT NULL
    AND wrapped_at >= :began AND wrapped_at < :ended
GROUP BY agent_id
""")

# Two arms, an index each: an OR would read the day.
_WRAPPED_SINCE = text("""
SELECT agent_id, count(*) AS taken, count(ended_at) AS timed,
       coalesce(sum(extract(epoch FROM wrapped_at - ended_at)), 0)::float AS seconds
FROM calls
WHERE created_at >= :since AND agent_id IS NOT NULL AND connected_at IS NOT NULL
    AND wrapped_at >= :began
GROUP BY agent_id
UNION ALL
SELECT agent_id, count(*), 0, 0 FROM calls
WHERE created_at >= :since AND agent_id IS NOT NULL AND connected_at IS NOT NULL
    AND wrapped_at IS NULL
GROUP BY agent_id
""")

_CONTACTS = text("""
SELECT user_id, count(*) AS reached, count(*) FILTER (WHERE at >= :hour) AS lately
FROM actions
WHERE at >= :since AND user_id IS NOT NULL AND rpc AND NOT superseded
GROUP BY user_id
""")

_WORKED = text("""
SELECT u.team_id, grouping(u.team_id) = 1 AS everybody, count(DISTINCT a.customer_id) AS worked
FROM actions a LEFT JOIN users u ON u.id = a.user_id
WHERE a.at >= :since AND a.user_id IS NOT NULL
GROUP BY GROUPING SETS ((u.team_id), ())
""")

_COLLECTED = text("""
SELECT p.currency, who.user_id, sum(p.amount_minor)::bigint AS minor
FROM payments p LEFT JOIN LATERAL (
    SELECT a.user_id FROM actions a
    WHERE a.customer_id = p.customer_id AND a.user_id IS NOT NULL AND a.rpc AND NOT a.superseded
      AND a.at BETWEEN p.paid_at - interval '7 days' AND p.paid_at
    ORDER BY a.at DESC LIMIT 1
) who ON true
WHERE p.status = 'POSTED' AND p.paid_at >= :since
GROUP BY 1, 2
""")

_NEVER = text("""
SELECT count(*) FROM cases c
WHERE c.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM actions a WHERE a.customer_id = c.customer_id AND a.user_id IS NOT NULL
)
""")

_OVERDUE = text("""
SELECT c.user_id, count(*) AS late FROM callbacks c
WHERE c.at >= :since AND (
    c.state = 'MISSED'
    OR (c.state IN ('SCHEDULED', 'DUE') AND c.at + make_interval(mins => c.window_minutes::int) < :now)
)
GROUP BY c.user_id
""")

_POPS = text("""
SELECT u.team_id, count(ms) AS n, count(*) FILTER (WHERE ms > 1000 OR ms IS NULL) AS late,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms) AS percentiles
FROM (
    SELECT agent_id, extract(epoch FROM painted_at - assigned_at)::float * 1000 AS ms FROM calls
    WHERE created_at >= :hour AND assigned_at IS NOT NULL AND published_at IS NOT NULL
      AND (painted_at IS NOT NULL OR ended_at IS NOT NULL)
) pop JOIN users u ON u.id = pop.agent_id
GROUP BY u.team_id
""")

_TROUBLE = text("""
SELECT campaign_id, count(*) FILTER (WHERE ended_at IS NOT NULL) AS ended,
       count(*) FILTER (WHERE cause = 'CARRIER_ERROR') AS faults,
       count(*) FILTER (WHERE published_at IS NOT NULL AND (
           painted_at > assigned_at + interval '1 second'
           OR (painted_at IS NULL AND ended_at IS NOT NULL))) AS late
FROM calls WHERE created_at >= :since AND campaign_id IS NOT NULL
GROUP BY campaign_id
""")

_MINUTES = text("""
SELECT campaign_id, date_trunc('minute', created_at) AS at, count(*) AS dialed,
       count(*) FILTER (WHERE answered_by_human) AS answered,
       count(*) FILTER (WHERE abandoned) AS abandoned
FROM calls WHERE created_at >= :since AND campaign_id IS NOT NULL
GROUP BY 1, 2
""")

_SHIFTS = text("""
SELECT agent_id, status, state, link, sum(extract(epoch FROM till - at))::float AS seconds
FROM (
    SELECT agent_id, status, state, link, at,
           lead(at, 1, :now) OVER (PARTITION BY agent_id ORDER BY at, id) AS till
    FROM agent_state_changes WHERE at >= :since
) span
GROUP BY 1, 2, 3, 4
""")

_BREAKS = text("SELECT code, max_seconds FROM break_reasons")

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
    return [Member(row.id, row.full_name, row.team_id, row.team, row.branch) for row in rows]


async def promised(session: ReadSession, since: datetime) -> list[Promised]:
    """Promises made since an instant, by campaign, agent and currency."""
    rows = await session.execute(_PROMISED, {"since": since})
    return [
        Promised(row.campaign_id, row.user_id, row.currency, row.made, row.minor) for row in rows
    ]


async def wrapped(
    session: ReadSession, since: datetime, began: datetime, ended: datetime | None
) -> list[tuple[UUID, Wrapped]]:
    """Connected calls of the day `since` wrapped up from `began` to before `ended`, by agent.

    Without an end also those that are not wrapped up; an agent may come twice then.
    """
    if ended is None:
        rows = await session.execute(_WRAPPED_SINCE, {"since": since, "began": began})
    else:
        values = {"since": since, "began": began, "ended": ended}
        rows = await session.execute(_WRAPPED_BETWEEN, values)
    return [(row.agent_id, Wrapped(row.taken, row.timed, row.seconds)) for row in rows]


async def contacts(
    session: ReadSession, since: datetime, hour: datetime
) -> dict[UUID, tuple[int, int]]:
    """Right people spoken to since an instant, and of them since `hour`, by agent."""
    rows = await session.execute(_CONTACTS, {"since": since, "hour": hour})
    return {row.user_id: (row.reached, row.lately) for row in rows}


async def worked(session: ReadSession, since: datetime) -> tuple[int, dict[UUID, int]]:
    """Customers that agents worked since an instant: all of them, and by team."""
    everybody, by_team = 0, {}
    for row in await session.execute(_WORKED, {"since": since}):
        if row.everybody:
            everybody = row.worked
        elif row.team_id is not None:
            by_team[row.team_id] = row.worked
    return everybody, by_team


async def collected(session: ReadSession, since: datetime) -> list[tuple[str, UUID | None, int]]:
    """Money posted since an instant by currency and by whom: who spoke with the payer last, in 7 days."""
    rows = await session.execute(_COLLECTED, {"since": since})
    return [(row.currency, row.user_id, row.minor) for row in rows]


async def never_worked(session: ReadSession) -> int:
    """Open cases that no agent has ever done anything about."""
    return int(await session.scalar(_NEVER) or 0)


async def overdue_callbacks(
    session: ReadSession, since: datetime, now: datetime
) -> dict[UUID | None, int]:
    """Calls back of the day that were not made in time, by whose they are."""
    rows = await session.execute(_OVERDUE, {"since": since, "now": now})
    return {row.user_id: row.late for row in rows}


async def pops(session: ReadSession, hour: datetime) -> dict[UUID, Pops]:
    """How fast screens reached each team's desks since `hour`."""
    found = {}
    for row in await session.execute(_POPS, {"hour": hour}):
        if row.team_id is not None and row.n:
            p50, p95, p99 = (round(ms) for ms in row.percentiles)
            found[row.team_id] = Pops(p50, p95, p99, row.n, row.late)
    return found


async def trouble(session: ReadSession, since: datetime) -> dict[UUID, Trouble]:
    """What went wrong since an instant, by campaign."""
    rows = await session.execute(_TROUBLE, {"since": since})
    return {row.campaign_id: Trouble(row.ended, row.faults, row.late) for row in rows}


async def minutes(session: ReadSession, since: datetime) -> list[Minute]:
    """Lines since an instant, by campaign and minute."""
    rows = await session.execute(_MINUTES, {"since": since})
    return [
        Minute(row.campaign_id, row.at, row.dialed, row.answered, row.abandoned) for row in rows
    ]


async def shifts(
    session: ReadSession, since: datetime, now: datetime
) -> dict[UUID, list[tuple[dict[str, Any], float]]]:
    """How many seconds each agent spent in what, since an instant."""
    found: dict[UUID, list[tuple[dict[str, Any], float]]] = defaultdict(list)
    for row in await session.execute(_SHIFTS, {"since": since, "now": now}):
        card = {"status": row.status, "state": row.state, "link": row.link}
        found[row.agent_id].append((card, row.seconds))
    return found


async def breaks(session: ReadSession) -> dict[str, int | None]:
    """The longest that each break may be, seconds."""
    return {row.code: row.max_seconds for row in await session.execute(_BREAKS)}


async def team_campaigns(session: ReadSession) -> dict[UUID, set[UUID]]:
    """The campaigns of each team, and of its single agents; a team without any has an empty set."""
    found: dict[UUID, set[UUID]] = {}
    for row in await session.execute(_TEAM_CAMPAIGNS):
        of_team = found.setdefault(row.team_id, set())
        if row.campaign_id is not None:
            of_team.add(row.campaign_id)
    return found
