"""What opens on the wall: dialogs, an alert with its deeds, the big screen. Nothing is wrong with it.

Escape closes a dialog, and the focus is where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.desk import SOON, Desk, same_person, sit_down
from tests.support.eyes import examine
from tests.support.floor import CAMPAIGN
from tests.support.wall import Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(busy_floor: Floor, chromium: Browser, seat: Desk) -> AsyncIterator[BrowserContext]:
    async with sit_down(busy_floor, chromium, busy_floor.supervisor) as window:
        yield window


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["vi", "en"])
async def wall(
    request: pytest.FixtureRequest, busy_floor: Floor, chromium: Browser, window: BrowserContext
) -> AsyncIterator[Wall]:
    """The supervisor's wall in each language."""
    async with same_person(busy_floor, chromium, window, language=request.param) as own:
        yield await open_wall(busy_floor, own)


async def look(wall: Wall, name: str) -> list[str]:
    """What is wrong with the wall as it stands."""
    language = await wall.page.locator("html").get_attribute("lang")
    assert language
    return await examine(wall.page, f"wall-{name}", language)


async def closes(wall: Wall, dialog: str) -> None:
    """Escape closes it, and the focus is back on what opened it."""
    await wall.page.keyboard.press("Escape")
    await expect(wall.at(dialog)).to_be_hidden()
    focused = await wall.page.evaluate("document.activeElement !== document.body")
    assert focused, f"{dialog} loses the focus"


async def test_a_campaigns_numbers(wall: Wall) -> None:
    await wall.show("campaigns")
    await wall.campaign(CAMPAIGN).get_by_test_id("tune").press("Enter")
    await expect(wall.at("tune-dialog")).to_be_visible(timeout=SOON)
    found = await look(wall, "tune")
    await closes(wall, "tune-dialog")
    await wall.campaign(CAMPAIGN).get_by_test_id("pause").press("Enter")
    await expect(wall.at("tune-dialog")).to_be_visible()
    found += await look(wall, "pause")
    await closes(wall, "tune-dialog")
    assert found == []


async def test_the_limits_of_the_floor(wall: Wall) -> None:
    await wall.at("thresholds").press("Enter")
    await expect(wall.at("threshold-form")).to_be_visible(timeout=SOON)
    row = wall.page.locator('[data-testid=threshold][data-name="HELD"]')
    await row.get_by_test_id("threshold-amber").fill("500")
    await wall.at("thresholds-save").press("Enter")
    await expect(wall.at("thresholds-refused")).to_be_visible(timeout=SOON)
    found = await look(wall, "thresholds")
    await closes(wall, "threshold-form")
    assert found == []


async def test_one_agent(busy_floor: Floor, wall: Wall) -> None:
    await wall.open_agent(busy_floor.users[busy_floor.agent])
    await expect(wall.at("agent-dialog")).to_be_visible(timeout=SOON)
    found = await look(wall, "agent")
    await closes(wall, "agent-dialog")
    assert found == []


async def test_all_dialing_stopped_an_alert_and_the_big_screen(
    busy_floor: Floor, wall: Wall
) -> None:
    row = await busy_floor.one("SELECT id FROM campaigns WHERE name = :name", name=CAMPAIGN)
    stop = {"campaign": str(row["id"]), "reason": "drill"}
    assert await wall.post("/wall/stop", stop) == 200
    await wall.show("campaigns")
    await expect(wall.at("resume")).to_be_visible(timeout=SOON)
    found = await look(wall, "stopped")
    await wall.at("resume").press("Enter")
    found += await look(wall, "resume")
    await wall.page.keyboard.press("Escape")
    await wall.show("alerts")
    alert = wall.alert("CAMPAIGN_STOPPED")
    await expect(alert).to_have_count(1, timeout=SOON)
    await alert.focus()
    await wall.page.keyboard.press("s")
    await expect(wall.at("shelve-15")).to_be_focused()
    found += await look(wall, "shelve")
    await wall.page.keyboard.press("Escape")
    await wall.page.goto(f"{busy_floor.address}/wall?view=tv")
    await expect(wall.root).to_have_attribute("data-state", "LIVE", timeout=SOON)
    found += await look(wall, "tv")
    await wall.page.goto(f"{busy_floor.address}/wall?view=campaigns")
    await expect(wall.root).to_have_attribute("data-state", "LIVE", timeout=SOON)
    assert await wall.post("/wall/resume", {**stop, "reason": "Đã kiểm tra"}) == 200
    assert found == []
