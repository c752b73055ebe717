"""The moment of a dial: reserve leads, open a line in one transaction, settle a lead when its call has ended.

Decision 10: the fencing number was compared when the transaction began; here follow the customer's lock,
the verdict with the facts of this moment, the cap's count, attempt and call. The carrier is asked after
the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.audit.service import SYSTEM
from app.calls import service as calls
from app.calls.rules import RANG, Cause
from app.campaigns import leads, store
from app.campaigns.numbers import in_order
from app.campaigns.retries import Tried, next_try
from app.campaigns.rules import CampaignState
from app.campaigns.strategy import Settings, settings_from
from app.compliance import service as compliance
from app.compliance.profiles import OWN_POLICY, Profile, Rule
from app.compliance.rules import daily_cap
from app.compliance.service import law_of
from app.customers import service as customers
from app.customers.rules import Verification, band_hour
from app.history import service as history
from app.history.dispositions import system_leaf
from app.people import service as people
from app.values.ids import RANDOM_BYTES, new_id
from app.values.period import next_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from app.calls.service import Ended, Tally
    from app.campaigns.leads import Due
    from app.campaigns.models import Campaign
    from app.clock import Clock
    from app.compliance.service import Answer
    from app.db import ReadSession, WriteSession

RESERVED_FOR: Final = timedelta(seconds=30)
ASK_AGAIN: Final = timedelta(seconds=60)  # a customer who is in another call
FOREVER: Final = frozenset({Rule.DNC, Rule.THIRD_PARTY_NOT_LIABLE})
"""Rules that no waiting ends: the lead is excluded. Others without an end are asked again next day."""
GONE: Final = "LEAD_GONE"
NOT_RUNNING: Final = "NOT_RUNNING"
_DIALLED: Final = frozenset(
    {CampaignState.RUNNING, CampaignState.THROTTLED, CampaignState.WINDOW_CLOSED}
)


@dataclass(frozen=True, slots=True)
class Reserved:
    """A lead taken from the hopper, with the number to ring. `promised_to` agreed to call it now.

    `language` is the customer's.
    """

    lead_id: UUID
    campaign_id: UUID
    customer_id: UUID
    loan_id: UUID
    phone_id: UUID
    number: str
    attempt_no: int
    promised_to: UUID | None = None
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Opening:
    """Written: the call may be placed. `cap` 0 means that no cap is in force."""

    call_id: UUID
    caller_id: str
    contacts_today: int
    cap: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """Written: not now. `until` None: never by this campaign."""

    rule: str
    source: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a room that starts again needs of a campaign."""

    cap: int
    caller_id: str


@dataclass(frozen=True, slots=True)
class Dialled:
    """A campaign as the dialer reads it: settings, law, day, and whether it may dial at all."""

    campaign: Campaign
    settings: Settings
    profile: Profile
    bank: str  # the organisation's name, as the message says it
    zone: str
    holidays: frozenset[str]
    halted: bool  # by the stop key, its own or everybody's
    carrier_calls_per_second: int | None  # of all campaigns together; None: no cap
    tally: Tally
    promises: int
    left: int


# --- the hopper ------------------------------------------------------------------


async def reserve(
    session: WriteSession,
    campaign_id: UUID,
    count: int,
    *,
    fence: int,
    now: datetime,
    until: datetime | None = None,
) -> list[Reserved]:
    """Take due leads, best first; those whom nobody can ring are taken out of the campaign.

    Fewer than `count` means that no more are due. They are kept until then, or for half a minute.
    """
    taken: list[Reserved] = []
    revived = False
    while len(taken) < count:
        found = await leads.reserve(
            session, campaign_id=campaign_id, count=count - len(taken), fence=fence, now=now,
            until=until or now + RESERVED_FOR,
        )  # fmt: skip
        reserved = {due.id: one for due in found if (one := with_number(due, now)) is not None}
        taken += reserved.values()
        if silent := [due.id for due in found if due.id not in reserved]:
            await leads.exclude(session, silent, leads.NO_NUMBER)
        if not found:
            if revived or not await leads.revive(session, campaign_id, now):
                break
            revived = True
    return taken


def with_number(due: Due, now: datetime) -> Reserved | None:
    """The lead with the number that is best at the customer's hour; None when nobody can be rung."""
    band = band_hour(now.astimezone(ZoneInfo(due.zone)).hour)
    best = next(iter(in_order(due.numbers, band)), None)
    if best is None:
        return None
    return Reserved(
        lead_id=due.id,
        campaign_id=due.campaign_id,
        customer_id=due.customer_id,
        loan_id=due.loan_id,
        phone_id=best.id,
        number=best.number,
        attempt_no=due.attempts + 1,
        promised_to=due.promised_to,
        language=due.language,
    )


async def number_to_ring(
    session: ReadSession, customer_id: UUID, zone: str, at: datetime
) -> UUID | None:
    """The number of a customer that the hopper would choose at an instant; None when there is none."""
    band = band_hour(at.astimezone(ZoneInfo(zone)).hour)
    known = [leads.number_of(each) for each in await customers.numbers(session, customer_id)]
    best = next(iter(in_order(known, band)), None)
    return None if best is None else best.id


def limits_of(settings: Settings) -> compliance.Limits:
    """What a campaign adds to the law."""
    return compliance.Limits(
        windows=settings.windows,
        cap_per_day=settings.cap_per_day,
        cap_per_week=settings.cap_per_week,
        min_gap_minutes=settings.min_gap_minutes,
        profile=settings.legal_profile,
    )


async def release(session: WriteSession, lead_ids: Collection[UUID], *, fence: int) -> None:
    """Give reserved leads back untouched."""
    await leads.give_back(session, lead_ids, fence)


async def left(
    session: ReadSession, campaign_ids: Sequence[UUID], now: datetime
) -> dict[UUID, int]:
    """Leads that come due before the business day ends, by campaign."""
    zone = ZoneInfo((await people.organisation(session)).timezone)
    return await leads.left(session, campaign_ids, next_day(now, zone))


# --- a line is opened ------------------------------------------------------------


async def open_line(
    session: WriteSession, lead: Reserved, call_id: UUID, *, fence: int, now: datetime
) -> Opening | Blocked:
    """Make a dial lawful, or write why it is not. First of all the caller has compared the fence."""
    if await leads.claim(session, lead.lead_id, fence) is None:
        return Blocked(GONE, "the lead was taken out or given to another dialer", None)
    campaign = await store.find_dialable(session, lead.campaign_id)
    if campaign is None or CampaignState(campaign.state) not in _DIALLED:
        await leads.give_back(session, [lead.lead_id], fence)
        return Blocked(NOT_RUNNING, "campaign or stop key", now + ASK_AGAIN)
    settings = settings_from(campaign.settings)
    target = target_of(lead)
    locked = await calls.lock_customer(session, target, call_id, fence=fence)
    answer = await compliance.ask(session, question(lead, settings, call_id), now)
    if answer.verdict.allowed and locked:
        counted = await calls.count_contact(
            session, lead.customer_id, day=answer.today, cap=answer.cap, now=now
        )
        if counted is not None:
            await calls.open_call(session, target, call_id, day=answer.today, fence=fence)
            await leads.fly(session, lead.lead_id)
            return Opening(call_id, caller_id(settings, lead.customer_id), counted, answer.cap or 0)
        refusal = calls.Refusal(Rule.DAILY_CAP, answer.cap_source, answer.day_ends)
    else:
        refusal = refusal_of(answer)
    await calls.refuse_call(session, target, call_id, refusal, day=answer.today, fence=fence)
    return await put_off(session, lead, refusal, now)


def caller_id(settings: Settings, customer_id: UUID) -> str:
    """The number that this customer sees, always the same one; empty where none is set."""
    if not settings.caller_ids:
        return ""
    return settings.caller_ids[customer_id.int % len(settings.caller_ids)]


def target_of(lead: Reserved) -> calls.Target:
    """Whom an attempt on this lead is for."""
    return calls.Target(
        customer_id=lead.customer_id,
        loan_id=lead.loan_id,
        phone_id=lead.phone_id,
        number=lead.number,
        campaign_id=lead.campaign_id,
        lead_id=lead.lead_id,
        attempt_no=lead.attempt_no,
    )


def question(lead: Reserved, settings: Settings, call_id: UUID) -> compliance.Question:
    """What compliance is asked about a lead; `call_id` is that of the call that would be made."""
    return compliance.Question(
        customer_id=lead.customer_id,
        phone_id=lead.phone_id,
        loan_id=lead.loan_id,
        call_id=call_id,
        limits=limits_of(settings),
    )


def refusal_of(answer: Answer) -> calls.Refusal:
    """The verdict as a refusal; one that allowed met a customer in another call."""
    verdict = answer.verdict
    return calls.Refusal(verdict.rule or Rule.LOCKED, verdict.source or OWN_POLICY, verdict.until)


async def put_off(
    session: WriteSession, lead: Reserved, refusal: calls.Refusal, now: datetime
) -> Blocked:
    """What a refusal means for the lead: out of the campaign, or asked again when it may be."""
    rule = Rule(refusal.rule)
    if rule in FOREVER:
        await leads.exclude(session, [lead.lead_id], rule)
        return Blocked(rule, refusal.source, None)
    until = refusal.until
    if until is None and rule in {Rule.LOCKED, Rule.INVALID_NUMBER}:
        until = now + ASK_AGAIN  # the other call ends; another number is chosen
    elif until is None:
        zone = ZoneInfo((await people.organisation(session)).timezone)
        until = next_day(now, zone)
    await leads.put_off(session, lead.lead_id, until, rule)
    return Blocked(rule, refusal.source, until)


# --- a call has ended ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Landing:
    """How the lead's call ended. `retry_at` None: this campaign is done with the lead."""

    lead_id: UUID
    campaign_id: UUID
    loan_id: UUID | None
    cause: Cause
    retry_at: datetime | None
    at: datetime


async def land(
    session: WriteSession, landings: Sequence[tuple[Landing, Ended]], clock: Clock
) -> None:
    """Settle the leads, and write the outcomes of calls that no agent heard.

    An outcome that the agent saved during the call has settled the lead already and stands.
    """
    await leads.land(session, [(each.lead_id, _retry_at(each), each.cause) for each, _ in landings])
    unheard = [pair for pair in landings if pair[1].connected_at is None and pair[1].leaf is None]
    rang = [pair for pair in unheard if pair[0].cause in RANG]
    zone = ZoneInfo((await people.organisation(session)).timezone if rang else "UTC")
    for landing, ended in landings:
        if landing.cause is Cause.INVALID_NUMBER and ended.phone_id is not None:
            await customers.mark_number(
                session, ended.phone_id, Verification.INVALID, SYSTEM, landing.at
            )
    for landing, ended in rang:
        if ended.phone_id is not None:
            hour = landing.at.astimezone(zone).hour
            await customers.count_attempt(session, ended.phone_id, hour, rpc=False)
    await _write_outcomes(session, unheard, clock)  # who heard one owes it, however the call ended


def _retry_at(landing: Landing) -> datetime | None:
    """After a number that is none the hopper goes on with the next one, if there is one."""
    return landing.at + ASK_AGAIN if landing.cause is Cause.INVALID_NUMBER else landing.retry_at


async def _write_outcomes(
    session: WriteSession, unheard: Sequence[tuple[Landing, Ended]], clock: Clock
) -> None:
    found = [
        (landing, ended, leaf.code)
        for landing, ended in unheard
        if (leaf := system_leaf(landing.cause)) is not None and ended.customer_id is not None
    ]
    await calls.note_leaves(session, {ended.call_id: leaf for _, ended, leaf in found})
    for landing, ended, code in found:
        if ended.customer_id is None:
            continue
        done = history.Done(
            id=new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
            at=landing.at,
            leaf=code,
            user_id=None,
            customer_id=ended.customer_id,
            loan_id=landing.loan_id,
            phone_id=ended.phone_id,
            call_id=ended.call_id,
            campaign_id=landing.campaign_id,
        )
        await history.record_action(session, done)


async def settle_lead(
    session: WriteSession,
    lead_id: UUID,
    *,
    retry_at: datetime | None,
    result: str,
    promised_to: UUID | None = None,
) -> bool:
    """What an agent's outcome means for the lead: again at an instant, or done. The last word counts.

    `promised_to`: the agent who agreed to that instant. False when the lead was excluded meanwhile,
    or put back into the hopper.
    """
    return await leads.settle(
        session, lead_id, retry_at=retry_at, result=result, promised_to=promised_to,
        only_from=["IN_FLIGHT", "RETRY", "DONE"],
    )  # fmt: skip


async def retry_lead(
    session: WriteSession, lead_id: UUID, outcome: str, at: datetime, band_hour: int | None = None
) -> datetime | None:
    """Settle a lead by the campaign's rule for an outcome; returns when it comes up again, None for never.

    `band_hour`: the first hour that the customer named.
    """
    found = await leads.find_tried(session, lead_id)
    if found is None:
        return None
    tried = Tried(at, found.attempts, ZoneInfo(found.zone), band_hour)
    retry_at = next_try(settings_from(found.settings).retry[outcome], tried)
    await settle_lead(session, lead_id, retry_at=retry_at, result=outcome)
    return retry_at


# --- what the dialer reads -------------------------------------------------------


async def campaigns_to_dial(
    session: ReadSession, now: datetime, *, only: UUID | None = None
) -> list[Dialled]:
    """Every campaign that is neither draft nor archived, with the law and the day's counts."""
    organisation = await people.organisation(session)
    found = await store.list_all(
        session, without=[CampaignState.DRAFT, CampaignState.ARCHIVED], only=only
    )
    ids = [campaign.id for campaign in found]
    zone = ZoneInfo(organisation.timezone)
    ends = next_day(now, zone)
    starts = ends - timedelta(days=1)
    tallies = await calls.tally(session, ids, starts, ends)
    promises = await store.promises_made(session, ids, starts)
    waiting = await leads.left(session, ids, ends)
    return [
        Dialled(
            campaign=campaign,
            settings=(settings := settings_from(campaign.settings)),
            profile=law_of(organisation.legal_profile, settings.legal_profile),
            bank=organisation.name,
            zone=organisation.timezone,
            holidays=frozenset(organisation.holidays),
            halted=campaign.stopped or organisation.dialing_stopped,
            carrier_calls_per_second=organisation.calls_per_second,
            tally=tallies.get(campaign.id, calls.Tally(0, 0, 0)),
            promises=promises.get(campaign.id, 0),
            left=waiting.get(campaign.id, 0),
        )
        for campaign in found
    ]


async def terms(session: ReadSession) -> Mapping[UUID, Terms]:
    """What a room that starts again needs of each campaign."""
    organisation = await people.organisation(session)
    found = {}
    for campaign in await store.list_all(session):
        settings = settings_from(campaign.settings)
        profile = law_of(organisation.legal_profile, settings.legal_profile)
        found[campaign.id] = Terms(
            cap=daily_cap(profile, settings.cap_per_day) or 0,
            caller_id=settings.caller_ids[0] if settings.caller_ids else "",
        )
    return found
