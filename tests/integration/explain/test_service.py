"""Why was, or was not, this customer called: from what the dialer stored, and from what can be derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit.service import Actor
from app.campaigns import service as campaigns
from app.clock import Clock
from app.customers import service as customers
from app.errors import Invalid, NotFound
from app.explain import service
from app.explain.phrases import Teller
from app.explain.rules import Why
from app.render import load_sentences
from dialer.core.records import CallEnded
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Opened, Refused
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from tests.support.clock import START
from tests.support.rows import (
    START_MS,
    Debtor,
    a_campaign,
    a_debtor,
    a_lead,
    an_id,
    an_organisation,
    insert,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from app.db import Database
    from app.explain.service import Explanation

WHO = Actor(id=an_id(), role="SUPERVISOR")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SETTINGS = {"caller_ids": ["+842471000000"], "windows": [{"from": "08:00", "to": "20:00"}]}


@dataclass
class Bank:
    """A bank whose one campaign dials one customer, by the dialer's own transactions."""

    database: Database
    campaign: UUID
    debtor: Debtor
    fence: int

    async def dial(self, at: datetime) -> Opened | Refused:
        leads, at_ms = PostgresLeads(self.database, Clock()), round(at.timestamp() * 1_000)
        (lead,) = await leads.reserve(self.campaign, 1, at_ms, self.fence)
        opened = await leads.open(lead, at_ms, self.fence)
        if isinstance(opened, Opened):
            await PostgresJournal(self.database, Clock()).write(
                [
                    CallEnded(
                        call=opened.call, campaign=lead.campaign, lead=lead.id,
                        customer=lead.customer, at_ms=at_ms + 25_000, cause="NO_ANSWER",
                        by="CARRIER", abandoned=False, answered=False, agent=None, talk_ms=0,
                        held_ms=0, retry_at_ms=at_ms + 7_200_000,
                    )
                ],
                at_ms + 25_000,
                self.fence,
            )  # fmt: skip
        return opened

    async def explain(self, at: datetime, now: datetime | None = None) -> Explanation:
        async with self.database.writing() as session:
            return await service.explain(
                session, self.debtor.customer, at, WHO, now or max(at, START)
            )

    async def why(self, at: datetime) -> tuple[Why, str | None]:
        first = (await self.explain(at)).first
        return first.why, first.rule

    async def run(self, sql: str, **values: Any) -> None:
        async with self.database.writing() as session:
            await session.execute(text(sql), values)


@pytest_asyncio.fixture(loop_scope="session")
async def bank(database: Database) -> AsyncIterator[Bank]:
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
        campaign = await a_campaign(session, "Thẻ trễ hạn", settings=SETTINGS)
        debtor = await a_debtor(session)
        await a_lead(session, campaign, debtor)
    fence = await PostgresLease(database, "us").acquire(START_MS)
    assert fence is not None
    yield Bank(database, campaign, debtor, fence)


async def test_a_call_is_told_with_its_campaign_and_what_came_of_it(bank: Bank) -> None:
    assert isinstance(await bank.dial(START), Opened)
    told = await bank.explain(START + timedelta(seconds=20))
    assert (told.first.why, told.first.campaign, told.first.word) == (
        Why.CALLED, "Thẻ trễ hạn", "NO_ANSWER_RETRY",
    )  # fmt: skip
    assert not told.derived
    assert [(asked.allowed, asked.result) for asked in told.trail] == [(True, "NO_ANSWER")]


async def test_who_was_abandoned_is_told_with_the_message_that_he_heard(bank: Bank) -> None:
    said = "Đây là Ngân hàng Mẫu, gọi từ số 024 7100 0000."
    assert isinstance(await bank.dial(START), Opened)
    await bank.run("UPDATE calls SET message = :said, abandoned = true", said=said)
    told = await bank.explain(START + timedelta(seconds=20))
    assert (told.first.heard, told.trail[0].heard) == (said, said)
    teller = Teller(load_sentences().speaker("en"), "en", "Asia/Ho_Chi_Minh")
    assert teller.heard(told.first) == f"Message played: “{said}”"


@pytest.mark.req("S0c-009")
async def test_a_refusal_is_told_with_rule_source_and_end_as_it_was_stored(bank: Bank) -> None:
    evening = START + 11 * HOUR
    assert isinstance(await bank.dial(evening), Refused)
    told = await bank.explain(evening + 2 * HOUR)
    assert (told.first.why, told.first.rule, told.first.derived) == (
        Why.REFUSED, "OUT_OF_WINDOW", False,
    )  # fmt: skip
    assert "Circular" in (told.first.source or "")
    assert told.first.until == START + timedelta(hours=21, minutes=50)
    assert told.first.at is not None


async def test_between_two_tries_the_next_one_is_waited_for(bank: Bank) -> None:
    await bank.dial(START)
    told = await bank.explain(START + HOUR)
    assert (told.first.why, told.first.word) == (Why.WAITING, "NO_ANSWER")
    assert told.first.until == START + timedelta(hours=2)


async def test_where_nobody_asked_the_verdict_of_that_time_is_derived_and_says_so(
    bank: Bank,
) -> None:
    assert await bank.why(START) == (Why.NOT_REACHED, None)
    night = START + 12 * HOUR
    told = await bank.explain(night)
    assert (told.first.why, told.first.rule, told.derived) == (
        Why.WOULD_REFUSE, "OUT_OF_WINDOW", True,
    )  # fmt: skip
    assert told.free_from == START + timedelta(hours=21, minutes=50)


async def test_what_is_derived_is_of_then_and_not_of_now(bank: Bank) -> None:
    """Two days later he must never be called, and a hold of those days was released: neither was so then."""
    async with bank.database.writing() as session:
        await insert(
            session, "holds", id=an_id(), customer_id=bank.debtor.customer, kind="DISPUTE_HOLD",
            source="test", placed_at=START + HOUR, released_at=START + 30 * HOUR,
        )  # fmt: skip
        await customers.change(
            session, bank.debtor.customer, {"do_not_contact": True}, WHO, START + 48 * HOUR
        )
    later = START + 72 * HOUR
    reasons = [
        (await bank.explain(at, later)).first
        for at in (START, START + 2 * HOUR, START + 31 * HOUR, later)
    ]
    assert [(reason.why, reason.rule) for reason in reasons] == [
        (Why.NOT_REACHED, None),
        (Why.WOULD_REFUSE, "DISPUTE_HOLD"),
        (Why.NOT_REACHED, None),
        (Why.WOULD_REFUSE, "DNC"),
    ]


async def test_counts_of_then_are_those_of_the_tries_until_then(bank: Bank) -> None:
    for hours in (0, 2, 4):
        assert isinstance(await bank.dial(START + hours * HOUR), Opened)
    await bank.run("UPDATE leads SET state = 'PENDING', next_at = :at", at=START)
    told = await bank.explain(START + 5 * HOUR)
    assert (told.first.why, told.first.rule) == (Why.WOULD_REFUSE, "DAILY_CAP")
    assert len(told.trail) == 3


async def test_a_campaign_that_did_not_dial_is_the_answer_as_the_trail_has_it(bank: Bank) -> None:
    async with bank.database.writing() as session:
        await campaigns.pause(session, bank.campaign, WHO, START + HOUR)
        await campaigns.start(session, bank.campaign, WHO, START + 2 * HOUR)
        await campaigns.stop_dialing(session, bank.campaign, WHO, START + 3 * HOUR, "thử")
        await campaigns.resume_dialing(session, bank.campaign, WHO, START + 4 * HOUR)
        await campaigns.stop_dialing(session, None, WHO, START + 5 * HOUR, "tất cả")
    whys = [
        (await bank.explain(START + minutes * MINUTE, START + 9 * HOUR)).first.why
        for minutes in (30, 90, 150, 210, 270, 330)
    ]
    assert whys == [
        Why.NOT_REACHED, Why.NOT_RUNNING, Why.NOT_REACHED, Why.STOPPED, Why.NOT_REACHED, Why.STOPPED,
    ]  # fmt: skip


async def test_before_he_belonged_to_a_campaign_nobody_asked(bank: Bank) -> None:
    assert await bank.why(START - 3 * HOUR) == (Why.NOT_MEMBER, None)


async def test_a_team_reads_of_its_own_campaigns_and_of_others_without_their_names(
    bank: Bank,
) -> None:
    assert isinstance(await bank.dial(START), Opened)
    team = an_id()
    async with bank.database.writing() as session:
        await insert(session, "teams", id=team, name="Đội Một")
        of_others = await service.explain(
            session, bank.debtor.customer, START, WHO, START + MINUTE, team=team
        )
        await insert(session, "campaign_teams", campaign_id=bank.campaign, team_id=team)
        own = await service.explain(
            session, bank.debtor.customer, START, WHO, START + MINUTE, team=team
        )
    assert (of_others.first.why, of_others.first.campaign) == (Why.CALLED, None)
    assert (own.first.why, own.first.campaign) == (Why.CALLED, "Thẻ trễ hạn")


async def test_an_excluded_lead_says_why(bank: Bank) -> None:
    await bank.run("UPDATE leads SET state = 'EXCLUDED', exclude_reason = 'NO_NUMBER'")
    told = await bank.explain(START)
    assert (told.first.why, told.first.word) == (Why.EXCLUDED, "NO_NUMBER")


async def test_every_look_is_in_the_trail(bank: Bank) -> None:
    await bank.explain(START)
    async with bank.database.reading() as session:
        rows = await session.execute(
            text(
                "SELECT actor_id, entity_id, after->>'at' FROM audit_events WHERE verb = 'explained'"
            )
        )
        assert [tuple(row) for row in rows] == [
            (WHO.id, str(bank.debtor.customer), START.isoformat())
        ]


async def test_a_customer_is_found_by_his_number_at_the_bank_or_by_phone(bank: Bank) -> None:
    async with bank.database.writing() as session:
        await session.execute(text("UPDATE phones SET number = '+84912345678'"))
        person = await customers.find(session, bank.debtor.customer)
        for typed in (person.cif, f" {person.cif} ", "0912 345 678"):
            assert [p.id for p in await service.find_customers(session, typed)] == [person.id]
        assert await service.find_customers(session, "0999999999") == []
        for typed in (" ", "\x00", "C\n1"):
            with pytest.raises(Invalid):
                await service.find_customers(session, typed)


def test_a_time_is_of_the_organisations_wall_and_a_bad_one_is_named() -> None:
    assert service.read_instant("2026-11-23T10:10", "Asia/Ho_Chi_Minh") == START
    assert service.read_instant("2026-11-23T03:10:00+00:00", "Asia/Ho_Chi_Minh") == START
    for typed in ("tomorrow", "9999-12-31T23:59", "0001-01-01T00:00", "2026-02-30T10:00"):
        with pytest.raises(Invalid) as caught:
            service.read_instant(typed, "Asia/Ho_Chi_Minh")
        assert caught.value.field == "at"


async def test_nobody_is_explained_who_is_not_there(bank: Bank) -> None:
    with pytest.raises(NotFound):
        async with bank.database.writing() as session:
            await service.explain(session, an_id(), START, WHO, START)
