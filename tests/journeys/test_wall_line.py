"""The wall's line: cut, said, and come back without a gap or anything told twice (check X7 on the wall)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.desk import SOON, Desk, sit_down
from tests.support.floor import CAMPAIGN
from tests.support.wall import Wall
from tests.support.wire import Ear, Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(floor: Floor, chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A supervisor's, while a campaign runs."""
    floor.load_people(20)
    await floor.open_campaign()
    async with sit_down(floor, chromium, floor.supervisor) as window:
        yield window


@pytest.mark.req("P0-001", "P0-004")
async def test_x7_a_killed_socket_of_the_wall_comes_back_without_gap_or_double(
    floor: Floor, window: BrowserContext
) -> None:
    campaign = await floor.one("SELECT id FROM campaigns WHERE name = :name", name=CAMPAIGN)
    async with Wire(floor.house.port) as wire:
        page = await window.new_page()
        ear = Ear(page, "wall:campaigns")
        await page.goto(f"{wire.address}/wall?view=campaigns")
        wall, hand = Wall(floor, page), Desk(floor, page)
        await expect(wall.root).to_have_attribute("data-state", "LIVE", timeout=SOON)
        row = wall.campaign(CAMPAIGN)
        await expect(row).to_be_visible(timeout=SOON)
        for deed, state in (("pause", "PAUSED"), ("start", "RUNNING")):
            wire.cut()
            await expect(wall.at("banner")).to_be_visible(timeout=SOON)
            assert await hand.post(f"/campaigns/{campaign['id']}/{deed}") == 200
            await floor.until(
                "SELECT 1 FROM campaigns WHERE name = :name AND state = :state",
                name=CAMPAIGN, state=state,
            )  # fmt: skip
            wire.mend()
            await expect(row).to_have_attribute("data-state", state, timeout=SOON)
            await expect(wall.at("banner")).to_have_count(0, timeout=SOON)
        assert ear.sockets > 1
        assert ear.snapshots == 1, "what was missed is played again, not fetched anew"
        assert ear.gaps == []
        assert len(ear.offsets) == len(set(ear.offsets)), "nothing is told twice"
        await page.close()
