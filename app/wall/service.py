"""What a supervisor does from the wall: stop dialling, take it back, set how hard a campaign is dialled.

A stop is in the database and in the trail before the dialer is told; the dialer opens no line once it has
read it, and leaves live calls alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from app.audit import service as audit
from app.campaigns import service as campaigns
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people
from app.people.rules import Permission, reaches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from app.db import WriteSession
    from app.people.service import Identity

MOST_REASON: Final = 500
MODE: Final = "mode"
TUNED: Final = frozenset(
    {MODE, "ratio_ceiling", "abandon_target_pct", "abandon_limit_pct", "wrapup_s"}
)


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

    async def complete(
        self, user_id: UUID, by: UUID, at_ms: int, *, name: str, limit_ms: int | None
    ) -> None:
        """A team lead of this name completes what an agent left over; `limit_ms` of back office."""
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


@dataclass(frozen=True, slots=True)
class Tuning:
    """What to set of a campaign while it runs: its mode by name, numbers by name. `seen`: what was shown."""

    changes: Mapping[str, float | str]
    seen: Mapping[str, float | str] = field(default_factory=dict)
    reason: str = ""


async def tune_campaign(
    session: WriteSession, campaign: UUID, tuning: Tuning, who: Identity, *, now: datetime
) -> None:
    """Set mode, ceiling, target, limit or wrap-up of a campaign; the dialer takes it at its next tick.

    Raises Conflict when what was shown is not what is stored any more, Invalid for another setting or
    one that own policy or the law refuses, NotFound.
    """
    _bounded(tuning.reason)
    for name in tuning.changes:
        if name not in TUNED:
            raise Invalid(f"{name} is not set from the wall.", field=name)
    if not tuning.changes:
        raise Invalid("Nothing is changed: set at least one of them.", field="changes")
    row = await campaigns.find(session, campaign)
    stored = {MODE: row.mode} | asdict(campaigns.settings_of(row))
    stale = [name for name in tuning.changes if tuning.seen.get(name, stored[name]) != stored[name]]
    if stale:
        raise Conflict("Somebody else has changed this meanwhile.", code="VERSION", field=stale[0])
    changes = {name: _value(name, value) for name, value in tuning.changes.items()}
    await campaigns.change_settings(
        session, campaign, changes, who.actor, now, reason=tuning.reason
    )


def _value(name: str, value: float | str) -> float | str:
    if name == MODE:
        return value
    if isinstance(value, str):
        raise Invalid(f"{name} is a number.", field=name)
    return int(value) if name == "wrapup_s" else round(value, 2)


def _bounded(reason: str) -> None:
    if len(reason) > MOST_REASON:
        raise Invalid(f"A reason has at most {MOST_REASON} characters.", field="reason")


async def _known(session: WriteSession, campaign: UUID | None) -> None:
    """Whether there is such a campaign at all: a key pressed on a stale page must not seem to work."""
    if campaign is not None:
        await campaigns.find(session, campaign)
