"""The statements of an explanation: a customer's tries, and his campaigns as they stood. Reads only.

It names tables of the slices below, in SQL only: the answer joins what five of them wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.explain.rules import Asked

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession

_ASKED = text(
    """
    SELECT a.at, a.campaign_id,
        CASE WHEN CAST(:team AS uuid) IS NULL OR EXISTS (
            SELECT 1 FROM campaign_teams t WHERE t.campaign_id = g.id AND t.team_id = :team
        ) THEN g.name END,
        a.channel, a.allowed, a.rule, a.source, a.until, p.number,
        a.result, k.leaf, k.connected_at, coalesce(
            k.ended_at, CASE WHEN k.id IS NOT NULL THEN CAST(:now AS timestamptz) + interval '1 minute' END
        ), k.message
    FROM attempts a
    LEFT JOIN campaigns g ON g.id = a.campaign_id
    LEFT JOIN phones p ON p.id = a.phone_id
    LEFT JOIN calls k ON k.id = a.call_id AND k.created_at = a.at
    WHERE a.customer_id = :customer AND a.at >= :since AND a.at <= :until
    ORDER BY a.at DESC, a.id DESC
    LIMIT :most
    """
)
# A campaign's state at an instant, and its stop key's: what the trail's last entry made it, else what the next
# entry found it in; where the trail is silent it is as it is now. Resuming everything resumes each campaign.
_MEMBERSHIPS = text(
    """
    WITH members AS MATERIALIZED (
        SELECT l.id AS lead_id, g.*, l.loan_id, l.state AS lead_state, l.next_at, l.last_result,
            l.exclude_reason
        FROM leads l JOIN campaigns g ON g.id = l.campaign_id
        WHERE l.customer_id = :customer
            AND (CAST(:team AS uuid) IS NULL OR EXISTS (
                SELECT 1 FROM campaign_teams t WHERE t.campaign_id = g.id AND t.team_id = :team
            ))
    ), told AS MATERIALIZED (
        SELECT entity_id, at, id, before->>'state' AS state_before, after->>'state' AS state_after,
            CASE verb WHEN 'stopped dialing' THEN true WHEN 'resumed dialing' THEN false END AS stops
        FROM audit_events
        WHERE (entity = 'campaign' AND entity_id IN (SELECT id::text FROM members))
            OR (entity = 'organisation' AND entity_id = 'all')
    )
    SELECT m.lead_id, m.id, m.name, m.loan_id, m.lead_state, m.next_at, m.last_result, m.exclude_reason,
        m.settings,
        coalesce(
            (SELECT state_after FROM told WHERE entity_id = m.id::text AND at <= :at
                AND state_after IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1),
            (SELECT state_before FROM told WHERE entity_id = m.id::text AND at > :at
                AND state_before IS NOT NULL ORDER BY at, id LIMIT 1),
            m.state
        ),
        coalesce(
            (SELECT stops FROM told WHERE at <= :at AND stops IS NOT NULL
                AND (entity_id = m.id::text OR (entity_id = 'all' AND NOT stops))
                ORDER BY at DESC, id DESC LIMIT 1),
            (SELECT NOT stops FROM told WHERE entity_id = m.id::text AND at > :at
                AND stops IS NOT NULL ORDER BY at, id LIMIT 1),
            m.stopped
        ) OR coalesce(
            (SELECT stops FROM told WHERE entity_id = 'all' AND at <= :at
                AND stops IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1),
            (SELECT NOT stops FROM told WHERE entity_id = 'all' AND at > :at
                AND stops IS NOT NULL ORDER BY at, id LIMIT 1),
            o.dialing_stopped
        )
    FROM members m
    CROSS JOIN organisations o
    ORDER BY m.priority DESC, m.name
    """
)


@dataclass(frozen=True, slots=True)
class Member:
    """A customer's lead in one campaign, with the campaign as it stood at an instant."""

    lead_id: UUID
    campaign_id: UUID
    campaign: str
    loan_id: UUID
    lead_state: str
    next_at: datetime
    last_result: str | None
    exclude_reason: str | None
    settings: dict[str, Any]
    state: str
    stopped: bool


async def list_asked(
    session: ReadSession,
    customer_id: UUID,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    team: UUID | None,
    most: int,
) -> list[Asked]:
    """Tries and refusals from `since` to `until`, newest first; a call that lives ends after `now`.

    `team`: campaigns that are not this team's have no name; None names all.
    """
    rows = await session.execute(
        _ASKED,
        {
            "customer": customer_id,
            "since": since,
            "until": until,
            "now": now,
            "team": team,
            "most": most,
        },
    )
    return [Asked(*row) for row in rows]


async def list_memberships(
    session: ReadSession, customer_id: UUID, at: datetime, team: UUID | None
) -> list[Member]:
    """The campaigns that a customer belongs to now, as they stood at an instant; a team's own, or all."""
    rows = await session.execute(_MEMBERSHIPS, {"customer": customer_id, "at": at, "team": team})
    return [Member(*row) for row in rows]
