"""When a customer is called again, after an outcome and after its correction, on real tables."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from app.desk.outcomes import CallbackTerms, PromiseTerms
from tests.support import rows
from tests.support.rows import read
from tests.support.spoken import Spoken, choose, correct, finish, promise

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.clock import SetClock


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
