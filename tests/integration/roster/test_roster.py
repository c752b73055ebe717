"""A roster from a file to the dialer: loaded whole, refused row by row, the same again changes nothing."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit.service import SYSTEM, Actor
from app.errors import Conflict, Invalid
from app.roster import service as roster
from app.roster.service import RosterOptions, Times, Unplannable
from dialer.core.roster import Absence
from dialer.roster_postgres import PostgresRoster
from tests.support.clock import START, SetClock
from tests.support.house import House
from tests.support.rows import START_MS as NOW
from tests.support.rows import ZONE_TODAY, an_id, an_organisation, insert, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from app.db import Database
    from app.roster.service import RosterReport

HEAD = "agent,day,starts,ends,breaks"
FIRST = f"""{HEAD}
minh,23/11/2026,08:00,17:00,12:00-13:00; 15:00-15:15
lan,23/11/2026,8h,12h,
lan,24/11/2026,,,
"""


@dataclass
class Place:
    """Two agents, a folder for files, and what is kept of them."""

    database: Database
    folder: Path
    minh: UUID
    lan: UUID

    async def load(self, written: str, **options: Any) -> RosterReport:
        path = self.folder / "shifts.csv"
        path.write_text(written, encoding="utf-8")
        told = RosterOptions(SYSTEM, **options)
        return await roster.import_file(self.database, path, told, SetClock(seed=1))

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.reading() as session:
            return [tuple(row) for row in await session.execute(text(sql))]

    async def plan(self, *times: str, version: int = 0, day: date = ZONE_TODAY) -> None:
        who = Actor(id=self.lan, role="SUPERVISOR")
        async with self.database.writing() as session:
            await roster.plan(
                session, (self.minh, day), Times(*times), version=version, actor=who, now=START
            )


@pytest_asyncio.fixture(loop_scope="session")
async def place(database: Database, tmp_path: Path) -> AsyncIterator[Place]:
    await wipe(database)
    minh, lan = an_id(), an_id()
    async with database.writing() as session:
        await session.execute(text("DELETE FROM shifts"))
        await an_organisation(session)
        for identifier, name in ((minh, "minh"), (lan, "lan")):
            await insert(
                session, "users", id=identifier, username=name, full_name=name.title(),
                short_name=name.title(), roles=["AGENT"], password_hash="-", created_at=START,
            )  # fmt: skip
    yield Place(database, tmp_path, minh, lan)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM shifts"))


async def test_a_file_is_loaded_audited_and_the_same_again_changes_nothing(place: Place) -> None:
    report = await place.load(FIRST)
    assert (report.rows, report.planned, report.unchanged, report.rejected) == (3, 2, 1, 0)
    assert report.rejected_path is None
    (told,) = await place.rows("SELECT verb, entity, after FROM audit_events")
    assert told[:2] == ("imported", "roster")
    assert told[2]["planned"] == 2
    assert (told[2]["first_day"], told[2]["last_day"]) == ("2026-11-23", "2026-11-24")
    again = await place.load(FIRST)
    assert (again.planned, again.changed, again.unchanged) == (0, 0, 3)
    assert len(await place.rows("SELECT 1 FROM audit_events")) == 1
    assert await place.rows("SELECT DISTINCT version FROM shifts") == [(1,)]


async def test_a_changed_row_changes_and_an_empty_one_takes_its_shift_away(place: Place) -> None:
    await place.load(FIRST)
    report = await place.load(f"{HEAD}\nminh,23/11/2026,09:00,17:00,\nlan,23/11/2026,,,\n")
    assert report.counts == {"planned": 0, "changed": 1, "removed": 1}
    assert await place.rows("SELECT user_id, version, breaks FROM shifts") == [(place.minh, 2, [])]


async def test_a_rehearsal_counts_and_changes_nothing(place: Place) -> None:
    report = await place.load(FIRST + "nobody,23/11/2026,08:00,17:00,\n", dry_run=True)
    assert (report.planned, report.rejected, report.rejected_path) == (2, 1, None)
    assert await place.rows("SELECT 1 FROM shifts") == []
    assert await place.rows("SELECT 1 FROM audit_events") == []
    assert [path.name for path in place.folder.iterdir()] == ["shifts.csv"]


async def test_refused_rows_say_why_and_the_mended_file_is_loaded(place: Place) -> None:
    report = await place.load(
        FIRST
        + "nobody,23/11/2026,08:00,17:00,\nMinh,23/11/2026,09:00,17:00,\nminh,24/11/2026,8h,7h,\nminh,25\n"
    )
    assert (report.planned, report.rejected) == (2, 4)
    assert report.rejected_path is not None
    with report.rejected_path.open(encoding="utf-8-sig", newline="") as file:
        head, *written = csv.reader(file)
    assert head == ["rejected_line", "rejected_field", "rejected_reason", *HEAD.split(",")]
    assert [row[:2] for row in written] == [["5", "agent"], ["6", "day"], ["7", "ends"], ["8", ""]]
    assert written[0][2] == "không có nhân viên đang làm việc với tên đăng nhập nobody"
    assert written[1][2] == "ca của người này trong ngày này đã ở dòng 2"
    mended = f"{','.join(head)}\n7,ends,why,minh,24/11/2026,8h,17h,\n"
    again = await place.load(mended)
    assert (again.planned, again.rejected) == (1, 0)


async def test_a_file_that_is_no_roster_changes_nothing(place: Place) -> None:
    with pytest.raises(Invalid, match="missing: ends"):
        await place.load("agent,day,starts\nminh,23/11/2026,08:00\n")


async def test_the_dialer_is_told_who_leaves_when(place: Place) -> None:
    await place.load(FIRST)
    minute = 60_000
    noon = NOW + 110 * minute  # it is ten past ten
    told = await PostgresRoster(place.database).absences(NOW)
    assert told[place.minh] == [
        Absence(noon, noon + 60 * minute),
        Absence(noon + 180 * minute, noon + 195 * minute),
        Absence(noon + 300 * minute, noon + 330 * minute),
    ]
    assert told[place.lan] == [Absence(noon, noon + 30 * minute)]
    async with place.database.reading() as session:
        later = START + timedelta(hours=2, minutes=30)
        assert list(await roster.absences(session, later)) == [place.minh]
        assert await roster.absences(session, later + timedelta(days=2)) == {}


async def test_a_correction_is_on_the_trail_and_the_second_of_two_is_refused(place: Place) -> None:
    await place.plan("08:00", "17:00", "12:00-13:00")
    with pytest.raises(Conflict):
        await place.plan("09:00", "17:00")
    await place.plan("09:00", "17:00", version=1)
    await place.plan("", "", version=2)
    told = await place.rows("SELECT before, after FROM audit_events WHERE verb = 'planned'")
    day = {"day": "2026-11-23"}
    assert len(told) == 3
    assert (
        {**day, "shift": None},
        {**day, "shift": "08:00-17:00", "breaks": "12:00-13:00"},
    ) in told
    assert ({**day, "shift": "09:00-17:00", "breaks": ""}, {**day, "shift": None}) in told
    await place.plan("", "")  # it is off already
    assert len(await place.rows("SELECT 1 FROM audit_events")) == 3


async def test_what_is_no_shift_is_refused_in_both_languages(place: Place) -> None:
    with pytest.raises(Unplannable) as refused:
        await place.plan("17:00", "08:00")
    assert refused.value.field == "ends"
    assert refused.value.sentence == "A shift ends after it starts, on the same day."
    assert refused.value.sentence_vi.startswith("Ca phải kết thúc")


async def test_shifts_are_kept_as_instants_of_the_organisations_wall(place: Place) -> None:
    await place.plan("08:00", "24:00")
    ((starts, ends),) = await place.rows("SELECT starts_at, ends_at FROM shifts")
    assert (starts, ends) == (
        datetime(2026, 11, 23, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 17, tzinfo=UTC),
    )


async def test_the_command_says_what_it_did_and_where_refused_rows_stand(
    place: Place, database_url: str, redis_url: str
) -> None:
    file = place.folder / "week.csv"
    file.write_text(FIRST + "nobody,23/11/2026,08:00,17:00,\n", encoding="utf-8")
    with House(database_url, redis_url, place.folder / "house") as house:
        rehearsed = house.paceline("roster", "import", str(file), "--dry-run").stdout
        told = house.paceline("roster", "import", str(file), "--language", "en").stdout
        again = house.paceline("roster", "import", str(file)).stdout
    assert rehearsed.startswith("4 rows: 2 would be planned, 1 as they were.")
    assert told.startswith("4 rows: 2 planned, 1 as they were.\n1 rows rejected.")
    assert str(file.with_name("rejected.csv")) in told
    assert again.startswith("4 rows: nothing has changed, 3 as they were.")
