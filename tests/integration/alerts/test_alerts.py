"""Alerts on real tables: raised by the wall's leader, handled by people, within their scope."""

from __future__ import annotations

import zlib
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app import outbox
from app.alerts import rules, service
from app.alerts.rules import Kind, Reading, Severity, State, Subject
from app.alerts.thresholds import Threshold
from app.errors import Forbidden, Invalid, NotFound, Refused
from app.people import service as people
from app.people.matrix import Matrix
from app.people.service import Browser
from tests.support.clock import SetClock
from tests.support.people import RememberingFloor, a_team, a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.alerts.service import Alert
    from app.db import Database
    from app.people.service import Identity

CAMPAIGN = str(uuid4())


class Book:
    """Alerts and the people who handle them."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.database = database
        self.clock = clock
        self.team = uuid4()
        self.other = uuid4()

    async def watch(self, *readings: Reading) -> list[Alert]:
        async with self.database.writing() as session:
            settings = await service.settings(session)
            known = await service.standing(session, self.clock.now())
            changed = service.judge(readings, settings, known, self.clock)
            await service.save(session, changed)
        return await self.standing()

    async def standing(self) -> list[Alert]:
        async with self.database.reading() as session:
            found = await service.standing(session, self.clock.now())
        return [alert for alert in found if alert.is_open]

    async def person(self, role: str, team: UUID | None = None) -> Identity:
        name = f"{role.lower()}{self.clock.token_bytes(4).hex()}"
        user = await a_user(self.database, self.clock, name, role, team_id=team)
        async with self.database.writing() as session:
            person = await people.find_person(session, user)
            assert person is not None
            browser = Browser(uuid4().hex, "csrf", None, None)
            await people.admit(session, person, browser, take_over=True, now=self.clock.now())
        async with self.database.reading() as session:
            return await self._identity(session, browser)

    async def _identity(self, session: Any, browser: Browser) -> Identity:
        found = await people.identify(
            session,
            browser.token,
            RememberingFloor(),
            now=self.clock.now(),
            address=None,
            rights=Matrix(),
        )
        assert found is not None
        return found


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


@pytest_asyncio.fixture
async def book(database: Database, clock: SetClock) -> AsyncIterator[Book]:
    await an_organisation(database, clock)
    book = Book(database, clock)
    book.team = await a_team(database, clock, f"Đội {uuid4().hex[:6]}")
    book.other = await a_team(database, clock, f"Đội {uuid4().hex[:6]}")
    async with database.writing() as session:
        for table in ("alerts", "alert_numbers"):
            await session.execute(text(f"DELETE FROM {table}"))
    yield book


def dry(campaign: str = CAMPAIGN) -> Reading:
    return Reading(Kind.LIST_DRY, Subject("campaign", campaign, "Thẻ B3"), 1, None, campaign)


def over(team: UUID) -> Reading:
    subject = Subject("agent", str(uuid4()), "Trâm")
    return Reading(Kind.WRAP_OVER, subject, 75, str(team), None, {"team": "Đội"})


async def test_an_alert_stands_once_and_comes_back_as_itself(book: Book) -> None:
    (raised,) = await book.watch(dry())
    (same,) = await book.watch(dry())
    assert (same.id, same.version) == (raised.id, raised.version)
    await book.watch()
    book.clock.advance(seconds=61)
    assert await book.watch() == []
    (again,) = await book.watch(dry())
    assert (again.id, again.count) == (raised.id, 2)


async def test_two_leaders_at_once_raise_one_alert(book: Book, database: Database) -> None:
    settings = rules.limits_of(await _settings(book))
    ids = [uuid4(), uuid4()]
    now = book.clock.now()
    for identifier in ids:
        (alert,) = rules.fold((), [dry()], settings, now, partial(UUID, str(identifier)))
        async with database.writing() as session:
            await service.save(session, [alert])
    (standing,) = await book.standing()
    assert standing.id == ids[0]


async def _settings(book: Book) -> service.Settings:
    async with book.database.reading() as session:
        return await service.settings(session)


@pytest.mark.req("S0c-027")
async def test_acknowledging_and_putting_aside_are_audited(book: Book, database: Database) -> None:
    (alert,) = await book.watch(dry())
    linh = await book.person("SUPERVISOR")
    async with database.writing() as session:
        await service.acknowledge(session, alert.id, linh, now=book.clock.now())
    async with database.writing() as session:
        await service.shelve(session, alert.id, 15, linh, now=book.clock.now())
    (handled,) = await book.standing()
    assert (handled.state, handled.acked_by) == (State.SHELVED, linh.id)
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT verb, after FROM audit_events WHERE entity_id = :id ORDER BY at, verb"),
            {"id": str(alert.id)},
        )
        assert [(row.verb, row.after.get("minutes")) for row in rows] == [
            ("acknowledged", None),
            ("shelved", 15),
        ]
    book.clock.advance(seconds=15 * 60)
    (back,) = await book.watch(dry())
    assert back.state is State.ACTIVE


@pytest.mark.req("S0c-002")
async def test_a_lead_handles_his_own_teams_alerts_and_no_others(
    book: Book, database: Database
) -> None:
    mine, theirs, floor = over(book.team), over(book.other), dry()
    found = {alert.key: alert for alert in await book.watch(mine, theirs, floor)}
    lead = await book.person("TEAM_LEAD", book.team)
    async with database.writing() as session:
        await service.acknowledge(session, found[mine.key].id, lead, now=book.clock.now())
    for reading in (theirs, floor):
        with pytest.raises(Forbidden):
            async with database.writing() as session:
                await service.shelve(session, found[reading.key].id, 15, lead, now=book.clock.now())


async def test_what_is_over_unknown_or_asked_wrongly_is_refused(
    book: Book, database: Database
) -> None:
    (alert,) = await book.watch(dry())
    linh, now = await book.person("SUPERVISOR"), book.clock.now()
    with pytest.raises(Invalid):
        async with database.writing() as session:
            await service.shelve(session, alert.id, 20, linh, now=now)
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await service.acknowledge(session, uuid4(), linh, now=now)
    await book.watch()
    book.clock.advance(seconds=61)
    await book.watch()
    with pytest.raises(Refused):
        async with database.writing() as session:
            await service.acknowledge(session, alert.id, linh, now=now)


async def test_what_the_leader_changed_meanwhile_is_not_overwritten(
    book: Book, database: Database
) -> None:
    (alert,) = await book.watch(dry())
    async with database.writing() as session:
        assert len(await service.save(session, [alert])) == 1
        assert await service.save(session, [alert]) == ()


async def test_an_outcome_that_nobody_recorded_is_an_alert_of_its_team(
    book: Book, database: Database
) -> None:
    user = await a_user(database, book.clock, f"lan{uuid4().hex[:6]}", team_id=book.team)
    body = {"call": str(uuid4()), "user": str(user), "leaf": "PTP", "reason": "LOAN_CLOSED"}
    fact = outbox.Fact(uuid4(), "outcome.left_over", body, book.clock.now())
    for _ in range(2):
        async with database.writing() as session:
            await service.note_left_over(session, fact, book.clock)
    (alert,) = await book.standing()
    assert (alert.kind, alert.severity, alert.count) == (Kind.LEFT_OVER, Severity.WARN, 2)
    assert alert.team == str(book.team)
    book.clock.advance(seconds=3600)
    assert await book.watch() == []


async def test_limits_are_set_audited_and_taken_back(book: Book, database: Database) -> None:
    linh, now = await book.person("SUPERVISOR"), book.clock.now()
    async with database.writing() as session:
        await service.change_numbers(session, "HELD", {"amber": 30}, linh, now=now)
    assert (await _settings(book)).limits[Threshold.HELD].amber == 30
    for name, numbers, wrong in (
        ("HELD", {"amber": 999}, Invalid),
        ("HELD", {"violet": 1}, Invalid),
        ("NOTHING", {"amber": 1}, NotFound),
    ):
        with pytest.raises(wrong):
            async with database.writing() as session:
                await service.change_numbers(session, name, numbers, linh, now=now)
    async with database.writing() as session:
        await service.change_numbers(session, "HELD", None, linh, now=now)
    assert (await _settings(book)).limits[Threshold.HELD].amber == 60
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT before, after FROM audit_events WHERE entity = 'threshold'")
        )
        found = [(row.before, row.after) for row in rows]
    assert len(found) == 2
    assert (None, {"amber": 30}) in found
    assert ({"amber": 30}, None) in found


async def test_alerts_long_over_are_forgotten(book: Book, database: Database) -> None:
    await book.watch(dry())
    await book.watch()
    book.clock.advance(seconds=61)
    await book.watch()
    later = book.clock.now() + timedelta(days=31)
    async with database.writing() as session:
        await service.tidy(session, later)
        assert await session.scalar(text("SELECT count(*) FROM alerts")) == 0
