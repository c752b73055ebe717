"""The demonstration: made whole or not at all, dialled by nobody but the simulator, awake in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.campaigns import service as campaigns
from app.errors import Refused
from app.people import service as people
from app.people.passwords import Passwords
from app.portfolio.seed import (
    ZONE,
    SeedOptions,
    is_at_work,
    moved_offset_ms,
    seed_demo,
    wake_demo,
    work_morning,
)
from app.promises.jobs import judge_due
from dialer.carrier_simulator import is_simulated
from tests.support.clock import SetClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.portfolio.seed import Seeded

CUSTOMERS = 400


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seeded(database: Database) -> AsyncIterator[Seeded]:
    yield await seed_demo(
        database, SeedOptions(customers=CUSTOMERS, bots=7, at_work=False), SetClock()
    )


async def rows(database: Database, sql: str) -> list[dict[str, object]]:
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(sql))).mappings()]


async def test_it_is_marked_so_that_only_a_simulator_may_dial_it(
    database: Database, seeded: Seeded
) -> None:
    (house,) = await rows(database, "SELECT name, demo, legal_profile, holidays FROM organisations")
    assert (house["name"], house["demo"], house["legal_profile"]) == ("Ngân hàng Mẫu", True, "VN")
    assert "2027-02-06" in str(house["holidays"])
    numbers = await rows(database, "SELECT number FROM phones")
    assert numbers
    assert all(is_simulated(str(row["number"])) for row in numbers)


async def test_people_sign_in_with_the_passwords_that_were_told_once(
    database: Database, seeded: Seeded
) -> None:
    assert [who.role for who in seeded.people] == ["AGENT", "TEAM_LEAD", "SUPERVISOR", "ADMIN"]
    assert len(seeded.bots) == 7
    assert len({who.password for who in (*seeded.people, *seeded.bots)}) == 11
    passwords = Passwords(cores=1, salt=lambda count: b"s" * count)
    async with database.reading() as session:
        for who in (seeded.people[0], seeded.bots[-1]):
            person = await people.find_person_by_username(session, who.username)
            assert person is not None
            assert await passwords.matches(person.password_hash, who.password)
            assert person.roles == ("AGENT",)
            assert person.team_id is not None


async def test_every_table_of_a_past_has_rows_and_the_tree_is_published(
    database: Database, seeded: Seeded
) -> None:
    assert seeded.customers == CUSTOMERS + 9
    for table in ("customers", "loans", "cases", "payments", "promises", "actions", "holds"):
        (counted,) = await rows(database, f"SELECT count(*) AS n FROM {table}")
        assert int(str(counted["n"])) > CUSTOMERS // 40, table
    states = await rows(database, "SELECT DISTINCT state FROM promises")
    assert len(states) == 6
    assert await rows(database, "SELECT version FROM disposition_trees") == [{"version": 1}]
    unknown = await rows(
        database,
        "SELECT DISTINCT leaf FROM actions WHERE leaf NOT IN"
        " (SELECT node->>'code' FROM disposition_trees, jsonb_array_elements(nodes) node)",
    )
    assert unknown == []
    assert await rows(database, "SELECT 1 FROM actions_pdefault") == []


async def test_three_campaigns_run_and_one_is_the_visitors_own(
    database: Database, seeded: Seeded
) -> None:
    async with database.reading() as session:
        running = await campaigns.list_open(session)
        minh = await people.find_person_by_username(session, "minh")
        assert minh is not None
        own = await campaigns.campaigns_of(session, minh.id, minh.team_id)
    assert [campaign.state for campaign in running] == ["RUNNING"] * 4
    assert len(own) == 1
    leads = await rows(database, "SELECT campaign_id, count(*) AS n FROM leads GROUP BY 1")
    assert len(leads) == 4
    three = await rows(
        database,
        "SELECT count(DISTINCT campaign_id) AS n FROM leads l JOIN customers c ON c.id = l.customer_id"
        " WHERE c.cif = 'EDGE-THREE'",
    )
    assert three == [{"n": 3}]


async def test_the_callback_at_the_edge_of_the_day_is_there(
    database: Database, seeded: Seeded
) -> None:
    (callback,) = await rows(database, "SELECT at, state FROM callbacks")
    assert isinstance(callback["at"], datetime)
    assert callback["at"].astimezone(ZoneInfo(ZONE)).strftime("%H:%M") == "20:59"


async def test_its_promises_are_judged_already(database: Database, seeded: Seeded) -> None:
    assert await judge_due(database, SetClock()) == 0


async def test_it_is_made_once(database: Database, seeded: Seeded) -> None:
    before = await rows(database, "SELECT count(*) AS n FROM customers")
    again = await seed_demo(database, SeedOptions(customers=5, at_work=False), SetClock())
    assert (again.created, again.people) == (False, ())
    assert await rows(database, "SELECT count(*) AS n FROM customers") == before


async def test_its_clock_wakes_in_the_next_working_hours(
    database: Database, seeded: Seeded
) -> None:
    evening = SetClock(datetime(2026, 11, 27, 14, 0, tzinfo=UTC))  # Friday, nine in the evening
    async with database.writing() as session:
        offset = await wake_demo(session, evening)
    assert offset is not None
    awake = (evening.now() + timedelta(milliseconds=offset)).astimezone(ZoneInfo(ZONE))
    assert awake.isoformat() == "2026-11-30T09:30:00+07:00"
    async with database.writing() as session:
        assert await wake_demo(session, evening) == offset
        (await people.organisation(session)).clock_offset_ms = 0


async def test_it_is_not_made_over_somebodys_books(database: Database, seeded: Seeded) -> None:
    async with database.writing() as session:
        (await people.organisation(session)).demo = False
    try:
        with pytest.raises(Refused, match="database of its own"):
            await seed_demo(database, SeedOptions(), SetClock())
        async with database.writing() as session:
            assert await wake_demo(session, SetClock()) is None
    finally:
        async with database.writing() as session:
            (await people.organisation(session)).demo = True


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(ZONE))


def test_a_working_morning_is_no_weekend_and_no_holiday() -> None:
    assert work_morning(at(23, 8), ()) == at(23, 9, 30)
    assert work_morning(at(23, 10), ()) == at(24, 9, 30)
    assert work_morning(at(27, 19), ()) == at(30, 9, 30)
    assert work_morning(at(23, 8), ("2026-11-23", "2026-11-24")) == at(25, 9, 30)


def test_business_time_only_ever_moves_forward() -> None:
    assert is_at_work(at(23, 10), ())
    assert not is_at_work(at(22, 10), ())
    assert not is_at_work(at(23, 18), ())
    assert moved_offset_ms(at(23, 10), 5, ()) == 5
    assert moved_offset_ms(at(23, 19), 5, ()) == 5 + (14 * 60 + 30) * 60_000


@pytest.mark.parametrize("hour", [0, 9, 12, 20])
def test_the_morning_of_a_new_demonstration_is_less_than_a_day_away(hour: int) -> None:
    morning = work_morning(at(24, hour) - timedelta(hours=12), ())
    assert (morning.hour, morning.minute) == (9, 30)
    assert abs(morning - at(24, hour)) < timedelta(hours=24)
