"""Outcomes on real tables: chosen, finished, corrected (ux.md 4.4, domain.md section 4, decisions.md 16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.audit.service import Actor
from app.desk import drafts
from app.desk import service as desk
from app.desk.outcomes import CallbackTerms, Form, PromiseTerms, Said
from app.errors import Invalid, NotFound, Refused
from app.scripts import service as scripts
from app.scripts.rules import Condition
from tests.support import rows
from tests.support.clock import START, SetClock
from tests.support.people import a_user
from tests.support.scripts import CODES, a_statement

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database


@dataclass(frozen=True)
class Spoken:
    """A call that an agent had with somebody who owes."""

    call: UUID
    agent: Actor
    debtor: rows.Debtor
    lead: UUID


@pytest.fixture
async def spoken(database: Database, clock: SetClock) -> Spoken:
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        debtor = await rows.a_debtor(session)
        campaign = await rows.a_campaign(session)
        lead = await rows.a_lead(session, campaign, debtor, state="IN_FLIGHT")
    agent = await a_user(database, clock, "minh", "AGENT")
    call = rows.an_id()
    async with database.writing() as session:
        await rows.insert(
            session, "calls", id=call, created_at=START, customer_id=debtor.customer,
            loan_id=debtor.loan, phone_id=debtor.phone, number="+84912345678", agent_id=agent,
            campaign_id=campaign, lead_id=lead, connected_at=START, state="BRIDGED",
        )  # fmt: skip
    return Spoken(call, Actor(agent, role="AGENT"), debtor, lead)


async def read(database: Database, sql: str) -> list[dict[str, Any]]:
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(sql))).mappings()]


def the_form(spoken: Spoken, **form: Any) -> Form:
    """What is sent when everything that must be said was said, unless the test says otherwise."""
    return Form(call=spoken.call, **{"ticked": CODES, **form})


async def choose(database: Database, spoken: Spoken, clock: SetClock, **form: Any) -> None:
    async with database.writing() as session:
        await desk.save_outcome(session, the_form(spoken, **form), spoken.agent, clock)


async def finish(database: Database, spoken: Spoken, clock: SetClock) -> desk.Finished:
    async with database.writing() as session:
        return await desk.finish_call(session, spoken.call, spoken.agent, clock)


async def correct(
    database: Database, spoken: Spoken, clock: SetClock, **form: Any
) -> desk.Finished:
    async with database.writing() as session:
        return await desk.correct(session, the_form(spoken, **form), spoken.agent, clock)


def promise(amount: int = 2_000_000, days: int = 3) -> PromiseTerms:
    return PromiseTerms(
        amount_minor=amount, currency="VND", due_on=rows.ZONE_TODAY + timedelta(days=days)
    )


async def test_a_promise_is_an_action_a_promise_and_a_hold_until_the_grace_has_ended(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise(), note="chắc chắn")
    done = await finish(database, spoken, clock)

    (action,) = await read(database, "SELECT id, leaf, rpc, note, user_id FROM actions")
    assert action == {
        "id": done.action, "leaf": "PTP_SCHEDULED", "rpc": True, "note": "chắc chắn",
        "user_id": spoken.agent.id,
    }  # fmt: skip
    (made,) = await read(database, "SELECT amount_minor, state, due_on, action_id FROM promises")
    assert made["amount_minor"] == 2_000_000
    assert made["state"] == "OPEN"
    assert made["action_id"] == done.action
    (hold,) = await read(
        database,
        "SELECT kind, (until AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS until FROM holds"
        " WHERE released_at IS NULL",
    )
    assert hold == {"kind": "PROMISE_RUNNING", "until": made["due_on"] + timedelta(days=2)}
    (call,) = await read(database, "SELECT leaf FROM calls")
    assert call["leaf"] == "PTP_SCHEDULED"
    assert await read(database, "SELECT * FROM drafts") == []


async def test_choosing_writes_nothing_but_the_draft(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())
    assert await read(database, "SELECT 1 FROM actions") == []
    assert await read(database, "SELECT 1 FROM promises") == []
    assert await read(database, "SELECT 1 FROM holds") == []


async def test_an_outcome_can_be_changed_until_it_is_finished(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())
    await choose(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    assert (await finish(database, spoken, clock)).leaf == "HUNG_UP_BEFORE_ID"
    assert await read(database, "SELECT 1 FROM promises") == []


async def test_finishing_twice_records_once(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    first = await finish(database, spoken, clock)
    again = await finish(database, spoken, clock)
    assert again.again
    assert again.action == first.action
    assert len(await read(database, "SELECT 1 FROM actions")) == 1


async def test_nothing_chosen_cannot_be_finished(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    with pytest.raises(Refused) as refused:
        await finish(database, spoken, clock)
    assert refused.value.code == "NO_OUTCOME"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"leaf": "NO_SUCH_LEAF"}, "leaf"),
        ({"leaf": "PTP_SCHEDULED"}, "promise"),
        ({"leaf": "CALLBACK_SCHEDULED"}, "callback"),
        ({"leaf": "REFUSED"}, "reason"),
        ({"leaf": "HUNG_UP_BEFORE_ID", "note": "x" * 4001}, "note"),
        ({"leaf": "PTP_SCHEDULED", "promise": promise(amount=0)}, "amount"),
        ({"leaf": "PTP_SCHEDULED", "promise": promise(days=-1)}, "due_on"),
        ({"leaf": "CALLBACK_SCHEDULED", "callback": CallbackTerms(at=0)}, "callback"),
    ],
)
async def test_a_form_that_cannot_be_finished_is_refused_when_it_is_chosen(
    database: Database, spoken: Spoken, clock: SetClock, form: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as invalid:
        await choose(database, spoken, clock, **form)
    assert invalid.value.field is not None
    assert field in invalid.value.field
    assert await read(database, "SELECT 1 FROM drafts") == []


@pytest.mark.req("S0b-029")
async def test_an_outcome_is_refused_until_what_must_be_said_is_ticked(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    wanted = {"leaf": "PTP_SCHEDULED", "promise": promise()}
    with pytest.raises(Invalid) as invalid:
        await choose(
            database, spoken, clock, ticked=tuple(set(CODES) - {"IDENTITY_CHECK"}), **wanted
        )
    assert (invalid.value.code, invalid.value.field) == ("STATEMENT_UNTICKED", "IDENTITY_CHECK")
    assert await read(database, "SELECT 1 FROM drafts") == []
    await choose(database, spoken, clock, **wanted)
    await finish(database, spoken, clock)


async def publish_statement(database: Database, clock: SetClock, product: str) -> None:
    """A new version in which one more thing must be said before a refusal, of one product."""
    piece = a_statement(
        code="CARD_NOTICE", blocks=("REFUSED",), when=Condition("product", "=", product)
    )
    author = Actor(rows.an_id(), role="SUPERVISOR")
    async with database.writing() as session:
        await scripts.save(session, piece, 0, author, clock.now())
        await scripts.publish(session, 1, "", author, clock.now())


@pytest.mark.req("S0b-029")
async def test_a_statement_with_a_rule_blocks_only_where_its_rule_holds(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    (loan,) = await read(database, "SELECT product FROM loans")
    wanted = {"leaf": "REFUSED", "fields": {"reason": "không"}}
    await publish_statement(database, clock, "MORTGAGE")
    assert loan["product"] != "MORTGAGE"
    await choose(database, spoken, clock, **wanted)

    await rows_of_loans(database, "MORTGAGE")
    with pytest.raises(Invalid) as invalid:
        await choose(database, spoken, clock, **wanted)
    assert invalid.value.field == "CARD_NOTICE"
    await choose(database, spoken, clock, ticked=(*CODES, "CARD_NOTICE"), **wanted)


async def rows_of_loans(database: Database, product: str) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE loans SET product = :p"), {"p": product})


@pytest.mark.req("S0b-011", "S1-037")
async def test_the_script_on_the_screen_and_the_steps_said_are_kept_with_the_outcome(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    (loan,) = await read(database, "SELECT product FROM loans")
    await publish_statement(database, clock, loan["product"])
    shown = Said(version=1, code="OVERDUE", steps=(1, 2, 4))
    wanted = {"leaf": "REFUSED", "fields": {"reason": "không"}}
    await choose(database, spoken, clock, script=shown, **wanted)
    await finish(database, spoken, clock)

    (action,) = await read(database, "SELECT script_version, details FROM actions")
    assert action["script_version"] == 1
    assert action["details"]["script"] == {"version": 1, "code": "OVERDUE", "steps": [1, 2, 4]}


async def test_a_version_that_never_was_is_not_kept(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(
        database, spoken, clock, leaf="HUNG_UP_BEFORE_ID", script=Said(version=99, code="X")
    )
    await finish(database, spoken, clock)
    (action,) = await read(database, "SELECT script_version FROM actions")
    assert action["script_version"] == 1
    with pytest.raises(Invalid):
        await choose(
            database, spoken, clock, leaf="REFUSED", script=Said(1, steps=tuple(range(21)))
        )


@pytest.mark.parametrize("leaf", ["HUNG_UP_BEFORE_ID", "WRONG_NUMBER_INVALID"])
async def test_nothing_has_to_be_ticked_for_a_call_that_did_not_get_that_far(
    database: Database, spoken: Spoken, clock: SetClock, leaf: str
) -> None:
    await choose(database, spoken, clock, leaf=leaf, ticked=())
    assert (await finish(database, spoken, clock)).leaf == leaf


@pytest.mark.req("S0b-029")
async def test_each_statement_keeps_the_time_at_which_it_was_ticked_first(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    began = clock.now()
    assert spoken.agent.id is not None
    for ticked in (("RECORDING_NOTICE",), ("RECORDING_NOTICE", "IDENTITY_CHECK", "NO_SUCH")):
        async with database.writing() as session:
            typed = drafts.Typed(call=spoken.call, ticked=ticked)
            await drafts.keep(session, typed, spoken.agent.id, clock)
        clock.advance(seconds=20)
    said = ("RECORDING_NOTICE", "IDENTITY_CHECK", "PURPOSE_NOTICE")
    await choose(database, spoken, clock, leaf="REFUSED", fields={"reason": "không"}, ticked=said)
    clock.advance(seconds=20)
    await finish(database, spoken, clock)

    clock.advance(seconds=20)
    await correct(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())
    times = [
        {each["code"]: datetime.fromisoformat(each["at"]) - began for each in row["ticked"]}
        for row in await read(database, "SELECT ticked FROM actions ORDER BY at")
    ]
    seconds = {"RECORDING_NOTICE": 0, "IDENTITY_CHECK": 20, "PURPOSE_NOTICE": 40}
    assert times[0] == {code: timedelta(seconds=after) for code, after in seconds.items()}
    assert times[1].items() >= times[0].items()
    assert times[1]["PROMISE_SUMMARY"] == timedelta(seconds=80)


async def test_a_leaf_of_the_system_is_not_set_by_an_agent(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    with pytest.raises(Refused):
        await choose(database, spoken, clock, leaf="ABANDONED_MESSAGE")


async def test_a_call_of_somebody_else_is_not_found(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    stranger = Spoken(spoken.call, Actor(rows.an_id(), role="AGENT"), spoken.debtor, spoken.lead)
    with pytest.raises(NotFound):
        await choose(database, stranger, clock, leaf="HUNG_UP_BEFORE_ID")


async def test_a_wrong_digit_is_corrected_and_its_effects_are_taken_back(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="WRONG_NUMBER_INVALID")
    first = await finish(database, spoken, clock)
    (phone,) = await read(database, "SELECT verification FROM phones")
    assert phone["verification"] == "WRONG_PARTY"
    clock.advance(seconds=240)

    right = await correct(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())

    (phone,) = await read(database, "SELECT verification FROM phones")
    assert phone["verification"] == "UNVERIFIED"
    actions = await read(
        database, "SELECT id, leaf, superseded, supersedes_id FROM actions ORDER BY at"
    )
    assert [(a["leaf"], a["superseded"]) for a in actions] == [
        ("WRONG_NUMBER_INVALID", True), ("PTP_SCHEDULED", False),
    ]  # fmt: skip
    assert actions[1]["supersedes_id"] == first.action
    assert right.action == actions[1]["id"]
    (call,) = await read(database, "SELECT leaf FROM calls")
    assert call["leaf"] == "PTP_SCHEDULED"


@pytest.mark.parametrize(
    ("leaf", "corrected", "counts"),
    [
        ({"leaf": "PTP_SCHEDULED", "promise": promise()}, None, (1, 1)),
        ({"leaf": "WRONG_NUMBER_INVALID"}, None, (1, 0)),
        ({"leaf": "WRONG_NUMBER_INVALID"}, "HUNG_UP_AFTER_ID", (1, 1)),
        ({"leaf": "HUNG_UP_AFTER_ID"}, "WRONG_NUMBER_INVALID", (1, 0)),
        ({"leaf": "HUNG_UP_AFTER_ID"}, "REFUSED", (1, 1)),
    ],
)
async def test_a_number_counts_each_call_once_and_who_was_reached_as_corrected_last(
    database: Database, spoken: Spoken, clock: SetClock, leaf: dict[str, Any],
    corrected: str | None, counts: tuple[int, int],
) -> None:  # fmt: skip
    await choose(database, spoken, clock, **leaf)
    await finish(database, spoken, clock)
    if corrected is not None:
        await correct(database, spoken, clock, leaf=corrected, fields={"reason": "không"})
    (phone,) = await read(database, "SELECT attempts_180d, rpc_180d, bands FROM phones")
    assert (phone["attempts_180d"], phone["rpc_180d"]) == counts
    assert list(phone["bands"].values()) == [[counts[1], counts[0]]]


async def test_a_promise_made_by_mistake_is_cancelled_and_its_hold_released(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())
    await finish(database, spoken, clock)
    clock.advance(seconds=10)
    await correct(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    (made,) = await read(database, "SELECT state, cancel_reason FROM promises")
    assert made == {"state": "CANCELLED", "cancel_reason": "corrected"}
    (hold,) = await read(database, "SELECT released_at IS NOT NULL AS released FROM holds")
    assert hold["released"]


async def test_after_five_minutes_a_correction_is_refused_with_the_reason(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    await finish(database, spoken, clock)
    clock.advance(seconds=200)
    await correct(database, spoken, clock, leaf="HUNG_UP_AFTER_ID")
    clock.advance(seconds=101)  # the five minutes run from the first outcome
    with pytest.raises(Refused) as refused:
        await correct(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    assert refused.value.rule == "TOO_LATE"
    assert "five minutes" in refused.value.sentence


async def test_what_was_chosen_is_recorded_when_wrap_up_ends_by_itself(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    async with database.reading() as session:
        assert list(await desk.left_over(session, clock)) == []
    async with database.writing() as session:
        await session.execute(
            text("UPDATE calls SET ended_at = :at, wrapped_at = :at"), {"at": clock.now()}
        )
    async with database.writing() as session:
        (left,) = await desk.left_over(session, clock)
        await desk.finish_left_over(session, left.call, left.user, clock)
    (action,) = await read(database, "SELECT leaf FROM actions")
    assert action["leaf"] == "HUNG_UP_BEFORE_ID"


async def test_what_was_recorded_last_can_be_asked_for_while_it_can_be_corrected(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    assert spoken.agent.id is not None
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise(), note="hứa")
    await finish(database, spoken, clock)
    async with database.writing() as session:
        await session.execute(
            text("UPDATE calls SET wrapped_at = :now, ended_at = :now"), {"now": clock.now()}
        )
    async with database.reading() as session:
        last = await desk.last_outcome(session, spoken.agent.id, clock)
        assert await desk.last_outcome(session, rows.an_id(), clock) is None
    assert last is not None
    assert (last.leaf.code, last.at, last.draft["note"]) == ("PTP_SCHEDULED", clock.now(), "hứa")
    assert last.draft["promise"]["amount_minor"] == 2_000_000
    assert {each["code"] for each in last.statements} >= set(last.draft["ticked"]) != set()
    assert last.filled["presets"]["promise"]["amount_minor"] > 0
    assert [row["key"] for row in last.filled["presets"]["callback"]] == ["1", "2", "3", "4"]
    assert last.filled["currency"] == "VND"
    clock.advance(seconds=301)
    async with database.reading() as session:
        assert await desk.last_outcome(session, spoken.agent.id, clock) is None


async def test_a_refusal_that_was_a_promise_takes_the_lead_out_of_what_is_tried_again(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="REFUSED", fields={"reason": "không có tiền"})
    await finish(database, spoken, clock)
    assert [row["state"] for row in await read(database, "SELECT state FROM leads")] == ["RETRY"]

    await correct(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())

    (lead,) = await read(database, "SELECT state, last_result FROM leads")
    assert lead["state"] == "DONE"


async def test_a_promise_that_was_a_refusal_puts_the_lead_back(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())
    await finish(database, spoken, clock)
    await correct(database, spoken, clock, leaf="REFUSED", fields={"reason": "đổi ý"})
    assert [row["state"] for row in await read(database, "SELECT state FROM leads")] == ["RETRY"]


async def test_a_refusal_is_tried_again_the_next_morning(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    await finish(database, spoken, clock)
    (lead,) = await read(
        database,
        "SELECT state, last_result, next_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS next_at FROM leads",
    )
    assert lead["state"] == "RETRY"
    assert lead["last_result"] == "HUNG_UP_BEFORE_ID"
    assert lead["next_at"].date() == date(2026, 11, 24)
    assert lead["next_at"].hour == 8


async def test_the_offered_call_of_a_promise_due_today_comes_in_an_hour(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    today = PromiseTerms(
        amount_minor=2_000_000, currency="VND", due_on=rows.ZONE_TODAY, call_back=True
    )
    await choose(database, spoken, clock, leaf="PTP_SCHEDULED", promise=today)
    await finish(database, spoken, clock)
    (callback,) = await read(database, "SELECT at FROM callbacks")
    assert callback["at"] == clock.now() + timedelta(hours=1)


@pytest.mark.req("S0b-006")
async def test_an_agreed_call_holds_the_lead_until_its_hour_for_who_agreed_it(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    at = clock.now() + timedelta(hours=4)
    agreed = CallbackTerms(at=round(at.timestamp() * 1000))
    await choose(database, spoken, clock, leaf="CALLBACK_SCHEDULED", callback=agreed)
    await finish(database, spoken, clock)
    (lead,) = await read(database, "SELECT state, next_at, promised_to, priority FROM leads")
    assert (lead["state"], lead["next_at"]) == ("RETRY", at)
    assert lead["promised_to"] == spoken.agent.id
    assert lead["priority"] < 0

    clock.advance(seconds=60)
    await correct(database, spoken, clock, leaf="HUNG_UP_BEFORE_ID")
    (lead,) = await read(database, "SELECT next_at, promised_to, priority FROM leads")
    assert lead["next_at"] != at
    assert (lead["promised_to"], lead["priority"]) == (None, 0), "taken back with the outcome"
    (callback,) = await read(database, "SELECT state FROM callbacks")
    assert callback["state"] == "CANCELLED"
