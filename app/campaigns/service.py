"""Campaigns as people use them: made from a filter, started and stopped by the table, changed while they run.

Each deed is audited in its transaction. The moment of a dial is in `dialing.py`, the stop key in
`stopping.py`; who belongs is in `filters.py`, `where.py` and `segment.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app.audit import service as audit
from app.campaigns import leads, segment, store
from app.campaigns.carrier import set_carrier_pace
from app.campaigns.dialing import (
    Blocked,
    Dialled,
    Landing,
    Opening,
    Reserved,
    Terms,
    campaigns_to_dial,
    land,
    left,
    open_line,
    release,
    reserve,
    retry_lead,
    settle_lead,
    terms,
)
from app.campaigns.filters import describe, to_json
from app.campaigns.lawful import Unlawful, mode_problem, problems
from app.campaigns.models import Campaign
from app.campaigns.readiness import Check, ReadyFacts, readiness
from app.campaigns.rules import CampaignState, Change, Mode, moved
from app.campaigns.segment import Size
from app.campaigns.stopping import note_stop, resume_dialing, stop_dialing
from app.campaigns.strategy import Settings, SettingsError, settings_document, settings_from
from app.campaigns.where import FilterError, from_json, parse
from app.compliance.profiles import PROFILES
from app.compliance.rules import opens_at
from app.compliance.service import law_of
from app.errors import Conflict, Invalid, NotFound, Refused
from app.people import service as people
from app.values.ids import RANDOM_BYTES, new_id
from app.values.period import business_date
from app.values.text import normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.campaigns.filters import Filter
    from app.clock import Clock
    from app.compliance.profiles import Profile
    from app.db import ReadSession, WriteSession

__all__ = [
    "Blocked", "Campaign", "Dialled", "Landing", "Opening", "Plan", "Reserved", "Seat", "Size", "Terms",
    "campaigns_to_dial", "land", "left", "note_stop", "open_line", "release", "reserve",
    "resume_dialing", "retry_lead", "set_carrier_pace", "settle_lead", "stop_dialing", "terms",
]  # fmt: skip

DEMO_CALLER_ID: Final = "+842471000000"  # shown by the simulator only
MOST_NAME: Final = 80
MOST_WHY: Final = 500
MODE: Final = "mode"
_READMITTED: Final = frozenset({leads.NO_NUMBER, "LOAN_CLOSED", "OUT_OF_SEGMENT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a new campaign shall be. `settings` is a document; what it leaves out has its default."""

    name: str
    where: str = ""
    mode: Mode = Mode.PROGRESSIVE
    settings: Mapping[str, object] | None = None
    script: Mapping[str, Any] | None = None
    team_ids: Collection[UUID] = ()
    agent_ids: Collection[UUID] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent as the room needs to know him."""

    name: str
    team_id: UUID | None
    wrapup_multiplier: float
    campaigns: tuple[UUID, ...]
    desk_phone: bool


# --- making ----------------------------------------------------------------------


async def create(session: WriteSession, plan: Plan, actor: Actor, clock: Clock) -> UUID:
    """Make a campaign in DRAFT with the snapshot of its members; returns its id.

    Raises Invalid for a filter, name or settings that cannot be, naming the field and the fix;
    Refused when the name is taken.
    """
    name = normalise(plan.name)
    if not 0 < len(name) <= MOST_NAME:
        raise Invalid(f"A campaign's name has 1 to {MOST_NAME} characters.", field="name")
    if await store.find_by_name(session, name) is not None:
        raise Refused("There is a campaign of that name.", code="NAME_TAKEN", field="name")
    tree = _parsed(plan.where)
    settings = await _settings(session, plan.settings or {}, plan.mode)
    identifier, now = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)), clock.now()
    await store.add(
        session,
        {
            "id": identifier,
            "name": name,
            "mode": plan.mode,
            "where_text": plan.where,
            "where_tree": to_json(tree),
            "settings": settings_document(settings),
            "script": dict(plan.script or {}),
            "priority": plan.priority,
            "created_by": actor.id,
            "created_at": now,
        },
    )
    await store.set_teams(session, identifier, plan.team_ids)
    await store.set_agents(session, identifier, plan.agent_ids)
    members = await _enlist(session, identifier, tree, clock)
    audit.record(
        session, actor, verb="created", entity="campaign", entity_id=identifier, now=now,
        after={"name": name, "where": plan.where, "mode": plan.mode, "members": members},
    )  # fmt: skip
    return identifier


async def refill(session: WriteSession, campaign_id: UUID, clock: Clock) -> int:
    """Add who belongs now and did not before; leads that are there stay as they are. Returns how many."""
    campaign = await find(session, campaign_id)
    return await _enlist(session, campaign_id, from_json(campaign.where_tree), clock)


async def measure(session: ReadSession, where: str, clock: Clock) -> Size:
    """The live count and sums of a filter. Raises Invalid, naming the place in the text."""
    today, now = await _today(session, clock.now()), clock.now()
    return await segment.measure(session, _parsed(where), today=today, now=now)


async def _enlist(session: WriteSession, campaign_id: UUID, tree: Filter, clock: Clock) -> int:
    now = clock.now()
    found = await segment.list_members(session, tree, today=await _today(session, now), now=now)
    there = await leads.members(session, campaign_id)
    returning = [m.customer_id for m in found if m.customer_id in there]
    back = await leads.readmit(session, campaign_id, returning, _READMITTED, now)
    fresh = [member for member in found if member.customer_id not in there]
    await leads.add(
        session,
        [
            {
                "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
                "campaign_id": campaign_id,
                "customer_id": member.customer_id,
                "loan_id": member.loan_id,
                "priority": member.priority,
                "next_at": now,
            }
            for member in fresh
        ],
    )
    return len(fresh) + back


async def _today(session: ReadSession, now: datetime) -> date:
    return business_date(now, ZoneInfo((await people.organisation(session)).timezone))


def _parsed(where: str) -> Filter:
    try:
        return parse(where)
    except FilterError as wrong:
        raise Invalid(str(wrong), code="WHERE", field="where") from wrong


async def _settings(session: ReadSession, document: Mapping[str, object], mode: Mode) -> Settings:
    """Settings from a document, within own policy and the law. Raises Invalid with the first problem."""
    organisation = await people.organisation(session)
    if organisation.demo:
        document = {"caller_ids": [DEMO_CALLER_ID], **document}
    try:
        settings = settings_from(document)
    except SettingsError as wrong:
        raise Invalid(str(wrong), code="SETTINGS", field=wrong.field) from wrong
    law = _law(organisation.legal_profile, settings)
    unlawful = mode_problem(mode, law)
    for problem in (*problems(settings, law), *([unlawful] if unlawful else [])):
        raise Unlawful(problem)
    return settings


def _law(organisations: str, settings: Settings) -> Profile:
    """The profile that a campaign obeys; a name that is none is left out here and told by `problems`."""
    added = settings.legal_profile
    return law_of(organisations, added if added in PROFILES else "")


# --- living ----------------------------------------------------------------------


async def check(session: ReadSession, campaign_id: UUID, now: datetime) -> tuple[Check, ...]:
    """The list that must be green before the campaign starts."""
    campaign = await find(session, campaign_id)
    organisation = await people.organisation(session)
    settings = settings_from(campaign.settings)
    profile = _law(organisation.legal_profile, settings)
    counts = await leads.counts(session, campaign_id)
    opens = opens_at(profile, settings.windows, now, organisation.timezone)
    facts = ReadyFacts(
        dialable=sum(counts.get(state, 0) for state in leads.WAITING),
        agents=await store.count_agents(session, campaign_id),
        opens_today=opens is not None and opens < now + timedelta(days=1),
        mode=Mode(campaign.mode),
    )
    return readiness(facts, settings, profile)


async def start(session: WriteSession, campaign_id: UUID, actor: Actor, now: datetime) -> None:
    """Let it run: checked first when it is new. Raises Refused, naming what is not ready."""
    campaign = await _lock(session, campaign_id)
    state = CampaignState(campaign.state)
    if state is CampaignState.DRAFT:
        missing = [line.code for line in await check(session, campaign_id, now) if not line.ok]
        if missing:
            raise Refused(
                f"The campaign is not ready: {', '.join(missing)}.",
                code="NOT_READY",
                rule=missing[0],
            )
        state = CampaignState.CHECKED
    await _move(session, campaign, state, Change.START, actor, now, "")


async def pause(
    session: WriteSession, campaign_id: UUID, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Open no lines until it is started again; live calls go on."""
    campaign = await _lock(session, campaign_id)
    await _move(session, campaign, CampaignState(campaign.state), Change.PAUSE, actor, now, reason)


async def stop(
    session: WriteSession, campaign_id: UUID, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """End it for good; live calls go on to their end."""
    campaign = await _lock(session, campaign_id)
    await _move(session, campaign, CampaignState(campaign.state), Change.STOP, actor, now, reason)


async def archive(session: WriteSession, campaign_id: UUID, actor: Actor, now: datetime) -> None:
    """Put an ended campaign away."""
    campaign = await _lock(session, campaign_id)
    await _move(session, campaign, CampaignState(campaign.state), Change.ARCHIVE, actor, now, "")


async def change_settings(
    session: WriteSession,
    campaign_id: UUID,
    changes: Mapping[str, object],
    actor: Actor,
    now: datetime,
    *,
    version: int | None = None,
    reason: str = "",
) -> Settings:
    """Change settings, or `mode`, while it runs too; only what is named changes. Audited before and after.

    Raises Conflict when `version` is not the stored one, Invalid for what cannot be.
    """
    if len(reason) > MOST_WHY or not reason.isprintable():
        raise Invalid(f"A reason is one line of at most {MOST_WHY} characters.", field="reason")
    campaign = await _lock(session, campaign_id)
    if version is not None and version != campaign.version:
        raise Conflict("Somebody else has changed this campaign meanwhile.", code="VERSION")
    mode = _mode(changes.get(MODE, campaign.mode))
    named = {name: value for name, value in changes.items() if name != MODE}
    settings = await _settings(session, {**campaign.settings, **named}, mode)
    document = settings_document(settings)
    stored, wanted = campaign.settings | {MODE: campaign.mode}, document | {MODE: mode}
    before = {name: stored.get(name) for name in changes}
    after = {name: wanted[name] for name in changes}
    await store.change(session, campaign_id, {"settings": document, "mode": mode})
    audit.record(
        session, actor, verb="changed", entity="campaign", entity_id=campaign_id, now=now,
        before=before, after=after, reason=reason or None,
    )  # fmt: skip
    return settings


def _mode(word: object) -> Mode:
    try:
        return Mode(str(word))
    except ValueError:
        known = ", ".join(Mode)
        raise Invalid(f"There is no mode {word!r}; there are: {known}.", field=MODE) from None


async def _lock(session: WriteSession, campaign_id: UUID) -> Campaign:
    campaign = await store.lock(session, campaign_id)
    if campaign is None:
        raise NotFound("There is no such campaign.")
    return campaign


async def _move(
    session: WriteSession,
    campaign: Campaign,
    state: CampaignState,
    change: Change,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    after = moved(state, change)
    if after is None:
        raise Refused(
            f"A campaign that is {state} cannot {change.lower()}.",
            code="CAMPAIGN_STATE",
            rule=state,
        )
    before = campaign.state
    await store.change(session, campaign.id, {"state": after, "state_reason": reason or None})
    audit.record(
        session, actor, verb=_PAST.get(change, "moved"), entity="campaign", entity_id=campaign.id,
        now=now, before={"state": before}, after={"state": after}, reason=reason or None,
    )  # fmt: skip


_PAST: Final = {
    Change.START: "started",
    Change.PAUSE: "paused",
    Change.STOP: "stopped",
    Change.ARCHIVE: "archived",
}


# --- members ---------------------------------------------------------------------


async def exclude_customers(
    session: WriteSession, customer_ids: Collection[UUID], reason: str
) -> int:
    """Take customers out of every campaign; a call in progress is let finish. Returns how many leads."""
    return await leads.exclude_customers(session, customer_ids, reason)


async def exclude_loans(
    session: WriteSession, loan_ids: Collection[UUID], reason: str = "LOAN_CLOSED"
) -> int:
    """Take the leads about these loans out of their campaigns. Returns how many."""
    return await leads.exclude_loans(session, loan_ids, reason)


async def counts(session: ReadSession, campaign_id: UUID) -> dict[str, int]:
    """A campaign's leads by state."""
    return await leads.counts(session, campaign_id)


# --- reading ---------------------------------------------------------------------


async def find(session: ReadSession, campaign_id: UUID) -> Campaign:
    """A campaign. Raises NotFound."""
    campaign = await store.find(session, campaign_id)
    if campaign is None:
        raise NotFound("There is no such campaign.")
    return campaign


async def find_by_name(session: ReadSession, name: str) -> Campaign:
    """A campaign by its name. Raises NotFound."""
    campaign = await store.find_by_name(session, normalise(name))
    if campaign is None:
        raise NotFound(f"There is no campaign {name!r}.")
    return campaign


async def list_open(session: ReadSession) -> Sequence[Campaign]:
    """Campaigns that are not archived, the most urgent first."""
    return await store.list_all(session, without=[CampaignState.ARCHIVED])


async def campaigns_of(session: ReadSession, user_id: UUID, team_id: UUID | None) -> list[UUID]:
    """The campaigns whose calls this agent takes: his own and his team's."""
    return await store.campaigns_of(session, user_id, team_id)


async def seats_of(session: ReadSession, user_ids: Sequence[UUID]) -> dict[UUID, Seat]:
    """Name, team, accommodation and campaigns of users; those unknown are left out."""
    rows = await store.seats(session, user_ids)
    return {
        row.id: Seat(
            row.full_name,
            row.team_id,
            float(row.wrapup_multiplier),
            tuple(row.campaigns),
            row.desk_phone,
        )
        for row in rows
    }


async def list_seen(session: ReadSession, team_id: UUID | None) -> list[Campaign]:
    """Campaigns that are not archived: those of one team, or (None) all."""
    found = await list_open(session)
    if team_id is None:
        return list(found)
    own = await store.campaigns_of_team(session, team_id)
    return [campaign for campaign in found if campaign.id in own]


async def law_on(session: ReadSession, campaign: Campaign) -> Profile:
    """The law that a campaign's calls obey: the organisation's, and the one it adds."""
    organisation = await people.organisation(session)
    return _law(organisation.legal_profile, settings_of(campaign))


async def demand_headset(session: ReadSession, campaign_ids: Collection[UUID]) -> bool:
    """Whether one of these campaigns wants a headset to be heard before an agent is ready."""
    wanted = set(campaign_ids)
    return any(
        settings_of(campaign).headset_check
        for campaign in await list_open(session)
        if campaign.id in wanted
    )


def settings_of(campaign: Campaign) -> Settings:
    """A campaign's settings, defaults filled in."""
    return settings_from(campaign.settings)


def reason_of(campaign: Campaign, language: str) -> str:
    """Why its members are called, in words: its own sentence, else its filter's."""
    return settings_from(campaign.settings).reason or describe(
        from_json(campaign.where_tree), language
    )


call_back = leads.call_back
