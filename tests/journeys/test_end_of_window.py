"""The main journey at 20:59:50: dialing ends at 21:00:00, says so, and a live call may finish."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from app.clock import Clock
from app.people import service as people
from tests.support.floor import ZONE, at_ten, open_floor
from tests.support.sitting import SOON, open_wall, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.floor import Floor
    from tests.support.house import House

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}  # customers who talk for 25 s
CLOSING = time(21)
BEFORE = timedelta(seconds=75)  # to sign in and be in calls; the page itself gets ready at 20:59:50
READY_BEFORE = timedelta(seconds=10)
LEGAL = [{"from": "07:00", "to": "21:00"}]
BOTS = 5
TO_THE_END = 150_000.0  # ms of patience until the window has closed

pytestmark = pytest.mark.timeout(300)


def closing_of(clock: Clock) -> datetime:
    """The end of that working day's legal hours."""
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    return datetime.combine(today, CLOSING, ZoneInfo(ZONE)).astimezone(UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(house: House) -> AsyncIterator[Floor]:
    """A floor that is set up in the morning and opens its doors shortly before nine in the evening."""
    async with open_floor(house, at_ten(), start=()) as floor:
        floor.load_people(300)
        await floor.open_campaign(windows=LEGAL)
        late = closing_of(floor.clock) - BEFORE
        offset_ms = round((late - datetime.now(UTC)).total_seconds() * 1000)
        async with floor.database.writing() as session:
            (await people.organisation(session)).clock_offset_ms = offset_ms
        floor.clock = Clock(offset_ms)
        house.start("web", "dialer", "worker")
        yield floor


@pytest.mark.req("S0b-012")
async def test_dialing_ends_with_the_legal_hours_and_everybody_is_told(
    floor: Floor, chromium: Browser
) -> None:
    closes = closing_of(floor.clock)
    await floor.open_crowd(BOTS)
    seat = await sit_down(floor, chromium, floor.agent)
    wall = await open_wall(floor, chromium)
    row = wall.get_by_test_id("campaign")
    await expect(row).to_have_attribute("data-state", "RUNNING", timeout=SOON)
    await floor.until("SELECT 1 FROM calls WHERE connected_at IS NOT NULL")
    assert floor.clock.now() < closes, "the floor was at work before its hours ended"

    await asyncio.sleep((closes - READY_BEFORE - floor.clock.now()).total_seconds())
    await seat.ready()

    await expect(row).to_have_attribute("data-state", "WINDOW_CLOSED", timeout=TO_THE_END)
    said = floor.clock.now()
    assert timedelta(0) <= said - closes < timedelta(seconds=5)
    await expect(row.get_by_test_id("because")).to_have_attribute("data-code", "WINDOW_CLOSED")
    # Whoever is still speaking at nine finishes, and only then does the page have nothing to wait for.
    if await seat.root.get_attribute("data-known") in {"RESERVED", "IN_CALL", "WRAP_UP"}:
        await seat.finish()
    await seat.reach("READY")
    await expect(seat.part("waiting-for")).to_have_attribute(
        "data-code", "WINDOW_CLOSED", timeout=SOON
    )
    await expect(seat.part("waiting-for")).to_contain_text("ngoài giờ gọi")

    await floor.nothing_left()
    assert await floor.all("SELECT 1 FROM calls WHERE dialing_at >= :closes", closes=closes) == []
    assert await floor.all(
        "SELECT 1 FROM attempts WHERE allowed AND at >= :closes", closes=closes
    ) == []  # fmt: skip
    finished = await floor.all(
        "SELECT cause FROM calls WHERE connected_at < :closes AND ended_at > :closes", closes=closes
    )
    assert finished, "somebody was on the line at nine"
    assert {each["cause"] for each in finished} == {"COMPLETED"}, "and was not cut off"
