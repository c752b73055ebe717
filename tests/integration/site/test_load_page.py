"""The page of load tests: a real run, judged by a limit that cannot be held, beside Locust's own CSV.

Checks LD1 (a broken limit is a FAIL), LD2 (the page says what the CSV says), LD3 (refused where people work).
"""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.loadruns import store
from app.loadruns.jobs import Leading
from tests.integration.site.conftest import signed_in
from tests.support.clock import SetClock
from tests.support.rows import an_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.main import Site
    from tests.support.browser import Browser

ASKED: dict[str, Any] = {
    "scenario": "floor", "agents": 100, "pace": "brisk", "seconds": 20, "calls_per_second": None,
    "storm_pct": 0, "slow_pct": 0,
    "limits": {"pop_p95": 1, "pop_p99": 60000, "pop_max": 60000, "ack_p95": 60000, "back": 60000},
}  # fmt: skip
SMALL = {"agents": 6, "seconds": 12}

pytestmark = [pytest.mark.req("P0-007"), pytest.mark.timeout(400)]


@pytest_asyncio.fixture(loop_scope="session")
async def tester(site: Site, database: Database) -> AsyncIterator[Browser]:
    async with database.writing() as session:
        await session.execute(text("DELETE FROM load_run_files"))
        await session.execute(text("DELETE FROM load_runs"))
    async with signed_in(site, "load_tester") as browser:
        yield browser
    async with database.writing() as session:
        await session.execute(text("DELETE FROM load_run_files"))
        await session.execute(text("DELETE FROM load_runs"))


async def ask_for(database: Database, clock: SetClock, who: UUID, **changes: Any) -> UUID:
    """A run, smaller than the page lets one be."""
    run = an_id()
    row = {"id": run, "asked": ASKED | changes, "asked_by": who, "asked_at": clock.now()}
    async with database.writing() as session:
        await store.add(session, row)
    return run


async def look(tester: Browser, path: str) -> str:
    """The page as a person's browser asks for it."""
    return (await tester.get(path, Accept="text/html")).text


async def state_of(database: Database, run: UUID) -> str:
    async with database.reading() as session:
        found = await store.find(session, run)
    assert found is not None
    return found.state


@pytest.mark.req("P0-006")
async def test_ld1_ld2_a_run_breaks_its_limit_and_says_what_locust_wrote(
    tester: Browser, database: Database, users: dict[str, UUID]
) -> None:
    clock = SetClock(seed=5)
    run = await ask_for(database, clock, users["load_tester"], **SMALL)
    leading, seen = Leading(database, clock, os.environ), set()
    while (state := await state_of(database, run)) in {"WAITING", "RUNNING"}:
        await leading.turn()
        page = await look(tester, f"/load/{run}")
        seen |= set(re.findall(r'data-testid="(load-stage|tile-sockets|load-stop)"', page))
        await asyncio.sleep(0.5)
    assert state == "DONE"
    assert seen == {"load-stage", "tile-sockets", "load-stop"}
    page = await look(tester, f"/load/{run}")
    assert 'data-held="no"' in re.findall(r'<span class="load-state[^>]*>', page, re.DOTALL)[0]
    broken = re.findall(r'<li data-held="no" data-testid="verdict-(\w+)"', page)
    assert broken == ["pop_95"]
    stats = (await tester.get(f"/load/{run}/files/stats.csv")).text
    told = {row["Name"]: row for row in csv.DictReader(io.StringIO(stats))}
    assert int(told["assigned to received"]["Request Count"]) > 0
    for name, row in told.items():
        if name != "Aggregated":
            shown = re.search(f'<tr data-name="{name}">(.*?)</tr>', page, re.DOTALL)
            assert shown is not None, name
            cells = re.findall(r'<td class="num">([\d.]+)</td>', shown[1])
            columns = ("Request Count", "Failure Count", "50%", "95%", "99%", "100%")
            assert cells == [row[column] for column in columns], name
    report = await tester.get(f"/load/{run}/files/report.html")
    assert report.headers["Content-Disposition"] == 'attachment; filename="load-report.html"'
    assert "assigned to received" in report.text


async def test_ld3_where_people_work_no_load_test_is_run(
    tester: Browser, database: Database
) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE organisations SET demo = false"))
    try:
        refused = await tester.post("/load", ASKED)
        page = await look(tester, "/load")
    finally:
        async with database.writing() as session:
            await session.execute(text("UPDATE organisations SET demo = true"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "LOAD_NOT_HERE")
    assert 'data-testid="load-refused"' in page
    assert 'data-testid="load-form"' not in page


async def test_one_runs_at_a_time_and_is_stopped_by_who_looks_at_it(
    tester: Browser, database: Database
) -> None:
    begun = await tester.post("/load", ASKED)
    assert begun.status_code == 200, begun.text
    address = begun.json()["next"]
    second = await tester.post("/load", ASKED)
    assert second.json()["error"]["code"] == "LOAD_RUNNING"
    assert (await tester.post(f"{address}/stop", {})).status_code == 200
    assert (await tester.post(f"{address}/stop", {})).json()["error"]["code"] == "LOAD_NOT_RUNNING"
    async with database.reading() as session:
        verbs = await session.scalars(
            text("SELECT verb FROM audit_events WHERE entity = 'load_run' ORDER BY at, id")
        )
        assert list(verbs)[-2:] == ["started", "stopped"]


async def test_a_number_out_of_bounds_is_named(tester: Browser) -> None:
    for changes, field in (
        ({"agents": 99}, "agents"),
        ({"limits": {"pop_p95": 0}}, "limits.pop_p95"),
    ):
        told = (await tester.post("/load", ASKED | changes)).json()["error"]
        assert (told["code"], told["field"]) == ("LOAD_BOUNDS", field)


async def test_a_run_whose_process_fell_silent_is_given_up(
    database: Database, users: dict[str, UUID], tester: Browser
) -> None:
    clock = SetClock(seed=6)
    run = await ask_for(database, clock, users["load_tester"])
    async with database.writing() as session:
        await store.change(session, run, {"state": "RUNNING", "beat_at": clock.now()})
    clock.advance(seconds=61)
    await Leading(database, clock, os.environ).turn()
    assert await state_of(database, run) == "FAILED"
    page = await look(tester, f"/load/{run}")
    assert 'data-testid="load-fault"' in page


async def test_what_ends_without_a_result_leaves_its_last_words(
    database: Database, users: dict[str, UUID], tester: Browser
) -> None:
    clock = SetClock(seed=7)
    run = await ask_for(database, clock, users["load_tester"], scenario="floor")
    leading = Leading(
        database, clock, {**os.environ, "PYTHONHOME": "/nowhere"}
    )  # Python itself ends
    while await state_of(database, run) in {"WAITING", "RUNNING"}:
        await leading.turn()
        await asyncio.sleep(0.1)
    assert await state_of(database, run) == "FAILED"
    async with database.reading() as session:
        found = await store.find(session, run)
    assert found is not None
    assert found.fault
    assert "load-fault" in await look(tester, f"/load/{run}")
