"""`dialer.leads.Leads` over PostgreSQL, for agents who decide on each call themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.values.ids import made_at_ms
from dialer.core.orders import Propose
from dialer.fence import Fenced
from dialer.leads import Lead, Opened
from tests.support.rows import START_MS as NOW
from tests.support.rows import an_id

if TYPE_CHECKING:
    from uuid import UUID

    from dialer.core.offers import Offer
    from tests.support.bank import Bank

AGENT = an_id()
HOLD_MS, MINUTE = 90_000, 60_000


async def keep(bank: Bank, lead: UUID | None = None, now_ms: int = NOW) -> Offer | None:
    return await bank.leads.keep(Propose(AGENT, bank.campaign, HOLD_MS, lead), now_ms, bank.fence)


async def kept(bank: Bank, lead: UUID | None = None) -> Offer:
    offer = await keep(bank, lead)
    assert offer is not None
    return offer


async def lead_row(bank: Bank) -> Any:
    (row,) = await bank.rows("SELECT state, next_at, last_result, attempts FROM leads")
    return row


@pytest.mark.req("S0d-001")
async def test_a_lead_is_kept_for_one_agent_and_nothing_is_counted(bank: Bank) -> None:
    debtor = await bank.a_debtor()
    offer = await kept(bank)
    assert (offer.agent, offer.customer, offer.phone) == (AGENT, debtor.customer, debtor.phone)
    assert (offer.attempt_no, offer.attempts_today, offer.cap) == (1, 0, 3)
    assert (offer.rule, offer.picked) == ("", False)
    assert await keep(bank) is None
    for table in ("calls", "attempts", "contact_counts", "customer_locks"):
        assert await bank.rows(f"SELECT 1 FROM {table}") == []


async def test_it_is_kept_for_as_long_as_the_agent_may_look(bank: Bank) -> None:
    await bank.a_debtor()
    await kept(bank)
    assert await keep(bank, now_ms=NOW + HOLD_MS - 1) is None
    assert await keep(bank, now_ms=NOW + HOLD_MS) is not None


async def test_the_call_has_the_id_that_the_offer_gave_it(bank: Bank) -> None:
    await bank.a_debtor()
    offer = await kept(bank)
    opened = await bank.leads.open(Lead.of(offer), NOW + MINUTE, bank.fence, offer.call)
    assert isinstance(opened, Opened)
    assert opened.call == offer.call
    assert await bank.rows("SELECT call_id, allowed FROM attempts") == [(offer.call, True)]
    assert (await lead_row(bank))[:1] == ("IN_FLIGHT",)


async def test_one_opened_without_our_knowing_is_found_by_the_instant_in_its_id(bank: Bank) -> None:
    await bank.a_debtor()
    offer, later = await kept(bank), NOW + MINUTE
    await bank.leads.open(Lead.of(offer), later, bank.fence, offer.call)
    lead, born = Lead.of(offer), made_at_ms(offer.call)
    assert await bank.leads.take_back(lead, born, later, bank.fence)
    assert await bank.rows("SELECT cause FROM calls") == [("CANCELLED",)]


async def test_whom_the_law_does_not_let_us_call_now_is_put_off_for_the_next(bank: Bank) -> None:
    barred = await bank.a_debtor(priority=1)
    free = await bank.a_debtor(priority=2)
    await bank.run(
        "UPDATE customers SET do_not_contact = true WHERE id = :customer", customer=barred.customer
    )
    assert (await kept(bank)).customer == free.customer
    assert await bank.rows("SELECT customer_id, allowed, rule FROM attempts") == [
        (barred.customer, False, "DNC")
    ]


async def test_one_that_the_agent_picked_comes_with_its_verdict(bank: Bank) -> None:
    debtor = await bank.a_debtor()
    await bank.run(
        "UPDATE customers SET do_not_contact = true WHERE id = :customer", customer=debtor.customer
    )
    ((lead,),) = await bank.rows("SELECT id FROM leads")
    offer = await kept(bank, lead)
    assert (offer.rule, offer.picked, offer.lead) == ("DNC", True, lead)
    assert await bank.rows("SELECT 1 FROM attempts") == []


async def test_he_may_pick_one_whose_time_has_not_come_but_not_one_that_is_kept(bank: Bank) -> None:
    await bank.a_debtor()
    await bank.run("UPDATE leads SET state = 'RETRY', next_at = next_at + interval '9 days'")
    ((lead,),) = await bank.rows("SELECT id FROM leads")
    assert await keep(bank) is None
    await kept(bank, lead)
    assert await keep(bank, lead) is None
    assert await keep(bank, an_id()) is None


@pytest.mark.parametrize(("reason", "minutes"), [("LATER", 30), ("PREPARE", 120), ("TIMEOUT", 10)])
async def test_one_passed_over_comes_again_later_and_it_is_written_who_did(
    bank: Bank, reason: str, minutes: int
) -> None:
    await bank.a_debtor()
    offer = await kept(bank)
    await bank.leads.pass_over(offer, reason, NOW, bank.fence)
    row = await lead_row(bank)
    assert (row.state, row.last_result, row.attempts) == ("RETRY", "SKIPPED", 0)
    assert round(row.next_at.timestamp() * 1000) == NOW + minutes * MINUTE
    (written,) = await bank.rows("SELECT actor_id, verb, entity, entity_id FROM audit_events")
    assert tuple(written) == (AGENT, "skipped", "lead", str(offer.lead))


async def test_one_that_was_spoken_with_comes_again_the_next_day(bank: Bank) -> None:
    await bank.a_debtor()
    await bank.leads.pass_over(await kept(bank), "SPOKEN", NOW, bank.fence)
    assert (await lead_row(bank)).next_at.timestamp() * 1000 > NOW + 4 * 60 * MINUTE


async def test_what_lapsed_meanwhile_is_not_put_off(bank: Bank) -> None:
    await bank.a_debtor()
    offer = await kept(bank)
    await bank.leads.release([Lead.of(offer)], NOW, bank.fence)
    await bank.leads.pass_over(offer, "LATER", NOW, bank.fence)
    assert (await lead_row(bank)).state == "PENDING"


async def test_an_old_number_keeps_and_passes_over_nothing(bank: Bank) -> None:
    await bank.a_debtor()
    offer = await kept(bank)
    order = Propose(AGENT, bank.campaign, HOLD_MS)
    with pytest.raises(Fenced):
        await bank.leads.keep(order, NOW, bank.fence - 1)
    with pytest.raises(Fenced):
        await bank.leads.pass_over(offer, "LATER", NOW, bank.fence - 1)


async def test_each_other_number_comes_with_its_own_verdict(bank: Bank) -> None:
    debtor = await bank.a_debtor()
    await bank.run(
        "INSERT INTO phones (id, customer_id, number, raw, label, is_primary, verification)"
        " VALUES (:mobile, :customer, '+84912345699', '', 'MOBILE', false, 'UNVERIFIED'),"
        " (:wrong, :customer, '+84912345698', '', 'MOBILE', false, 'WRONG_PARTY')",
        mobile=(mobile := an_id()),
        wrong=(wrong := an_id()),
        customer=debtor.customer,
    )
    offer = await kept(bank)
    assert {each.phone: each.rule for each in offer.others} == {
        mobile: "",
        wrong: "INVALID_NUMBER",
    }
    other = offer.on(mobile)
    assert other is not None
    await bank.leads.open(Lead.of(other), NOW, bank.fence, offer.call)
    assert await bank.rows("SELECT phone_id FROM calls") == [(mobile,)]
