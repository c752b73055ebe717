"""What an outcome says of a customer is noted with its source, changes what comes next, and is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest

from app.audit.service import Actor
from app.care import service as care
from app.care.rules import Source
from app.compliance.service import Question, ask
from app.desk import screenpop
from app.desk import service as desk
from app.desk.outcomes import Form, PromiseTerms
from app.errors import Invalid, Refused
from tests.support import rows
from tests.support.people import a_user
from tests.support.scripts import CODES

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database
    from tests.support.clock import SetClock


@dataclass(frozen=True)
class Talk:
    """A call that an agent had with somebody who owes."""

    call: UUID
    agent: Actor
    debtor: rows.Debtor
    campaign: UUID


@pytest.fixture
async def talk(database: Database, clock: SetClock) -> Talk:
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        debtor = await rows.a_debtor(session)
        campaign = await rows.a_campaign(session)
    agent = await a_user(database, clock, "lan", "AGENT")
    return Talk(
        await a_call(database, debtor, campaign, agent),
        Actor(agent, role="AGENT"),
        debtor,
        campaign,
    )


async def a_call(database: Database, debtor: rows.Debtor, campaign: UUID, agent: UUID) -> UUID:
    async with database.writing() as session:
        return await rows.a_call(session, debtor, agent, campaign_id=campaign)


async def again(database: Database, talk: Talk) -> Talk:
    """A later call with the same customer."""
    assert talk.agent.id
    call = await a_call(database, talk.debtor, talk.campaign, talk.agent.id)
    return Talk(call, talk.agent, talk.debtor, talk.campaign)


def form(talk: Talk, leaf: str, **fields: str) -> Form:
    promise = None
    if leaf == "PTP_SCHEDULED":
        promise = PromiseTerms(2_000_000, "VND", rows.ZONE_TODAY + timedelta(days=3))
    return Form(talk.call, leaf, ticked=tuple(sorted(CODES)), promise=promise, fields=fields)


async def choose(database: Database, talk: Talk, clock: SetClock, leaf: str, **fields: str) -> None:
    async with database.writing() as session:
        await desk.save_outcome(session, form(talk, leaf, **fields), talk.agent, clock)


async def outcome(
    database: Database, talk: Talk, clock: SetClock, leaf: str, **fields: str
) -> None:
    await choose(database, talk, clock, leaf, **fields)
    async with database.writing() as session:
        await desk.finish_call(session, talk.call, talk.agent, clock)


async def correct(
    database: Database, talk: Talk, clock: SetClock, leaf: str, **fields: str
) -> None:
    async with database.writing() as session:
        await desk.correct(session, form(talk, leaf, **fields), talk.agent, clock)


async def may_dial(database: Database, talk: Talk, clock: SetClock) -> str | None:
    """The rule that keeps a dialer from calling this customer now; None for none."""
    question = Question(talk.debtor.customer, talk.debtor.phone, talk.debtor.loan)
    async with database.reading() as session:
        answer = await ask(session, question, clock.now())
    return str(answer.verdict.rule) if answer.verdict.rule else None


ZONE: Final = "Asia/Ho_Chi_Minh"
DISPUTE = {"dispute_kind": "AMOUNT", "text": "Phí phạt sai"}


@pytest.mark.req("S0b-037", "S1-039")
async def test_a_dispute_is_a_row_with_its_source_and_nobody_dials_until_it_is_decided(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    assert await may_dial(database, talk, clock) is None
    await outcome(database, talk, clock, "DISPUTE_OPENED", **DISPUTE)

    (row,) = await rows.read(database, "SELECT * FROM disputes")
    told = (row["kind"], row["text"], row["status"], row["user_id"], row["call_id"], row["loan_id"])
    assert told == (
        "AMOUNT", "Phí phạt sai", "OPEN", talk.agent.id, talk.call, talk.debtor.loan,
    )  # fmt: skip
    assert await may_dial(database, talk, clock) == "DISPUTE_HOLD"
    assert await rows.read(database, "SELECT type, source FROM customer_statuses") == [
        {"type": "DISPUTING", "source": "OUTCOME"}
    ]
    lead = await a_user(database, clock, "linh", "TEAM_LEAD")
    origin = care.Origin(Actor(lead, role="TEAM_LEAD"), clock, rows.ZONE_TODAY, Source.LEAD)
    async with database.writing() as session:
        await care.decide_dispute(session, row["id"], "REJECTED", "phí đúng", origin)
    assert await may_dial(database, talk, clock) is None


@pytest.mark.req("S0b-037")
@pytest.mark.parametrize("leaf", ["PTP_SCHEDULED", "REFUSED", "DISPUTE_OPENED"])
async def test_an_outcome_that_makes_no_sense_is_refused_with_the_reason(
    database: Database, talk: Talk, clock: SetClock, leaf: str
) -> None:
    await outcome(database, talk, clock, "DISPUTE_OPENED", **DISPUTE)
    later = await again(database, talk)
    with pytest.raises(Refused) as refused:
        await choose(database, later, clock, leaf, reason="không", **DISPUTE)
    assert refused.value.code in ("BARRED_DISPUTED", "BARRED_DISPUTE_OPEN")
    assert "dispute" in refused.value.sentence.lower()
    await outcome(database, later, clock, "DISPUTE_ESCALATED", reason="chờ lâu")


async def test_a_dispute_opened_by_mistake_is_taken_back_with_all_that_it_did(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    await outcome(database, talk, clock, "DISPUTE_OPENED", **DISPUTE)
    await correct(database, talk, clock, "PTP_SCHEDULED")

    assert await rows.read(database, "SELECT status FROM disputes") == [{"status": "CORRECTED"}]
    assert await may_dial(database, talk, clock) == "PROMISE_RUNNING"
    (status,) = await rows.read(database, "SELECT type FROM customer_statuses WHERE until IS NULL")
    assert status["type"] == "COOPERATIVE"


async def test_a_dispute_that_somebody_took_up_stands_and_bars_the_correction(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    await outcome(database, talk, clock, "DISPUTE_OPENED", **DISPUTE)
    (row,) = await rows.read(database, "SELECT id FROM disputes")
    origin = care.Origin(talk.agent, clock, rows.ZONE_TODAY, Source.LEAD)
    async with database.writing() as session:
        await care.decide_dispute(session, row["id"], "IN_REVIEW", "", origin)
    with pytest.raises(Refused) as refused:
        await correct(database, talk, clock, "PTP_SCHEDULED")
    assert refused.value.rule == "DISPUTED"


@pytest.mark.parametrize("kind", ["", "fee"])
async def test_what_is_contested_is_one_of_five(
    database: Database, talk: Talk, clock: SetClock, kind: str
) -> None:
    with pytest.raises(Invalid) as invalid:
        await choose(database, talk, clock, "DISPUTE_OPENED", dispute_kind=kind, text="sai")
    assert invalid.value.field == "dispute_kind"


@pytest.mark.req("S0b-036")
async def test_hardship_is_noted_bars_legal_steps_and_is_taken_back(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    await outcome(database, talk, clock, "HARDSHIP_REVIEW", reason="mất việc")
    (row,) = await rows.read(database, "SELECT * FROM hardships")
    assert (row["reason"], row["source"], row["user_id"], row["call_id"]) == (
        "mất việc", "OUTCOME", talk.agent.id, talk.call,
    )  # fmt: skip
    assert await may_dial(database, talk, clock) == "COOLDOWN"
    later = await again(database, talk)
    with pytest.raises(Refused) as refused:
        await choose(database, later, clock, "REFUSED_LEGAL", reason="không")
    assert refused.value.code == "BARRED_HARDSHIP"

    await correct(database, talk, clock, "CALLBACK_BAND", time_band="18-20")
    assert await rows.read(database, "SELECT decision FROM hardships") == [
        {"decision": "CORRECTED"}
    ]
    assert await rows.read(database, "SELECT hardship FROM customers") == [{"hardship": None}]
    assert await may_dial(database, talk, clock) is None


@pytest.mark.req("S0b-033")
async def test_hostility_is_noted_and_gives_days_of_rest(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    await outcome(database, talk, clock, "REFUSED", reason="không", manner="HOSTILE")
    assert await rows.read(database, "SELECT type, call_id FROM customer_statuses") == [
        {"type": "HOSTILE", "call_id": talk.call}
    ]
    (hold,) = await rows.read(
        database,
        "SELECT kind, source, (until AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS until FROM holds",
    )
    assert hold == {
        "kind": "COOLDOWN", "source": "hostility", "until": rows.ZONE_TODAY + timedelta(days=3),
    }  # fmt: skip
    assert await may_dial(database, talk, clock) == "COOLDOWN"
    await correct(database, talk, clock, "REFUSED", reason="chưa có tiền")
    assert await may_dial(database, talk, clock) is None
    (status,) = await rows.read(database, "SELECT type FROM customer_statuses WHERE until IS NULL")
    assert status["type"] == "AVOIDING"


async def test_a_manner_that_nobody_knows_is_refused(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    with pytest.raises(Invalid) as invalid:
        await choose(database, talk, clock, "REFUSED", reason="không", manner="PROMISE_KEEPER")
    assert invalid.value.field == "manner"


@pytest.mark.req("S0b-035")
async def test_wishes_are_kept_in_words_that_compliance_knows(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    await outcome(
        database, talk, clock, "CALLBACK_BAND", time_band="18-20", avoid="buổi sáng, nơi làm việc"
    )
    (row,) = await rows.read(database, "SELECT preference FROM customers")
    assert row["preference"]["band"] == "18-20"
    assert row["preference"]["avoid"] == ["7-12", "WORK"]
    assert clock.now().astimezone(ZoneInfo(ZONE)).hour < 12
    assert await may_dial(database, talk, clock) == "OUT_OF_WINDOW"
    async with database.reading() as session:
        question = Question(talk.debtor.customer, talk.debtor.phone, talk.debtor.loan)
        verdict = (await ask(session, question, clock.now())).verdict
    assert "VNBA" in verdict.source
    assert verdict.until is not None
    assert verdict.until.astimezone(ZoneInfo(ZONE)).hour == 12
    await correct(database, talk, clock, "HUNG_UP_BEFORE_ID")
    assert await rows.read(database, "SELECT preference FROM customers") == [{"preference": None}]


async def test_a_wish_that_nobody_could_keep_is_refused(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    with pytest.raises(Invalid) as invalid:
        await choose(database, talk, clock, "CALLBACK_BAND", time_band="18", avoid="khi trời mưa")
    assert invalid.value.field == "avoid"


@pytest.mark.req("S0b-033", "S0b-036", "S0b-037")
async def test_the_next_screen_tells_it_all_with_whose_word_it_is(
    database: Database, talk: Talk, clock: SetClock
) -> None:
    await outcome(database, talk, clock, "HARDSHIP_REVIEW", reason="mất việc")
    await outcome(database, await again(database, talk), clock, "DISPUTE_OPENED", **DISPUTE)
    async with database.reading() as session:
        found = await screenpop.read(
            session,
            customer=talk.debtor.customer,
            loan=talk.debtor.loan,
            campaign=talk.campaign,
            now=clock.now(),
        )
    facts = found.facts
    assert facts.hardship is not None
    assert (facts.hardship.reason, facts.hardship.by) == ("mất việc", "lan")
    assert facts.status is not None
    assert (facts.status.type, facts.status.by) == ("DISPUTING", "lan")
    assert [(each.kind, each.by, each.loan_id) for each in facts.disputes] == [
        ("AMOUNT", "lan", talk.debtor.loan)
    ]
