"""`dialer.leads.Leads` over PostgreSQL: the one transaction that makes a dial lawful."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dialer.fence import Fenced
from dialer.leads import Opened, Refused
from dialer.lease import PostgresLease
from tests.support.bank import SETTINGS, Bank
from tests.support.clock import START
from tests.support.rows import (
    START_MS as NOW,
)
from tests.support.rows import (
    ZONE_TODAY,
    a_campaign,
    a_lead,
    an_id,
    insert,
)

if TYPE_CHECKING:
    from datetime import datetime


MINUTE = 60_000


@pytest.mark.req("S0c-045")
async def test_an_open_line_leaves_lock_count_attempt_and_call(bank: Bank) -> None:
    debtor = await bank.a_debtor()
    opened = await bank.open_one()
    assert isinstance(opened, Opened)
    assert (opened.attempts_today, opened.cap, opened.caller_id) == (1, 3, "+842471000000")
    assert await bank.rows("SELECT customer_id, call_id, fence FROM customer_locks") == [
        (debtor.customer, opened.call, bank.fence)
    ]
    assert await bank.rows("SELECT customer_id, business_on, attempts FROM contact_counts") == [
        (debtor.customer, ZONE_TODAY, 1)
    ]
    assert await bank.rows("SELECT call_id, allowed, rule FROM attempts") == [
        (opened.call, True, None)
    ]
    assert await bank.rows("SELECT id, state, phone_id, loan_id FROM calls") == [
        (opened.call, "CREATED", debtor.phone, debtor.loan)
    ]
    assert await bank.rows("SELECT state, attempts FROM leads") == [("IN_FLIGHT", 1)]


async def test_a_customer_in_a_call_is_not_called_by_another_campaign(bank: Bank) -> None:
    debtor = await bank.a_debtor()
    async with bank.database.writing() as session:
        other = await a_campaign(session, settings=SETTINGS)
        await a_lead(session, other, debtor)
    await PostgresLease(bank.database, "us").renew(bank.fence, NOW)
    assert isinstance(await bank.open_one(), Opened)
    (rival,) = await bank.leads.reserve(other, 1, NOW, bank.fence)
    refused = await bank.open(rival)
    assert isinstance(refused, Refused)
    assert refused.rule in {"LOCKED", "MIN_GAP"}
    assert await bank.rows("SELECT count(*) FROM customer_locks") == [(1,)]


async def test_a_refused_dial_is_stored_with_its_rule_and_source(bank: Bank) -> None:
    """Outside the hours of the law: asked again when they begin."""
    debtor = await bank.a_debtor()
    evening = NOW + 11 * 60 * MINUTE  # 21:10
    refused = await bank.open_one(evening)
    assert isinstance(refused, Refused)
    assert (refused.rule, refused.until_ms) == (
        "OUT_OF_WINDOW",
        NOW + (21 * 60 + 50) * MINUTE,  # 08:00 tomorrow
    )
    assert "Circular" in refused.source
    assert await bank.rows(
        "SELECT customer_id, allowed, rule, counts_to_cap, source FROM attempts"
    ) == [(debtor.customer, False, "OUT_OF_WINDOW", False, refused.source)]
    assert await bank.rows("SELECT count(*) FROM customer_locks") == [(0,)]
    assert await bank.rows("SELECT count(*) FROM contact_counts") == [(0,)]
    assert await bank.rows("SELECT state, attempts, last_result FROM leads") == [
        ("RETRY", 0, "OUT_OF_WINDOW")
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("UPDATE customers SET do_not_contact = true", "DNC"),
        ("UPDATE customers SET status = 'INACTIVE'", "DNC"),
        ("UPDATE loans SET closed_at = now()", "DNC"),
        ("UPDATE loans SET status = 'LEGAL'", "LEGAL"),
        ("UPDATE loans SET status = 'TRACE'", "TRACE"),
        ("UPDATE phones SET verification = 'INVALID'", "INVALID_NUMBER"),
        ("UPDATE phones SET label = 'RELATIVE'", "THIRD_PARTY_NOT_LIABLE"),
        ("UPDATE organisations SET holidays = ARRAY['2026-11-23']", "HOLIDAY"),
    ],
)
async def test_what_changed_since_the_lead_was_chosen_stops_the_dial(
    bank: Bank, change: str, rule: str
) -> None:
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    await bank.run(change)
    refused = await bank.open(lead)
    assert isinstance(refused, Refused)
    assert refused.rule == rule


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("DISPUTE_HOLD", "DISPUTE_HOLD"),
        ("PROMISE_RUNNING", "PROMISE_RUNNING"),
        ("COOLDOWN", "COOLDOWN"),
    ],
)
async def test_a_hold_stops_the_dial_until_it_is_over(bank: Bank, kind: str, rule: str) -> None:
    debtor = await bank.a_debtor()
    async with bank.database.writing() as session:
        await insert(
            session,
            "holds",
            id=an_id(),
            customer_id=debtor.customer,
            kind=kind,
            until=START + timedelta(minutes=40),
            source="test",
            placed_at=START,
        )
    refused = await bank.open_one()
    assert isinstance(refused, Refused)
    assert (refused.rule, refused.until_ms) == (rule, NOW + 40 * MINUTE)
    assert isinstance(await bank.open_one(NOW + 40 * MINUTE), Opened)


async def tried(bank: Bank, times: int, last: datetime) -> None:
    """Somebody who owes, and was tried so often today."""
    debtor = await bank.a_debtor()
    await bank.run(
        "INSERT INTO contact_counts VALUES (:c, :day, :times, :last)",
        c=debtor.customer,
        day=ZONE_TODAY,
        times=times,
        last=last,
    )


async def test_the_cap_of_the_day_is_over_all_campaigns(bank: Bank) -> None:
    await tried(bank, 3, START - timedelta(hours=1))
    refused = await bank.open_one()
    assert isinstance(refused, Refused)
    assert refused.rule == "DAILY_CAP"
    midnight = NOW + (13 * 60 + 50) * MINUTE
    assert refused.until_ms == midnight


async def test_a_customer_is_given_some_rest_between_attempts(bank: Bank) -> None:
    await tried(bank, 1, START - timedelta(minutes=5))
    refused = await bank.open_one()
    assert isinstance(refused, Refused)
    assert (refused.rule, refused.until_ms) == ("MIN_GAP", NOW + 10 * MINUTE)


async def test_who_must_never_be_called_leaves_the_campaign(bank: Bank) -> None:
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    await bank.run("UPDATE customers SET do_not_contact = true")
    refused = await bank.open(lead)
    assert isinstance(refused, Refused)
    assert refused.until_ms is None
    assert await bank.rows("SELECT state, exclude_reason FROM leads") == [("EXCLUDED", "DNC")]


async def test_a_lead_taken_out_meanwhile_is_not_dialled(bank: Bank) -> None:
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    await bank.run("UPDATE leads SET state = 'EXCLUDED'")
    refused = await bank.open(lead)
    assert isinstance(refused, Refused)
    assert refused.rule == "LEAD_GONE"
    assert await bank.rows("SELECT count(*) FROM attempts") == [(0,)]


@pytest.mark.parametrize(
    "stop",
    [
        "UPDATE campaigns SET stopped = true",
        "UPDATE organisations SET dialing_stopped = true",
        "UPDATE campaigns SET state = 'PAUSED'",
        "UPDATE campaigns SET state = 'STOPPED'",
    ],
)
async def test_the_stop_key_holds_at_the_moment_of_the_dial(bank: Bank, stop: str) -> None:
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    await bank.run(stop)
    refused = await bank.open(lead)
    assert isinstance(refused, Refused)
    assert refused.rule == "NOT_RUNNING"
    assert await bank.rows("SELECT count(*) FROM attempts") == [(0,)]
    assert await bank.rows("SELECT state FROM leads") == [("PENDING",)]


async def test_an_opening_whose_answer_was_lost_is_taken_back_once(bank: Bank) -> None:
    """The room never heard of the call: nobody else would free its customer."""
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    assert isinstance(await bank.open(lead), Opened)  # an answer that nobody heard
    assert not await bank.leads.take_back(lead, NOW + 1, NOW + 5_000, bank.fence)  # another opening
    assert await bank.leads.take_back(lead, NOW, NOW + 5_000, bank.fence)
    assert not await bank.leads.take_back(lead, NOW, NOW + 6_000, bank.fence)
    assert await bank.rows("SELECT count(*) FROM customer_locks") == [(0,)]
    assert await bank.rows("SELECT state, cause, hangup_by FROM calls") == [
        ("ENDED", "CANCELLED", "SYSTEM")
    ]
    assert await bank.rows("SELECT state FROM leads") == [("RETRY",)]


async def test_a_call_that_was_placed_is_not_taken_back(bank: Bank) -> None:
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    assert isinstance(await bank.open(lead), Opened)
    await bank.run("UPDATE calls SET state = 'DIALING'")
    assert not await bank.leads.take_back(lead, NOW, NOW + 5_000, bank.fence)
    assert await bank.rows("SELECT count(*) FROM customer_locks") == [(1,)]


async def test_an_old_number_reserves_opens_and_gives_back_nothing(bank: Bank) -> None:
    """decisions.md 10: the old dialer goes on as if nothing had happened, and is refused each time."""
    await bank.a_debtor()
    await bank.a_debtor()
    (lead,) = await bank.reserve(1)
    new = await PostgresLease(bank.database, "another").acquire(NOW + 60_000)
    assert new == bank.fence + 1
    before = await bank.rows("SELECT id, state, fence FROM leads ORDER BY id")
    with pytest.raises(Fenced):
        await bank.reserve(1)
    with pytest.raises(Fenced):
        await bank.open(lead)
    with pytest.raises(Fenced):
        await bank.leads.release([lead], NOW, bank.fence)
    assert await bank.rows("SELECT id, state, fence FROM leads ORDER BY id") == before
    assert await bank.rows("SELECT count(*) FROM attempts") == [(0,)]
