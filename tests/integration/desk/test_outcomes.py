"""Outcomes on real tables: chosen, finished, corrected (ux.md 4.4, domain.md section 4, decisions.md 16)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.audit.service import Actor
from app.desk import service as desk
from app.desk.outcomes import CallbackTerms
from app.errors import Invalid, NotFound, Refused
from tests.support import rows
from tests.support.rows import read
from tests.support.spoken import Spoken, choose, correct, finish, promise

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.clock import SetClock


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
