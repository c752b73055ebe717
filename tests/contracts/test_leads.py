"""`dialer.leads.Leads` over PostgreSQL: the hopper, and what the room may know of a campaign."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.audit.rules import SYSTEM
from app.audit.service import Actor
from app.campaigns import service as campaigns
from app.clock import Clock
from app.errors import Conflict, Invalid
from dialer.core.campaign import CampaignState, Mode
from dialer.leads import Opened
from dialer.leads_postgres import PostgresLeads
from tests.support.clock import START
from tests.support.rows import (
    START_MS as NOW,
)
from tests.support.rows import (
    Debtor,
    a_campaign,
    a_customer,
    a_debtor,
    a_lead,
    a_loan,
    a_phone,
    an_id,
    insert,
)

if TYPE_CHECKING:
    from tests.support.bank import Bank

MINUTE = 60_000


async def test_leads_come_best_first_and_only_when_they_are_due(bank: Bank) -> None:
    later = await bank.a_debtor(priority=1)
    first = await bank.a_debtor(priority=-900)
    await bank.a_debtor(next_at=START + timedelta(seconds=1))
    assert [one.customer for one in await bank.reserve()] == [first.customer, later.customer]
    assert len(await bank.reserve(now_ms=NOW + 1_000)) == 1


async def test_an_agreed_call_waits_for_its_hour_and_then_goes_before_all_others(
    bank: Bank,
) -> None:
    agent = an_id()
    best = await bank.a_debtor(priority=-900)
    agreed = await bank.a_debtor(priority=0, state="IN_FLIGHT", attempts=1)
    at = START + timedelta(minutes=30)
    (row,) = await bank.rows("SELECT id FROM leads WHERE state = 'IN_FLIGHT'")
    async with bank.database.writing() as session:
        settled = await campaigns.settle_lead(
            session, row.id, retry_at=at, result="CALLBACK_SCHEDULED", promised_to=agent
        )
    assert settled
    assert [one.customer for one in await bank.reserve(now_ms=NOW + 29 * MINUTE)] == [best.customer]
    late = NOW + 31 * MINUTE
    first, second = await bank.reserve(now_ms=late)  # the other's reservation has lapsed
    assert (first.customer, first.promised_to) == (agreed.customer, agent)
    assert (second.customer, second.promised_to) == (best.customer, None)

    assert isinstance(await bank.open(first, late), Opened)
    (row,) = await bank.rows(
        "SELECT priority, promised_to FROM leads WHERE customer_id = :c", c=agreed.customer
    )
    assert tuple(row) == (0, None), (
        "the agreement is kept by the call; afterwards it has its own place"
    )


async def test_a_call_agreed_without_a_lead_of_its_own_makes_the_lead_due(bank: Bank) -> None:
    debtor = await bank.a_debtor(state="DONE", attempts=2)
    gone = await bank.a_debtor(state="EXCLUDED")
    agent = an_id()
    async with bank.database.writing() as session:
        for who, found in ((debtor, True), (gone, False)):
            assert found is await campaigns.call_back(
                session, bank.campaign, who.customer, agent, START
            )
    (lead,) = await bank.reserve()
    assert (lead.customer, lead.promised_to) == (debtor.customer, agent)


async def test_a_lead_is_given_to_one_dialer_only(bank: Bank) -> None:
    """Fifty who ask at once get disjoint leads; nobody waits for a row that another holds."""
    for _ in range(60):
        await bank.a_debtor()
    taken = await asyncio.gather(*(bank.reserve(2) for _ in range(50)))
    ids = [one.id for batch in taken for one in batch]
    assert len(ids) == len(set(ids)) == 60


async def test_a_reservation_lapses_by_itself(bank: Bank) -> None:
    await bank.a_debtor()
    assert len(await bank.reserve()) == 1
    assert await bank.reserve(now_ms=NOW + 29_000) == []
    assert len(await bank.reserve(now_ms=NOW + 30_000)) == 1


async def test_a_lead_given_back_is_due_as_before(bank: Bank) -> None:
    await bank.a_debtor()
    taken = await bank.reserve()
    await bank.leads.release(taken, NOW, bank.fence)
    await bank.leads.release([], NOW, bank.fence)
    assert [one.id for one in await bank.reserve()] == [one.id for one in taken]


async def test_the_number_that_was_answered_at_this_hour_is_rung_first(bank: Bank) -> None:
    """START is ten past ten in Ho Chi Minh City: the band from 9."""
    debtor = await bank.a_debtor()
    async with bank.database.writing() as session:
        answered = await a_phone(
            session, debtor.customer, is_primary=False, bands={"9": [3, 4], "19": [0, 9]}
        )
    (lead,) = await bank.reserve()
    assert lead.contact_point == answered


async def test_numbers_that_must_not_be_rung_are_passed_over(bank: Bank) -> None:
    async with bank.database.writing() as session:
        customer = await a_customer(session)
        for changes in (
            {"verification": "INVALID"},
            {"verification": "DO_NOT_CONTACT"},
            {"label": "RELATIVE"},
            {"dialable": False},
        ):
            await a_phone(session, customer, **{"is_primary": False, **changes})
        debtor = Debtor(customer, customer, await a_loan(session, customer))
        await a_lead(session, bank.campaign, debtor)
    assert await bank.reserve() == []
    assert await bank.rows("SELECT state, exclude_reason FROM leads") == [("EXCLUDED", "NO_NUMBER")]


async def test_one_whom_nobody_can_ring_does_not_make_the_list_look_dry(bank: Bank) -> None:
    """A list that came short stopped the campaign for five seconds, and its agents waited."""
    async with bank.database.writing() as session:
        silent = await a_customer(session)
        debtor = Debtor(silent, silent, await a_loan(session, silent))
        await a_lead(session, bank.campaign, debtor, priority=-1)
        await a_lead(session, bank.campaign, await a_debtor(session))
    assert len(await bank.reserve(1)) == 1


async def test_nothing_is_asked_for_by_nobody(bank: Bank) -> None:
    await bank.a_debtor()
    assert await bank.reserve(0) == []


# --- what the room may know ------------------------------------------------------


async def test_the_operator_says_how_long_a_receipt_is_awaited(bank: Bank) -> None:
    patient = PostgresLeads(bank.database, Clock(), receipt_ms=1_500)
    (campaign,) = await patient.campaigns(NOW)
    known = await patient.campaign(bank.campaign, NOW)
    assert known is not None
    assert (campaign.limits.receipt_ms, known.limits.receipt_ms) == (1_500, 1_500)


async def test_a_campaign_is_told_with_its_lawful_windows_limits_and_day(bank: Bank) -> None:
    await bank.a_debtor()
    (campaign,) = await bank.leads.campaigns(NOW)
    assert (campaign.mode, campaign.state) == (Mode.PREDICTIVE, CampaignState.RUNNING)
    window = campaign.window(NOW)
    assert window is not None
    assert window.closes_at_ms == NOW + (9 * 60 + 50) * MINUTE  # 20:00
    assert campaign.window(window.closes_at_ms) is None
    assert campaign.windows[1].opens_at_ms == NOW + (21 * 60 + 50) * MINUTE  # 08:00 tomorrow
    assert campaign.day_ends_at_ms == NOW + (13 * 60 + 50) * MINUTE
    assert campaign.limits.abandon_limit_pct == 3.0
    assert campaign.retry["BUSY"].delay_s == 1_200
    assert campaign.leads_left == 1
    assert await bank.leads.left(NOW) == {bank.campaign: 1}


async def test_a_lead_brings_the_customers_language_and_the_campaign_its_message(
    bank: Bank,
) -> None:
    await bank.a_debtor()
    await bank.run("UPDATE customers SET language = 'en'")
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.message.said("vi", "+842471000000").startswith(
        "Đây là Ngân hàng Mẫu, gọi từ số +842471000000."
    )
    (lead,) = await bank.reserve(1)
    assert lead.language == "en"
    await bank.run(
        """UPDATE campaigns SET settings = settings || '{"message_sound": "xin-loi"}'::jsonb"""
    )
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.message.sound == "xin-loi"


async def test_how_detection_listens_is_the_campaigns_own(bank: Bank) -> None:
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.detection == ""
    await bank.run(
        """UPDATE campaigns SET settings = settings || '{"amd_arguments": "2000,1800"}'::jsonb"""
    )
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.detection == "2000,1800"


@pytest.mark.parametrize(("law", "days", "before"), [("VN", 30, (2, 1)), ("UK", 1, (1, 0))])
async def test_the_window_that_the_law_judges_by_is_told_without_today(
    bank: Bank, law: str, days: int, before: tuple[int, int]
) -> None:
    await bank.run("UPDATE organisations SET legal_profile = :law", law=law)
    for hours, abandoned in ((2, False), (20, False), (30, True), (31 * 24, True)):
        async with bank.database.writing() as session:
            await insert(
                session, "calls", id=an_id(), created_at=START - timedelta(hours=hours),
                campaign_id=bank.campaign, number="+8450", answered_by_human=True,
                abandoned=abandoned,
            )  # fmt: skip
    for _ in range(2):  # the second time it is remembered
        (campaign,) = await bank.leads.campaigns(NOW)
        assert (campaign.before.answered, campaign.before.abandoned) == before
        assert (campaign.today.answered, campaign.window_days) == (1, days)
    known = await bank.leads.campaign(bank.campaign, NOW)
    assert known is not None
    assert known.before == campaign.before


async def test_the_days_tally_survives_a_restart(bank: Bank) -> None:
    await bank.a_debtor()
    await bank.open_one()
    await bank.run("UPDATE calls SET answered_by_human = true, abandoned = true")
    (campaign,) = await bank.leads.campaigns(NOW)
    assert (campaign.today.dialed, campaign.today.answered, campaign.today.abandoned) == (1, 1, 1)
    (tomorrow,) = await bank.leads.campaigns(NOW + 24 * 60 * MINUTE)
    assert tomorrow.today.dialed == 0


async def test_drafts_are_not_told_and_stopped_ones_do_not_run(bank: Bank) -> None:
    async with bank.database.writing() as session:
        await a_campaign(session, state="DRAFT")
    await bank.run("UPDATE campaigns SET stopped = true WHERE state = 'RUNNING'")
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.state is CampaignState.PAUSED
    assert await bank.leads.campaign(an_id(), NOW) is None
    assert await bank.leads.campaign(bank.campaign, NOW) == campaign


async def test_there_is_no_window_on_a_holiday(bank: Bank) -> None:
    await bank.run("UPDATE organisations SET holidays = ARRAY['2026-11-23']")
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.window(NOW) is None
    assert campaign.windows[0].opens_at_ms == NOW + (21 * 60 + 50) * MINUTE


async def test_calls_per_second_come_with_each_campaign_the_carriers_too(bank: Bank) -> None:
    who = Actor(id=an_id(), role="SUPERVISOR")
    for was, wanted in ((None, 20), (20, 12)):
        async with bank.database.writing() as session:
            await campaigns.set_carrier_pace(session, wanted, was=was, actor=who, now=START)
    changes = {"calls_per_second": 5}
    async with bank.database.writing() as session:
        await campaigns.change_settings(session, bank.campaign, changes, who, START)
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.limits.calls_per_second == 5
    assert campaign.carrier_calls_per_second == 12
    told = await bank.rows("SELECT entity, before, after FROM audit_events")
    carrier = "carrier_calls_per_second"
    assert len(told) == 3
    assert ("organisation", {carrier: 20}, {carrier: 12}) in map(tuple, told)
    assert ("campaign", {"calls_per_second": None}, changes) in map(tuple, told)


@pytest.mark.parametrize(
    ("wanted", "why"), [(0, Invalid), (501, Invalid), (None, Invalid), (7, Conflict)]
)
async def test_a_carriers_cap_that_cannot_be_is_refused_and_changes_nothing(
    bank: Bank, wanted: int | None, why: type[Exception]
) -> None:
    was = 9 if why is Conflict else None  # somebody else was quicker
    with pytest.raises(why):
        async with bank.database.writing() as session:
            await campaigns.set_carrier_pace(session, wanted, was=was, actor=SYSTEM, now=START)
    (campaign,) = await bank.leads.campaigns(NOW)
    assert campaign.carrier_calls_per_second is None
