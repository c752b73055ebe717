"""What a supervisor does from the wall: stop dialling, take it back, start and pause campaigns.

A stop is in the database and in the trail before the dialer is told; the dialer opens no line once it has
read it, and leaves live calls alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from app.audit import service as audit
from app.campaigns import service as campaigns
from app.errors import Forbidden, Invalid, NotFound
from app.people import service as people
from app.people.rules import Permission, reaches

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import WriteSession
    from app.people.service import Identity

MOST_REASON: Final = 500


class Dialer(Protocol):
    """How the wall speaks to the room of calls; fulfilled by `app.desk.asking`."""

    async def stop(self, campaign: UUID | None, by: UUID, reason: str, at_ms: int) -> None:
        """Stop dialling of one campaign, or (None) of all."""
        ...

    async def resume(self, campaign: UUID | None, by: UUID, at_ms: int) -> None:
        """Take that back."""
        ...

    async def changed(self, campaign: UUID, at_ms: int) -> None:
        """A campaign's stored settings or state changed."""
        ...

    async def complete(self, user_id: UUID, by: UUID, at_ms: int) -> None:
        """A team lead completes what an agent left over."""
        ...


async def stop_dialing(
    session: WriteSession, campaign: UUID | None, who: Identity, *, reason: str, now: datetime
) -> None:
    """Stop dialling of one campaign, or (None) of all. Raises `NotFound`, `Invalid` for a long reason."""
    _bounded(reason)
    await _known(session, campaign)
    await campaigns.stop_dialing(session, campaign, who.actor, now, reason)


async def resume_dialing(
    session: WriteSession, campaign: UUID | None, who: Identity, *, reason: str, now: datetime
) -> list[UUID]:
    """Take a stop back; returns the campaigns that may dial again. Raises as `stop_dialing` does."""
    _bounded(reason)
    await _known(session, campaign)
    return await campaigns.resume_dialing(session, campaign, who.actor, now, reason)


async def complete_agent(
    session: WriteSession, user_id: UUID, who: Identity, *, now: datetime
) -> None:
    """Complete an agent's wrap-up that ran over. Raises `NotFound`, and `Forbidden` out of scope."""
    agent = await people.find_person(session, user_id)
    if agent is None:
        raise NotFound("There is no such agent.")
    if not reaches(who.scope(Permission.AGENT_COMPLETE), who.person.team_id, agent.team_id):
        raise Forbidden("That agent is not in your team.", code="OTHER_TEAM")
    audit.record(
        session, who.actor, verb="completed_wrap_up", entity="user", entity_id=user_id, now=now
    )


def _bounded(reason: str) -> None:
    if len(reason) > MOST_REASON:
        raise Invalid(f"A reason has at most {MOST_REASON} characters.", field="reason")


async def _known(session: WriteSession, campaign: UUID | None) -> None:
    """Whether there is such a campaign at all: a key pressed on a stale page must not seem to work."""
    if campaign is not None:
        await campaigns.find(session, campaign)
