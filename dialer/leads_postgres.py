"""Leads from PostgreSQL: `app.campaigns` in fenced transactions, told in the room's words.

What a campaign is in the database becomes here what the room may know of it, the law already applied.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.calls import service as calls
from app.calls.rules import Cause
from app.campaigns import message, preview
from app.campaigns import service as campaigns
from app.campaigns.abandonment import before_today
from app.campaigns.retries import Again
from app.compliance.profiles import AbandonClock as LawfulClock
from app.compliance.profiles import AbandonWindow, Rule
from app.compliance.rules import allowed_windows
from app.values.ids import RANDOM_BYTES, new_id
from app.values.period import next_close, next_day, next_open
from dialer.core.campaign import (
    AbandonClock,
    Campaign,
    CampaignState,
    Limits,
    Message,
    Mode,
    Retry,
    Tally,
    Window,
)
from dialer.core.offers import Number, Offer
from dialer.fence_postgres import fenced, in_ms, instant, reading
from dialer.leads import Lead, Opened, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.campaigns.service import Dialled
    from app.clock import Clock
    from app.compliance.service import Verdict
    from app.db import Database, ReadSession
    from dialer.core.orders import Propose

RECEIPT_MS = Limits().receipt_ms
AHEAD = timedelta(days=2)  # windows are told this far, so that a room without news still knows them


class PostgresLeads:
    """Fulfils `dialer.leads.Leads`. `clock` gives the chance in new ids; time is passed in.

    `receipt_ms`: how long a pop's receipt is awaited; the operator's, the same in every campaign.
    """

    def __init__(self, database: Database, clock: Clock, *, receipt_ms: int = RECEIPT_MS) -> None:
        self._database = database
        self._receipt_ms = receipt_ms
        self._clock = clock
        self._before: dict[tuple[UUID, datetime], Tally] = {}  # by campaign and business day

    async def campaigns(self, now_ms: int) -> Sequence[Campaign]:
        """Every campaign that is neither draft nor archived."""
        now = instant(now_ms)
        async with reading(self._database) as session:
            found = await campaigns.campaigns_to_dial(session, now)
            before = await self._before_today(session, found, now)
        return [
            _campaign(dialled, now, self._receipt_ms, before[dialled.campaign.id])
            for dialled in found
        ]

    async def campaign(self, campaign: UUID, now_ms: int) -> Campaign | None:
        """One of them; None when there is no such campaign any more."""
        now = instant(now_ms)
        async with reading(self._database) as session:
            found = await campaigns.campaigns_to_dial(session, now, only=campaign)
            before = await self._before_today(session, found, now)
        return _campaign(found[0], now, self._receipt_ms, before[campaign]) if found else None

    async def _before_today(
        self, session: ReadSession, found: Sequence[Dialled], now: datetime
    ) -> dict[UUID, Tally]:
        """What the law's window held before today: asked once a day, unless it rolls by the hour."""
        if not found:
            return {}
        began = next_day(now, ZoneInfo(found[0].zone)) - timedelta(days=1)
        windows = {
            each.campaign.id: each.profile.abandon_window
            for each in found
            if (each.campaign.id, began) not in self._before
            or each.profile.abandon_window is AbandonWindow.ROLLING_24_HOURS
        }
        told = await before_today(session, windows, began, now)
        if not any(day == began for _, day in self._before):
            self._before.clear()
        for campaign in windows:
            counted = told.get(campaign)
            self._before[campaign, began] = (
                Tally(counted.dialed, counted.answered, counted.abandoned) if counted else Tally()
            )
        return {each.campaign.id: self._before[each.campaign.id, began] for each in found}

    async def reserve(self, campaign: UUID, count: int, now_ms: int, fence: int) -> Sequence[Lead]:
        """Up to `count` leads that are due, best first. See `Leads.reserve`."""
        if count <= 0:
            return []
        async with fenced(self._database, fence) as session:
            found = await campaigns.reserve(
                session, campaign, count, fence=fence, now=instant(now_ms)
            )
        return [
            Lead(
                id=one.lead_id,
                campaign=one.campaign_id,
                customer=one.customer_id,
                loan=one.loan_id,
                contact_point=one.phone_id,
                number=one.number,
                attempt_no=one.attempt_no,
                promised_to=one.promised_to,
                language=one.language,
            )
            for one in found
        ]

    async def keep(self, order: Propose, now_ms: int, fence: int) -> Offer | None:
        """Keep a lead for one agent. See `Leads.keep`."""
        hold = timedelta(milliseconds=order.hold_ms)
        wanted = preview.Wanted(order.campaign, order.lead, hold)
        async with fenced(self._database, fence) as session:
            found = await preview.keep(
                session, wanted, lambda: self._new_call(now_ms), fence=fence, now=instant(now_ms)
            )
        if found is None:
            return None
        lead, answer = found.lead, found.answer
        verdict = answer.verdict
        return Offer(
            call=found.call_id,
            agent=order.agent,
            campaign=order.campaign,
            lead=lead.lead_id,
            customer=lead.customer_id,
            loan=lead.loan_id,
            phone=lead.phone_id,
            number=lead.number,
            attempt_no=lead.attempt_no,
            attempts_today=answer.contacts_today,
            cap=answer.cap or 0,
            language=lead.language,
            picked=order.lead is not None,
            rule=_rule(verdict),
            until_ms=_until(verdict),
            others=tuple(
                Number(each.phone_id, each.number, _rule(each.verdict), _until(each.verdict))
                for each in found.others
            ),
        )

    def _new_call(self, now_ms: int) -> UUID:
        return new_id(now_ms, self._clock.token_bytes(RANDOM_BYTES))

    async def pass_over(self, offer: Offer, reason: str, now_ms: int, fence: int) -> None:
        """Give a lead back for a while. See `Leads.pass_over`."""
        async with fenced(self._database, fence) as session:
            passed = preview.Passed(offer.lead, offer.call, offer.agent, reason)
            await preview.pass_over(session, passed, fence=fence, now=instant(now_ms))

    async def open(
        self, lead: Lead, now_ms: int, fence: int, call: UUID | None = None
    ) -> Opened | Refused:
        """Open the call in one transaction, or say by which rule not. See `Leads.open`."""
        call = call or self._new_call(now_ms)
        async with fenced(self._database, fence) as session:
            answer = await campaigns.open_line(
                session, _reserved(lead), call, fence=fence, now=instant(now_ms)
            )
        if isinstance(answer, campaigns.Opening):
            return Opened(
                call=answer.call_id,
                caller_id=answer.caller_id,
                attempts_today=answer.contacts_today,
                cap=answer.cap,
            )
        until_ms = None if answer.until is None else in_ms(answer.until)
        return Refused(rule=answer.rule, source=answer.source, until_ms=until_ms)

    async def take_back(self, lead: Lead, opened_at_ms: int, now_ms: int, fence: int) -> bool:
        """End what was opened without our knowing. See `Leads.take_back`."""
        now = instant(now_ms)
        async with fenced(self._database, fence) as session:
            call = await calls.find_unplaced(session, lead.id, instant(opened_at_ms), fence)
            if call is None:
                return False
            (ended,) = await calls.end_calls(
                session,
                [
                    calls.Ending(
                        call_id=call,
                        at=now,
                        cause=Cause.CANCELLED,
                        by="SYSTEM",
                        abandoned=False,
                        answered=False,
                        agent_id=None,
                        held_ms=0,
                    )
                ],
            )
            if ended is None:
                return False
            landing = campaigns.Landing(
                lead_id=lead.id,
                campaign_id=lead.campaign,
                loan_id=ended.loan_id,
                cause=Cause.CANCELLED,
                retry_at=now,
                at=now,
            )
            await campaigns.land(session, [(landing, ended)], self._clock)
        return True

    async def release(self, leads: Sequence[Lead], now_ms: int, fence: int) -> None:  # noqa: ARG002 - a lead given back is due as before
        """Give reserved leads back untouched."""
        if not leads:
            return
        async with fenced(self._database, fence) as session:
            await campaigns.release(session, [lead.id for lead in leads], fence=fence)

    async def left(self, now_ms: int) -> Mapping[UUID, int]:
        """Leads still to be called today, by campaign."""
        async with reading(self._database) as session:
            known = [campaign.id for campaign in await campaigns.list_open(session)]
            found = await campaigns.left(session, known, instant(now_ms))
        return {campaign: found.get(campaign, 0) for campaign in known}


def _rule(verdict: Verdict) -> str:
    return "" if verdict.allowed else str(verdict.rule or Rule.LOCKED)


def _until(verdict: Verdict) -> int | None:
    return None if verdict.until is None else in_ms(verdict.until)


def _reserved(lead: Lead) -> campaigns.Reserved:
    if lead.loan is None:
        raise ValueError("a lead of the hopper is about a loan")
    return campaigns.Reserved(
        lead_id=lead.id,
        campaign_id=lead.campaign,
        customer_id=lead.customer,
        loan_id=lead.loan,
        phone_id=lead.contact_point,
        number=lead.number,
        attempt_no=lead.attempt_no,
    )


def _campaign(dialled: Dialled, now: datetime, receipt_ms: int, before: Tally) -> Campaign:
    row, settings, profile = dialled.campaign, dialled.settings, dialled.profile
    zone = ZoneInfo(dialled.zone)
    return Campaign(
        id=row.id,
        name=row.name,
        mode=Mode(row.mode),
        state=_state(dialled),
        loaded_at_ms=in_ms(now),
        windows=_windows(dialled, now),
        day_ends_at_ms=in_ms(next_day(now, zone)),
        limits=_limits(dialled, receipt_ms),
        priority=row.priority,
        wrapup_s=settings.wrapup_s,
        extend_s=settings.wrapup_extend_s,
        max_extends=settings.wrapup_max_extends,
        ring_timeout_s=max(settings.ring_timeout_s, profile.ring_seconds_min),
        preview_s=settings.preview_s,
        preview_dials=settings.preview_dials,
        abandon_clock=AbandonClock(profile.abandon_clock),
        # A clock that runs from the answer leaves no time for detection (decisions.md 22).
        amd=settings.amd and profile.abandon_clock is not LawfulClock.ANSWER,
        detection=settings.amd_arguments,
        caller_ids=settings.caller_ids,
        message=_message(dialled),
        reminder=Message(_texts(dialled, message.reminders(dialled.settings))),
        retry={
            str(cause): Retry(rule.delay_seconds, rule.max_attempts)
            for cause in Cause
            if (rule := settings.retry[cause]).again is Again.AFTER
        },
        today=Tally(
            dialed=dialled.tally.dialed,
            answered=dialled.tally.answered,
            abandoned=dialled.tally.abandoned,
            promises=dialled.promises,
        ),
        before=before,
        window_days=1 if profile.abandon_window is AbandonWindow.ROLLING_24_HOURS else 30,
        leads_left=dialled.left,
        carrier_calls_per_second=dialled.carrier_calls_per_second,
    )


def _message(dialled: Dialled) -> Message:
    texts = _texts(dialled, message.texts(dialled.settings))
    return Message(texts, dialled.settings.message_sound)


def _texts(dialled: Dialled, texts: Mapping[str, str]) -> dict[str, str]:
    return {language: message.named(text, dialled.bank) for language, text in texts.items()}


def _state(dialled: Dialled) -> CampaignState:
    """As stored; what only the room observes is RUNNING here, what the stop key holds is PAUSED."""
    state = CampaignState(dialled.campaign.state)
    if state in {CampaignState.WINDOW_CLOSED, CampaignState.THROTTLED}:
        state = CampaignState.RUNNING
    return CampaignState.PAUSED if dialled.halted and state is CampaignState.RUNNING else state


def _limits(dialled: Dialled, receipt_ms: int) -> Limits:
    settings, profile = dialled.settings, dialled.profile
    return Limits(
        lines=settings.lines,
        calls_per_second=settings.calls_per_second,
        ratio_ceiling=settings.ratio_ceiling,
        ratio_step=settings.ratio_step,
        min_agents=settings.min_agents,
        warmup_calls=settings.warmup_calls,
        abandon_target_pct=min(settings.abandon_target_pct, profile.abandon_limit_pct),
        abandon_limit_pct=min(settings.abandon_limit_pct, profile.abandon_limit_pct),
        connect_threshold_ms=min(settings.connect_threshold_ms, profile.connect_threshold_ms),
        receipt_ms=receipt_ms,
    )


def _windows(dialled: Dialled, now: datetime) -> tuple[Window, ...]:
    """The lawful windows from now to two days ahead; none on holidays where the profile closes them."""
    lawful = allowed_windows(dialled.profile, dialled.settings.windows)
    zone = ZoneInfo(dialled.zone)
    closed = (
        frozenset(date.fromisoformat(day) for day in dialled.holidays)
        if dialled.profile.holidays_closed
        else frozenset()
    )
    found: list[Window] = []
    opens = next_open(lawful, now, zone, closed)
    while opens is not None and opens < now + AHEAD:
        closes = next_close(lawful, opens, zone, closed) or now + AHEAD
        found.append(Window(in_ms(opens), in_ms(closes)))
        opens = next_open(lawful, closes, zone, closed) if closes < now + AHEAD else None
    return tuple(found)
