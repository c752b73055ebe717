"""Curves are counted from the written calls, and counted again without doubling."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.curves import service as curves
from app.curves.rules import Answered, Count, Stage
from tests.support import rows
from tests.support.clock import START

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, WriteSession

HOUR = 10  # of START in Ho Chi Minh City
CAUSES = {"person": "COMPLETED", "silent": "NO_ANSWER", "dead": "INVALID_NUMBER"}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def a_call(session: WriteSession, campaign: UUID, **values: Any) -> UUID:
    call = rows.an_id()
    row = {
        "id": call, "created_at": START, "number": "+84500000001", "campaign_id": campaign,
        "dialing_at": START, "attempt_no": 1, **values,
    }  # fmt: skip
    await rows.insert(session, "calls", **row)
    return call


async def a_person(session: WriteSession, campaign: UUID, talk_s: float, **values: Any) -> UUID:
    """Rings after 2 s, answers after 9 more, joined 1 s later."""
    moments = {
        "ringing_at": after(2.4), "answered_at": after(11.9), "waiting_at": after(12.9),
        "connected_at": after(13), "ended_at": after(13 + talk_s), "cause": "COMPLETED",
        "answered_by_human": True,
    }  # fmt: skip
    return await a_call(session, campaign, **(moments | values))


async def learned(database: Database, campaign: UUID, now: datetime) -> list[Count]:
    async with database.writing() as session:
        await curves.learn(session, now)
    async with database.reading() as session:
        return await curves.list_counts(session, campaign, now)


async def a_campaign(database: Database) -> UUID:
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        campaign = rows.an_id()
        await rows.insert(
            session, "campaigns", id=campaign, name="Thẻ B3", created_at=START, created_by=None
        )
    return campaign


async def test_each_part_of_a_call_is_counted_at_its_age(database: Database) -> None:
    campaign = await a_campaign(database)
    async with database.writing() as session:
        await a_person(session, campaign, 60.5, wrapped_at=after(13 + 60.5 + 18))
        await a_call(session, campaign, ringing_at=after(3), ended_at=after(25), cause="NO_ANSWER")
        await a_call(session, campaign, ended_at=after(1.2), cause="INVALID_NUMBER")
        await a_call(session, campaign, ended_at=after(1), cause="CANCELLED", attempt_no=2)
        await a_call(session, campaign)  # goes on
    found = await learned(database, campaign, after(600))
    assert set(found) == {
        Count(HOUR, 0, Stage.SETUP, 1, 0, others=1),
        Count(HOUR, 0, Stage.SETUP, 2, 1),
        Count(HOUR, 0, Stage.SETUP, 3, 1),
        Count(HOUR, 0, Stage.RING, 9, 1),
        Count(HOUR, 0, Stage.RING, 22, 0, others=1),
        Count(HOUR, 0, Stage.ANSWER, 11, 1),
        Count(HOUR, 0, Stage.CHECK, 1, 1),
        Count(HOUR, 0, Stage.TALK, 60, 1),
        Count(HOUR, 0, Stage.WRAP, 18, 1),
        Count(HOUR, 1, Stage.SETUP, 1, 0, cut=1),
    }
    assert curves.answered(found) == Answered(dialled=3, people=1)


async def test_counting_again_doubles_nothing_and_adds_what_came_late(database: Database) -> None:
    campaign = await a_campaign(database)
    async with database.writing() as session:
        await a_person(session, campaign, 30)
    first = await learned(database, campaign, after(100))
    assert await learned(database, campaign, after(200)) == first
    async with database.writing() as session:
        await a_person(session, campaign, 30)
    again = await learned(database, campaign, after(3_700))  # in the next hour
    assert curves.answered(again) == Answered(dialled=2, people=2)
    assert curves.survival(again, Stage.TALK).seen == 2


async def test_a_lost_line_is_cut_off_and_a_machine_is_nobody(database: Database) -> None:
    campaign = await a_campaign(database)
    async with database.writing() as session:
        await a_person(session, campaign, 40, cause="AGENT_LOST")
        machine: dict[str, Any] = {
            "connected_at": None, "waiting_at": None, "answered_by_human": False, "cause": "MACHINE",
        }  # fmt: skip
        await a_person(session, campaign, 2, **machine)
    found = await learned(database, campaign, after(600))
    assert Count(HOUR, 0, Stage.TALK, 40, 0, cut=1) in found
    assert Count(HOUR, 0, Stage.ANSWER, 11, 1, others=1) in found
    assert curves.answered(found) == Answered(dialled=2, people=1)


async def test_what_nobody_counted_for_days_is_made_up_for(database: Database) -> None:
    campaign = await a_campaign(database)
    async with database.writing() as session:
        await a_person(session, campaign, 30)
    later = START + timedelta(days=3)
    assert curves.answered(await learned(database, campaign, later)).people == 1
    forgotten = START + timedelta(days=40)
    async with database.reading() as session:
        assert await curves.list_counts(session, campaign, forgotten) == []
