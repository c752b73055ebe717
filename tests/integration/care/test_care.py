"""How a customer is to be treated, on real tables: noted with its source, decided, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.accounts import service as accounts
from app.audit.service import Actor
from app.care import service as care
from app.care.rules import Source
from app.errors import Conflict, Invalid, NotFound
from tests.support import rows
from tests.support.people import a_user

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database
    from tests.support.clock import SetClock


@pytest.fixture
async def customer(database: Database) -> UUID:
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        return await rows.a_customer(session)


@pytest.fixture
async def origin(database: Database, clock: SetClock, customer: UUID) -> care.Origin:
    lead = await a_user(database, clock, "linh", "TEAM_LEAD")
    return care.Origin(Actor(lead, role="TEAM_LEAD"), clock, rows.ZONE_TODAY, Source.LEAD)


async def note(database: Database, customer: UUID, status: str, origin: care.Origin) -> UUID | None:
    async with database.writing() as session:
        return await care.note_status(session, customer, status, origin)


@pytest.mark.req("S0b-033")
async def test_statuses_are_a_history_whose_open_row_is_how_they_behave_now(
    database: Database, clock: SetClock, customer: UUID, origin: care.Origin
) -> None:
    first = await note(database, customer, "COOPERATIVE", origin)
    clock.advance(seconds=60)
    assert await note(database, customer, "COOPERATIVE", origin) is None  # known, since then
    clock.advance(seconds=60)
    second = await note(database, customer, "HOSTILE", origin)

    async with database.reading() as session:
        history = await care.statuses_of(session, customer)
    assert [(each.id, each.type, each.until is None) for each in history] == [
        (second, "HOSTILE", True), (first, "COOPERATIVE", False),
    ]  # fmt: skip
    assert history[1].until == history[0].since
    assert (history[0].source, history[0].user_id) == ("LEAD", origin.actor.id)
    assert await rows.read(database, "SELECT cooperation FROM customers") == [
        {"cooperation": "HOSTILE"}
    ]


async def test_a_status_noted_by_mistake_gives_way_to_the_one_before(
    database: Database, clock: SetClock, customer: UUID, origin: care.Origin
) -> None:
    first = await note(database, customer, "COOPERATIVE", origin)
    clock.advance(seconds=60)
    wrong = await note(database, customer, "HOSTILE", origin)
    assert first
    assert wrong
    async with database.writing() as session:
        await care.unnote_status(session, wrong, origin)
        await care.unnote_status(session, wrong, origin)  # once is enough
    async with database.reading() as session:
        now, never = sorted(
            await care.statuses_of(session, customer), key=lambda each: each.until is not None
        )
    assert (now.id, now.type) == (first, "COOPERATIVE")
    assert never.until == never.since
    assert await rows.read(database, "SELECT cooperation FROM customers") == [
        {"cooperation": "COOPERATIVE"}
    ]
    async with database.writing() as session:
        await care.unnote_status(session, first, origin)
    assert await rows.read(database, "SELECT cooperation FROM customers") == [{"cooperation": None}]


async def test_a_word_that_is_no_status_is_refused(
    database: Database, customer: UUID, origin: care.Origin
) -> None:
    with pytest.raises(Invalid) as invalid:
        await note(database, customer, "NICE", origin)
    assert invalid.value.field == "status"


async def flag(database: Database, customer: UUID, reason: str, origin: care.Origin) -> UUID:
    async with database.writing() as session:
        return await care.flag_hardship(session, customer, reason, origin)


async def review(database: Database, hardship: UUID, origin: care.Origin, days: int | None) -> None:
    again_on = None if days is None else rows.ZONE_TODAY + timedelta(days=days)
    async with database.writing() as session:
        await care.review_hardship(
            session, hardship, again_on=again_on, comment="đã có việc", origin=origin
        )


@pytest.mark.req("S0b-036")
async def test_a_hardship_goes_on_until_somebody_says_that_it_is_over(
    database: Database, clock: SetClock, customer: UUID, origin: care.Origin
) -> None:
    hardship = await flag(database, customer, "mất việc", origin)
    await note(database, customer, "HARDSHIP", origin)
    async with database.writing() as session:
        await accounts.place_hold(
            session, customer, kind="HARDSHIP_REVIEW", source="disposition", clock=clock
        )
    (stands,) = await rows.read(database, "SELECT hardship FROM customers")
    assert stands["hardship"] == {
        "since": "2026-11-23", "reason": "mất việc", "review_on": "2026-11-28", "source": "LEAD",
    }  # fmt: skip

    await review(database, hardship, origin, 30)
    (stands,) = await rows.read(database, "SELECT hardship FROM customers")
    assert stands["hardship"]["review_on"] == "2026-12-23"
    assert await rows.read(database, "SELECT 1 FROM holds WHERE released_at IS NOT NULL") == []

    await review(database, hardship, origin, None)
    (stands,) = await rows.read(database, "SELECT hardship, cooperation FROM customers")
    assert stands == {"hardship": None, "cooperation": "NEW"}
    (row,) = await rows.read(database, "SELECT decision, comment, ended_by FROM hardships")
    assert row == {"decision": "ENDED", "comment": "đã có việc", "ended_by": origin.actor.id}
    assert await rows.read(database, "SELECT release_reason FROM holds") == [
        {"release_reason": "hardship over"}
    ]
    trail = await rows.read(
        database, "SELECT verb, reason FROM audit_events WHERE entity = 'hardship' ORDER BY id"
    )
    assert {each["verb"] for each in trail} == {"reviewed", "ended"}
    with pytest.raises(Conflict):
        await review(database, hardship, origin, None)


async def test_a_new_hardship_replaces_the_one_that_went_on_and_keeps_its_day(
    database: Database, clock: SetClock, customer: UUID, origin: care.Origin
) -> None:
    await flag(database, customer, "ốm", origin)
    clock.advance(seconds=86_400)
    await flag(database, customer, "mất việc", origin)
    found = await rows.read(
        database, "SELECT reason, decision, since FROM hardships ORDER BY noted_at"
    )
    assert [(each["reason"], each["decision"]) for each in found] == [
        ("ốm", "REPLACED"), ("mất việc", None),
    ]  # fmt: skip
    assert found[0]["since"] == found[1]["since"]


@pytest.mark.parametrize(("days", "field"), [(0, "again_on"), (91, "again_on")])
async def test_a_day_of_review_that_will_not_do_is_refused(
    database: Database, customer: UUID, origin: care.Origin, days: int, field: str
) -> None:
    hardship = await flag(database, customer, "ốm", origin)
    with pytest.raises(Invalid) as invalid:
        await review(database, hardship, origin, days)
    assert (invalid.value.field, invalid.value.code) == (field, "REVIEW_DAY")


async def contest(database: Database, customer: UUID, origin: care.Origin) -> UUID:
    async with database.writing() as session:
        dispute = await care.open_dispute(
            session, customer, kind="AMOUNT", text="phí sai", loan_id=None, origin=origin
        )
        await accounts.place_hold(
            session, customer, kind="DISPUTE_HOLD", source="disposition", clock=origin.clock
        )
        return dispute


async def decide(
    database: Database, dispute: UUID, status: str, origin: care.Origin, why: str = "đã trả lời"
) -> None:
    async with database.writing() as session:
        await care.decide_dispute(session, dispute, status, why, origin)


@pytest.mark.req("S0b-037", "S1-039", "S4a-040")
async def test_the_hold_ends_with_the_last_dispute(
    database: Database, customer: UUID, origin: care.Origin
) -> None:
    one = await contest(database, customer, origin)
    other = await contest(database, customer, origin)
    await note(database, customer, "DISPUTING", origin)
    await decide(database, one, "IN_REVIEW", origin, "")
    await decide(database, one, "REJECTED", origin)
    assert await rows.read(database, "SELECT 1 FROM holds WHERE released_at IS NOT NULL") == []

    await decide(database, other, "UPHELD", origin)
    assert await rows.read(database, "SELECT 1 FROM holds WHERE released_at IS NULL") == []
    found = await rows.read(database, "SELECT status, resolution, resolved_by FROM disputes")
    assert {each["status"] for each in found} == {"REJECTED", "UPHELD"}
    assert {each["resolution"] for each in found} == {"đã trả lời"}
    assert {each["resolved_by"] for each in found} == {origin.actor.id}
    assert await rows.read(database, "SELECT cooperation FROM customers") == [
        {"cooperation": "NEW"}
    ]
    told = await rows.read(database, "SELECT kind FROM outbox_facts ORDER BY position")
    assert [each["kind"] for each in told] == [
        "dispute.opened", "dispute.opened", "dispute.decided", "dispute.decided",
    ]  # fmt: skip
    with pytest.raises(Conflict):
        await decide(database, one, "WITHDRAWN", origin)


@pytest.mark.parametrize(
    ("status", "why", "field"), [("OPEN", "x", "status"), ("UPHELD", "  ", "comment")]
)
async def test_a_decision_is_one_of_four_and_says_why(
    database: Database, customer: UUID, origin: care.Origin, status: str, why: str, field: str
) -> None:
    dispute = await contest(database, customer, origin)
    with pytest.raises(Invalid) as invalid:
        await decide(database, dispute, status, origin, why)
    assert invalid.value.field == field


async def test_what_is_not_there_is_not_decided(
    database: Database, customer: UUID, origin: care.Origin
) -> None:
    with pytest.raises(NotFound):
        await decide(database, rows.an_id(), "UPHELD", origin)
    with pytest.raises(NotFound):
        await review(database, rows.an_id(), origin, None)


async def test_what_waits_is_listed_most_urgent_first(
    database: Database, customer: UUID, origin: care.Origin
) -> None:
    await contest(database, customer, origin)
    await flag(database, customer, "ốm", origin)
    async with database.reading() as session:
        listed = await care.waiting(session)
    assert [(each.what, each.text, each.noted_by) for each in listed] == [
        ("HARDSHIP", "ốm", "linh"), ("DISPUTE", "phí sai", "linh"),
    ]  # fmt: skip


@pytest.mark.req("S0b-035")
async def test_a_wish_is_added_to_what_was_known_and_can_be_undone(
    database: Database, customer: UUID, origin: care.Origin
) -> None:
    async with database.writing() as session:
        await care.note_wishes(session, customer, {"channel": "ZALO"}, origin)
        before = await care.note_wishes(session, customer, {"avoid": ["8-12"]}, origin)
    (row,) = await rows.read(database, "SELECT preference FROM customers")
    assert row["preference"] == {
        "channel": "ZALO", "avoid": ["8-12"], "since": "2026-11-23", "source": "LEAD",
    }  # fmt: skip
    assert before["preference"]["channel"] == "ZALO"
