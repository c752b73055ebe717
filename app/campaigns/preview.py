"""Leads that an agent decides on himself: kept for him with their verdict, dialled, or passed over.

Nothing is counted or locked while he looks; `dialing.open_line` asks everything again when he dials.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.audit import service as audit
from app.calls import service as calls
from app.campaigns import leads, store
from app.campaigns.dialing import (
    Reserved,
    put_off,
    question,
    refusal_of,
    reserve,
    target_of,
    with_number,
)
from app.campaigns.strategy import settings_from
from app.compliance import service as compliance
from app.customers import service as customers
from app.people import service as people
from app.values.period import next_day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from app.compliance.service import Answer, Verdict
    from app.db import ReadSession, WriteSession

MOST_OTHERS: Final = 3  # further numbers that an agent may choose from
TRIES: Final = 8  # leads that may not be called now, put off on the way to one that may
SKIPPED: Final = "SKIPPED"  # what is written of a lead that an agent passed over
TIMEOUT: Final = "TIMEOUT"  # nobody decided in time
PUT_OFF: Final[Mapping[str, timedelta | None]] = {
    "LATER": timedelta(minutes=30),  # not a good moment
    "PREPARE": timedelta(hours=2),  # something has to be found out before
    "SPOKEN": None,  # he was spoken with otherwise, or will be: the next day
    "UNFIT": None,  # does not belong in this campaign: the next day, and on the trail
    TIMEOUT: timedelta(minutes=10),
}
"""For how long a lead is put off, by why it was passed over. None: until the next business day."""
REASONS: Final = tuple(code for code in PUT_OFF if code != TIMEOUT)
"""What an agent may say."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: the next lead of a campaign, or one by name; for how long it is kept."""

    campaign_id: UUID
    lead_id: UUID | None
    hold: timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """A lead kept for an agent, the id of its call, and what law and policy say to calling it now."""

    call_id: UUID
    lead: Reserved
    answer: Answer
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    """Another number of the customer's, and what law and policy say to it."""

    phone_id: UUID
    number: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Passed:
    """A lead that an agent did not want, why, and the id of the call that was not made."""

    lead_id: UUID
    call_id: UUID
    agent_id: UUID
    reason: str


async def keep(
    session: WriteSession,
    wanted: Wanted,
    new_call: Callable[[], UUID],
    *,
    fence: int,
    now: datetime,
) -> Kept | None:
    """Keep a lead from others; None when none is free. First of all the caller has compared the fence.

    Of the hopper the first that may be called now: the others are refused on the record and put off.
    `new_call` gives the id of a call.
    """
    campaign = await store.find_dialable(session, wanted.campaign_id)
    if campaign is None:
        return None
    settings, until = settings_from(campaign.settings), now + wanted.hold
    for _ in range(TRIES):
        lead = await _take(session, wanted, fence=fence, now=now, until=until)
        if lead is None:
            return None
        call = new_call()
        answer = await compliance.ask(session, question(lead, settings, call), now)
        if answer.verdict.allowed or wanted.lead_id is not None:
            others = await _others(session, lead, question(lead, settings, call), now)
            return Kept(call, lead, answer, others)
        refusal = refusal_of(answer)
        await calls.refuse_call(
            session, target_of(lead), call, refusal, day=answer.today, fence=fence
        )
        await put_off(session, lead, refusal, now)
    return None


async def _others(
    session: ReadSession, lead: Reserved, asked: compliance.Question, now: datetime
) -> tuple[Other, ...]:
    """The customer's other numbers, the primary one first."""
    known = await customers.numbers(session, lead.customer_id)
    return tuple(
        [
            Other(
                each.id,
                each.number,
                (await compliance.ask(session, replace(asked, phone_id=each.id), now)).verdict,
            )
            for each in [each for each in known if each.id != lead.phone_id][:MOST_OTHERS]
        ]
    )


async def _take(
    session: WriteSession, wanted: Wanted, *, fence: int, now: datetime, until: datetime
) -> Reserved | None:
    if wanted.lead_id is None:
        found = await reserve(session, wanted.campaign_id, 1, fence=fence, now=now, until=until)
        return next(iter(found), None)
    due = await leads.reserve_one(
        session,
        campaign_id=wanted.campaign_id,
        lead_id=wanted.lead_id,
        fence=fence,
        until=until,
    )
    return None if due is None else with_number(due, now)


async def pass_over(session: WriteSession, passed: Passed, *, fence: int, now: datetime) -> None:
    """Put a kept lead off by its reason, and write who did; nothing when it is not kept any more."""
    if await leads.claim(session, passed.lead_id, fence) is None:
        return
    delay = PUT_OFF.get(passed.reason, PUT_OFF[TIMEOUT])
    zone = ZoneInfo((await people.organisation(session)).timezone)
    until = next_day(now, zone) if delay is None else now + delay
    await leads.put_off(session, passed.lead_id, until, SKIPPED)
    audit.record(
        session,
        audit.Actor(passed.agent_id, role="AGENT"),
        verb="skipped",
        entity="lead",
        entity_id=passed.lead_id,
        now=now,
        after={"until": until.isoformat(), "call": str(passed.call_id)},
        reason=passed.reason,
    )
