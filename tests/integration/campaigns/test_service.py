"""Campaigns as people use them: made, checked, started, changed, stopped; each deed audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit.service import Actor
from app.campaigns import jobs, leads
from app.campaigns import service as campaigns
from app.campaigns.rules import Mode
from app.clock import Clock
from app.errors import Conflict, Invalid, NotFound, Refused
from tests.support.clock import START
from tests.support.rows import a_debtor, a_phone, an_id, an_organisation, insert, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime
    from uuid import UUID

    from app.db import Database

WHO = Actor(id=an_id(), role="SUPERVISOR")


class Standing(Clock):
    """Ten past ten, whatever the hour of the test."""

    def now(self) -> datetime:
        return START

    def now_ms(self) -> int:
        return round(START.timestamp() * 1_000)


@dataclass
class Bank:
    database: Database
    clock: Clock
    team: UUID
    agent: UUID

    async def create(self, **plan: Any) -> UUID:
        told = {"name": "Thẻ trễ hạn", "where": "dpd 10..60", "team_ids": [self.team], **plan}
        async with self.database.writing() as session:
            return await campaigns.create(session, campaigns.Plan(**told), WHO, self.clock)

    async def do(self, deed: Callable[..., Awaitable[Any]], *args: Any, **named: Any) -> Any:
        async with self.database.writing() as session:
            return await deed(session, *args, **named)

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(text(sql))).all())

    async def state(self) -> str:
        ((state,),) = await self.rows("SELECT state FROM campaigns")
        return str(state)

    async def verbs(self) -> list[str]:
        """In the order of the alphabet: the clock of these tests stands still."""
        return sorted(row.verb for row in await self.rows("SELECT verb FROM audit_events"))


@pytest_asyncio.fixture(loop_scope="session")
async def bank(database: Database) -> AsyncIterator[Bank]:
    await wipe(database)
    team, agent = an_id(), an_id()
    async with database.writing() as session:
        await an_organisation(session)
        await insert(session, "teams", id=team, name="Đội 1")
        await insert(
            session, "users", id=agent, username="minh", full_name="Minh Nguyễn", short_name="Minh",
            roles=["AGENT"], team_id=team, password_hash="-", created_at=START,
        )  # fmt: skip
        for _ in range(3):
            await a_debtor(session)
    yield Bank(database, Standing(), team, agent)


async def test_a_new_campaign_is_a_draft_with_the_snapshot_of_its_members(bank: Bank) -> None:
    campaign = await bank.create()
    assert await bank.rows("SELECT id, state, where_text FROM campaigns") == [
        (campaign, "DRAFT", "dpd 10..60")
    ]
    assert await bank.do(campaigns.counts, campaign) == {"PENDING": 3}
    assert await bank.rows("SELECT verb, entity, after->>'members' FROM audit_events") == [
        ("created", "campaign", "3")
    ]


async def test_a_filter_that_cannot_be_read_names_the_place_and_the_fix(bank: Bank) -> None:
    with pytest.raises(Invalid) as wrong:
        await bank.create(where="dpd 10..60 and prodct = AUTO")
    assert wrong.value.field == "where"
    assert "prodct" in wrong.value.sentence
    assert await bank.rows("SELECT * FROM campaigns") == []


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"name": "   "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"settings": {"cap_per_day": 6}}, "cap_per_day"),
        ({"settings": {"windows": [{"from": "06:00", "to": "20:00"}]}}, "windows"),
        ({"settings": {"no_such": 1}}, "no_such"),
        ({"settings": {"abandon_limit_pct": 5.0}}, "abandon_limit_pct"),
    ],
)
async def test_what_policy_or_law_forbids_is_refused_by_its_field(
    bank: Bank, plan: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await bank.create(**plan)
    assert wrong.value.field == field


async def test_two_campaigns_have_two_names(bank: Bank) -> None:
    await bank.create()
    with pytest.raises(Refused) as refused:
        await bank.create()
    assert refused.value.code == "NAME_TAKEN"


@pytest.mark.req("S0c-048")
async def test_a_campaign_starts_only_when_its_list_is_green(bank: Bank) -> None:
    campaign = await bank.create(team_ids=[], where="dpd = 1")
    with pytest.raises(Refused) as refused:
        await bank.do(campaigns.start, campaign, WHO, START)
    assert refused.value.code == "NOT_READY"
    assert "DIALABLE" in refused.value.sentence
    assert "AGENTS" in refused.value.sentence
    assert await bank.state() == "DRAFT"


async def test_a_real_organisation_names_its_own_number(bank: Bank) -> None:
    """The simulator's number is never lent to a bank that dials real people."""
    async with bank.database.writing() as session:
        await session.execute(text("UPDATE organisations SET demo = false"))
    campaign = await bank.create()
    with pytest.raises(Refused, match="CALLER_ID"):
        await bank.do(campaigns.start, campaign, WHO, START)


async def test_the_life_of_a_campaign_is_the_tables(bank: Bank) -> None:
    campaign = await bank.create()
    for deed, state in (
        (campaigns.start, "RUNNING"),
        (campaigns.pause, "PAUSED"),
        (campaigns.start, "RUNNING"),
        (campaigns.stop, "STOPPED"),
        (campaigns.archive, "ARCHIVED"),
    ):
        await bank.do(deed, campaign, WHO, START)
        assert await bank.state() == state
    assert await bank.verbs() == ["archived", "created", "paused", "started", "started", "stopped"]


async def test_a_move_that_the_table_does_not_have_changes_nothing(bank: Bank) -> None:
    campaign = await bank.create()
    with pytest.raises(Refused) as refused:
        await bank.do(campaigns.pause, campaign, WHO, START)
    assert refused.value.code == "CAMPAIGN_STATE"
    assert await bank.verbs() == ["created"]


async def test_settings_change_while_it_runs_and_leave_their_trace(bank: Bank) -> None:
    campaign = await bank.create()
    await bank.do(campaigns.start, campaign, WHO, START)
    settings = await bank.do(
        campaigns.change_settings, campaign, {"ratio_ceiling": 2.0}, WHO, START
    )
    assert settings.ratio_ceiling == 2.0
    assert await bank.rows("SELECT before, after FROM audit_events WHERE verb = 'changed'") == [
        ({"ratio_ceiling": 3.0}, {"ratio_ceiling": 2.0})
    ]
    with pytest.raises(Invalid):
        await bank.do(campaigns.change_settings, campaign, {"ratio_ceiling": 9.0}, WHO, START)


async def test_a_mode_is_changed_with_its_reason_and_only_where_the_law_allows_it(
    bank: Bank,
) -> None:
    campaign = await bank.create()
    change = campaigns.change_settings
    await bank.do(change, campaign, {"mode": "AGENTLESS"}, WHO, START, reason="chỉ nhắc hạn")
    assert await bank.rows(
        "SELECT before, after, reason FROM audit_events WHERE verb = 'changed'"
    ) == [({"mode": "PROGRESSIVE"}, {"mode": "AGENTLESS"}, "chỉ nhắc hạn")]
    for reason in ("a\x00b", "x" * 501):
        with pytest.raises(Invalid) as told:
            await bank.do(change, campaign, {"lines": 3}, WHO, START, reason=reason)
        assert told.value.field == "reason"
    american = {"legal_profile": "US"}
    with pytest.raises(Invalid, match="prior express consent") as refused:
        await bank.do(change, campaign, american, WHO, START)
    assert refused.value.field == "mode"
    await bank.do(change, campaign, american | {"mode": "PREDICTIVE"}, WHO, START)
    with pytest.raises(Invalid):
        await bank.create(name="Nhắc hạn", mode=Mode.AGENTLESS, settings=american)


async def test_a_change_on_an_old_version_is_refused(bank: Bank) -> None:
    campaign = await bank.create()
    await bank.do(campaigns.change_settings, campaign, {"lines": 10}, WHO, START, version=1)
    with pytest.raises(Conflict):
        await bank.do(campaigns.change_settings, campaign, {"lines": 20}, WHO, START, version=1)


async def test_refilling_adds_who_belongs_since_and_readmits_who_can_be_rung_again(
    bank: Bank,
) -> None:
    campaign = await bank.create()
    async with bank.database.writing() as session:
        await a_debtor(session)
        await session.execute(
            text(
                "UPDATE leads SET state = 'EXCLUDED', exclude_reason = 'NO_NUMBER'"
                " WHERE id IN (SELECT id FROM leads LIMIT 1)"
            )
        )
        await session.execute(
            text(
                "UPDATE leads SET state = 'EXCLUDED', exclude_reason = 'DNC'"
                " WHERE id IN (SELECT id FROM leads WHERE state = 'PENDING' LIMIT 1)"
            )
        )
    assert await bank.do(campaigns.refill, campaign, bank.clock) == 2
    assert await bank.do(campaigns.counts, campaign) == {"PENDING": 3, "EXCLUDED": 1}


async def test_a_campaign_of_more_leads_than_a_statement_takes_parameters_is_refilled(
    bank: Bank,
) -> None:
    campaign = await bank.create()
    many = [uuid4() for _ in range(40_000)]
    async with bank.database.writing() as session:
        assert await leads.readmit(session, campaign, many, ["NO_NUMBER"], START) == 0
        await leads.exclude(session, many, "DNC")
        assert await leads.exclude_customers(session, many, "DNC") == 0
        assert await leads.exclude_loans(session, many, "PAID") == 0


async def test_a_campaign_ends_by_itself_when_nobody_is_left(bank: Bank) -> None:
    campaign = await bank.create()
    await bank.do(campaigns.start, campaign, WHO, START)
    assert await bank.do(jobs.complete_finished, START) == []
    async with bank.database.writing() as session:
        await session.execute(text("UPDATE leads SET state = 'DONE'"))
    assert await bank.do(jobs.list_growing) == [campaign]
    assert await bank.do(jobs.complete_finished, START) == [campaign]
    assert await bank.do(jobs.complete_finished, START) == []
    assert await bank.state() == "COMPLETED"
    assert await bank.do(jobs.list_growing) == []
    async with bank.database.writing() as session:
        await a_debtor(session)
    assert await bank.do(jobs.refill, campaign, bank.clock) == 1
    await bank.do(campaigns.start, campaign, WHO, START)
    assert await bank.state() == "RUNNING"


async def test_customers_and_loans_are_taken_out_of_every_campaign(bank: Bank) -> None:
    campaign = await bank.create()
    (first, second, third) = await bank.rows("SELECT customer_id, loan_id FROM leads")
    async with bank.database.writing() as session:
        await session.execute(
            text("UPDATE leads SET state = 'IN_FLIGHT' WHERE customer_id = :id"),
            {"id": third.customer_id},
        )
    assert await bank.do(campaigns.exclude_loans, [first.loan_id, third.loan_id]) == 1
    assert await bank.do(campaigns.exclude_customers, [second.customer_id], "PORTFOLIO") == 1
    assert await bank.do(campaigns.counts, campaign) == {"EXCLUDED": 2, "IN_FLIGHT": 1}


async def test_an_outcome_settles_its_lead_and_the_last_word_counts(bank: Bank) -> None:
    await bank.create()
    (lead, *_) = [row.id for row in await bank.rows("SELECT id FROM leads")]
    await bank.do(campaigns.retry_lead, lead, "REFUSED", START)
    state = f"SELECT state, last_result FROM leads WHERE id = '{lead}'"
    assert await bank.rows(state) == [("PENDING", None)]  # it is in the hopper: nothing to settle
    async with bank.database.writing() as session:
        await session.execute(text("UPDATE leads SET state = 'IN_FLIGHT', attempts = 1"))
    tomorrow = START + timedelta(hours=21, minutes=50)
    assert await bank.do(campaigns.retry_lead, lead, "REFUSED", START) == tomorrow
    assert await bank.rows(state) == [("RETRY", "REFUSED")]
    assert await bank.do(campaigns.retry_lead, lead, "PTP_SCHEDULED", START) is None
    assert await bank.rows(state) == [("DONE", "PTP_SCHEDULED")]


async def test_a_campaign_sets_the_retries_of_an_outcome_and_the_last_one_is_the_last(
    bank: Bank,
) -> None:
    await bank.create(settings={"retry": {"REFUSED": {"max_attempts": 2}}})
    (lead, *_) = [row.id for row in await bank.rows("SELECT id FROM leads")]
    for attempts, state in ((1, "RETRY"), (2, "DONE")):
        async with bank.database.writing() as session:
            await session.execute(
                text("UPDATE leads SET state = 'IN_FLIGHT', attempts = :n"), {"n": attempts}
            )
        await bank.do(campaigns.retry_lead, lead, "REFUSED", START)
        assert await bank.rows(f"SELECT state FROM leads WHERE id = '{lead}'") == [(state,)]


async def test_a_campaign_adds_a_country_and_takes_nothing_from_the_law(bank: Bank) -> None:
    abroad = await bank.create(settings={"legal_profile": "US"})
    with pytest.raises(Invalid, match="between 08:00 and 21:00"):
        await bank.do(
            campaigns.change_settings,
            abroad,
            {"windows": [{"from": "07:00", "to": "20:00"}]},
            WHO,
            START,
        )
    with pytest.raises(Invalid, match="One of VN"):
        await bank.create(name="Atlantis", settings={"legal_profile": "ATLANTIS"})


async def test_an_agent_takes_the_calls_of_his_team_and_his_own(bank: Bank) -> None:
    of_team = await bank.create()
    own = await bank.create(name="Riêng", team_ids=[], agent_ids=[bank.agent], priority=5)
    await bank.create(name="Người khác", team_ids=[])
    assert await bank.do(campaigns.campaigns_of, bank.agent, bank.team) == []  # drafts yet
    for campaign in (of_team, own):
        await bank.do(campaigns.start, campaign, WHO, START)
    assert await bank.do(campaigns.campaigns_of, bank.agent, bank.team) == [own, of_team]
    seats = await bank.do(campaigns.seats_of, [bank.agent, an_id()])
    assert set(seats) == {bank.agent}
    assert set(seats[bank.agent].campaigns) == {own, of_team}


async def test_the_stop_key_is_audited_once_and_resuming_names_who_may_dial(bank: Bank) -> None:
    campaign = await bank.create()
    for _ in range(2):
        await bank.do(campaigns.stop_dialing, campaign, WHO, START, "khiếu nại")
    await bank.do(campaigns.stop_dialing, None, WHO, START, "sự cố")
    assert await bank.do(campaigns.resume_dialing, campaign, WHO, START) == [campaign]
    assert await bank.do(campaigns.resume_dialing, None, WHO, START) == [campaign]
    assert (await bank.verbs())[1:] == ["resumed dialing"] * 2 + ["stopped dialing"] * 2
    assert await bank.rows("SELECT dialing_stopped FROM organisations") == [(False,)]


async def test_why_a_customer_is_called_is_said_in_words(bank: Bank) -> None:
    plain = await bank.create()
    told = await bank.create(name="Khác", settings={"reason": "Nhắc nợ thẻ"})
    async with bank.database.reading() as session:
        assert "dpd" not in campaigns.reason_of(await campaigns.find(session, plain), "vi")
        assert campaigns.reason_of(await campaigns.find(session, told), "vi") == "Nhắc nợ thẻ"
        assert (await campaigns.find_by_name(session, "Khác")).id == told
        with pytest.raises(NotFound):
            await campaigns.find_by_name(session, "Không có")
        with pytest.raises(NotFound):
            await campaigns.find(session, an_id())


async def test_a_filter_is_measured_before_it_is_used(bank: Bank) -> None:
    async with bank.database.reading() as session:
        size = await campaigns.measure(session, "dpd 10..60", bank.clock)
        with pytest.raises(Invalid):
            await campaigns.measure(session, "dpd ten", bank.clock)
    assert (size.customers, size.outstanding_minor) == (3, {"VND": 60_000_000})


async def test_whoever_has_a_second_number_is_rung_on_it_when_the_first_is_wrong(
    bank: Bank,
) -> None:
    campaign = await bank.create()
    await bank.do(campaigns.start, campaign, WHO, START)
    (row, *_) = await bank.rows("SELECT customer_id FROM leads ORDER BY priority, next_at, id")
    async with bank.database.writing() as session:
        second = await a_phone(session, row.customer_id, is_primary=False)
        await session.execute(
            text(
                "UPDATE phones SET verification = 'WRONG_PARTY'"
                " WHERE customer_id = :customer AND is_primary"
            ),
            {"customer": row.customer_id},
        )
        (reserved,) = await campaigns.reserve(session, campaign, 1, fence=1, now=START)
    assert (reserved.customer_id, reserved.phone_id) == (row.customer_id, second)
