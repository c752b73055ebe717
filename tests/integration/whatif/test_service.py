"""A question to a recorded day: asked, answered by a process of its own, kept, refused, taken back."""

from __future__ import annotations

import asyncio
import os
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from msgspec.structs import replace
from sqlalchemy import text

from app.audit.service import Actor
from app.campaigns import service as campaigns
from app.errors import Invalid, NotFound, Refused
from app.roster import service as roster
from app.roster.rules import GOING_HOME
from app.whatif import service
from app.whatif.jobs import Answering
from app.whatif.rules import RecordedDay, Stay
from dialer.whatif.pacers import EnginePacer
from dialer.whatif.recount import recount
from dialer.whatif.simulate import Simulation
from tests.support.clock import START, SetClock
from tests.support.made_day import SETTINGS, MadeWorld, recorded
from tests.support.rows import ZONE_TODAY, a_campaign, an_id, an_organisation, wipe
from tests.support.written_day import write_day

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.whatif.models import WhatIf

WHO = Actor(id=an_id(), role="SUPERVISOR")
LENGTH = 1500.0
ZERO = START - timedelta(hours=1)
TARGET = {"abandon_target_pct": 1.0}


def a_day() -> RecordedDay:
    """What the product's engine made of a short morning, one line for each free agent."""
    settings = replace(SETTINGS, mode="PROGRESSIVE")
    world = MadeWorld(
        [Stay(agent, 2.0 * agent, LENGTH) for agent in range(20)],
        Random(4),
        segment_factors=(1.2, 0.8),
    )
    simulation = Simulation(world, settings, LENGTH)
    day = RecordedDay(LENGTH, (), tuple(world.roster), settings, (), ("0", "1"))
    simulation.run(EnginePacer(day))
    return replace(day, calls=tuple(recorded(call) for call in simulation.record))


MADE = a_day()


@pytest_asyncio.fixture(loop_scope="session")
async def campaign(database: Database) -> AsyncIterator[UUID]:
    await wipe(database)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM what_ifs"))
        await an_organisation(session)
        found = await a_campaign(session, "Thẻ trễ hạn", mode="PROGRESSIVE")
        await write_day(session, found, MADE, ZERO)
    yield found
    async with database.writing() as session:
        await session.execute(text("DELETE FROM what_ifs"))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


async def ask(database: Database, campaign: UUID, clock: SetClock, **changes: object) -> UUID:
    async with database.writing() as session:
        asking = service.Asking(ZONE_TODAY, changes)
        return await service.ask(session, campaign, asking, WHO, clock)


async def kept(database: Database, campaign: UUID) -> WhatIf:
    async with database.reading() as session:
        return (await service.latest(session, campaign))[0]


async def test_a_day_is_read_as_it_was(database: Database, campaign: UUID) -> None:
    async with database.reading() as session:
        days = await service.list_days(session, campaign, START)
        day = await service.read_day(session, campaign, ZONE_TODAY)
    assert days == [ZONE_TODAY]
    assert len(day.calls) == len(MADE.calls)
    assert {call.segment for call in day.calls} == {0, 1}
    was, is_ = recount(MADE).total(), recount(day).total()
    # It begins with the first dial and ends after the last: some seconds of waiting lie outside.
    assert is_.busy_s == pytest.approx(was.busy_s, rel=0.05)
    assert is_.floor_s == pytest.approx(was.floor_s, rel=0.05)
    assert (is_.persons, is_.abandoned) == (was.persons, was.abandoned)
    assert not day.closed


async def test_the_worker_answers_and_the_answer_is_kept(
    database: Database, campaign: UUID, clock: SetClock
) -> None:
    await ask(database, campaign, clock, ratio_ceiling=2.0)
    answering = Answering(database, clock, os.environ, processes=2)
    seen = set()
    try:
        while (found := await kept(database, campaign)).state in {"WAITING", "RUNNING"}:
            seen.add((found.state, found.days_done > 0))
            await answering.turn()
            await asyncio.sleep(0.2)
    finally:
        answering.close()
    assert found.state == "DONE", found.fault
    assert {("WAITING", False), ("RUNNING", True)} <= seen
    answer = service.answer_of(found)
    assert answer is not None
    assert answer.seeds == 20
    assert answer.reliable, (answer.occupancy_error, answer.abandoned_error)
    assert answer.asked is not None
    assert answer.asked.occupancy.pooled is not None
    assert found.own is not None
    assert found.own["mode"] == "PROGRESSIVE"
    async with database.reading() as session:
        trail = await session.execute(
            text("SELECT verb, after FROM audit_events WHERE entity = 'what_if'")
        )
        ((verb, after),) = trail.all()
    assert (verb, after["ratio_ceiling"]) == ("asked", 2.0)


async def test_a_day_is_read_with_the_shifts_that_were_planned(
    database: Database, campaign: UUID
) -> None:
    async with database.writing() as session:
        first = await session.scalar(
            text("SELECT agent_id FROM agent_state_changes ORDER BY at, id")
        )
        times = roster.Times("08:00", "17:00", "12:00-13:00")
        await roster.plan(session, (first, ZONE_TODAY), times, version=0, actor=WHO, now=START)
    async with database.reading() as session:
        day = await service.read_day(session, campaign, ZONE_TODAY)
    (lunch, home) = day.planned
    assert lunch.agent == home.agent
    assert lunch.until_s - lunch.from_s == 3600
    assert home.from_s - lunch.until_s == 4 * 3600
    assert home.until_s - home.from_s == GOING_HOME.total_seconds()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("abandon_target_pct", 9.0),
        ("abandon_limit_pct", 5.0),
        ("ratio_ceiling", 0.5),
        ("mode", "MANUAL"),
        ("lines", 0),
        ("lines", "many"),
        ("ring_timeout_s", 30),
    ],
)
async def test_what_cannot_be_asked_names_its_field(
    database: Database, campaign: UUID, clock: SetClock, field: str, value: object
) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(database, campaign, clock, **{field: value})
    assert refused.value.field == field


async def test_a_day_without_dials_and_a_second_question_are_refused(
    database: Database, campaign: UUID, clock: SetClock
) -> None:
    asking = service.Asking(date(2026, 11, 20), TARGET)
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await service.ask(session, campaign, asking, WHO, clock)
    await ask(database, campaign, clock, **TARGET)
    with pytest.raises(Refused) as second:
        await ask(database, campaign, clock, **TARGET)
    assert second.value.code == "ASKED"


async def test_a_question_taken_back_ends_its_process(
    database: Database, campaign: UUID, clock: SetClock
) -> None:
    await ask(database, campaign, clock, **TARGET)
    answering = Answering(database, clock, os.environ)
    await answering.turn()
    assert (await kept(database, campaign)).state == "RUNNING"
    async with database.writing() as session:
        await service.cancel(session, campaign, WHO, clock.now())
    await answering.turn()
    assert not answering.busy
    assert (await kept(database, campaign)).state == "CANCELLED"
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await service.cancel(session, campaign, WHO, clock.now())


async def test_one_is_answered_at_a_time_and_a_dead_worker_loses_its_own(
    database: Database, campaign: UUID, clock: SetClock
) -> None:
    await ask(database, campaign, clock, **TARGET)
    async with database.writing() as session:
        first = await service.take(session, clock.now())
    assert first is not None
    async with database.writing() as session:
        assert await service.take(session, clock.now()) is None
    async with database.writing() as session:
        again = await service.take(session, clock.now() + timedelta(seconds=61))
    assert again is not None
    assert again[0] == first[0]


async def test_settings_are_those_that_held_on_that_day(
    database: Database, campaign: UUID, clock: SetClock
) -> None:
    async def change(target: float, minutes: float) -> None:
        async with database.writing() as session:
            await campaigns.change_settings(
                session, campaign, {"abandon_target_pct": target}, WHO,
                ZERO + timedelta(minutes=minutes),
            )  # fmt: skip

    await change(1.5, 10)
    await change(0.5, 60 * 24)
    async with database.reading() as session:
        day = await service.read_day(session, campaign, ZONE_TODAY)
    assert day.settings.abandon_target_pct == 1.5
    ((until, before),) = [(e.until_s, e.settings.abandon_target_pct) for e in day.earlier]
    assert until == pytest.approx(600.0, abs=1.0)
    assert before == 2.0
    assert day.settings_at(599.0 - 1.0).abandon_target_pct == 2.0
    assert day.settings_at(700.0).abandon_target_pct == 1.5
