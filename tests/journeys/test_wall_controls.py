"""What a supervisor sets from the wall: a campaign's numbers, the limits. And what a lead may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import SOON, sit_down
from tests.support.floor import CAMPAIGN, TEAM
from tests.support.wall import Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}
pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(floor: Floor) -> Floor:
    """A campaign that runs, and a team lead."""
    floor.load_people(20)
    await floor.hire("trang", role="TEAM_LEAD")
    await floor.open_campaign(CAMPAIGN)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(running: Floor, chromium: Browser) -> AsyncIterator[BrowserContext]:
    async with sit_down(running, chromium, running.supervisor) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def wall(running: Floor, window: BrowserContext) -> AsyncIterator[Wall]:
    wall = await open_wall(running, window)
    await expect(wall.campaign(CAMPAIGN)).to_be_visible(timeout=SOON)
    yield wall
    await wall.page.close()


@pytest.mark.req("S0c-046")
async def test_a_ceiling_is_lowered_by_keyboard_read_back_and_in_force_at_the_next_tick(
    running: Floor, wall: Wall
) -> None:
    row = wall.campaign(CAMPAIGN)
    await row.get_by_test_id("tune").focus()
    await wall.page.keyboard.press("Enter")
    await expect(wall.at("tune-dialog")).to_be_visible()
    await expect(wall.at("tune-confirm")).to_be_disabled()
    await wall.at("tune-ratio_ceiling-less").press("Enter")
    await expect(wall.at("tune-summary")).to_contain_text("3,0 → 2,9")
    await shoot(wall.page, "wall-tune-vi-light")
    await wall.at("tune-confirm").press("Enter")
    await expect(wall.at("tune-dialog")).to_be_hidden(timeout=SOON)
    await expect(row).to_contain_text("/ 2,9", timeout=SOON)
    audited = await running.one(
        "SELECT actor_id, before, after FROM audit_events"
        " WHERE entity = 'campaign' AND verb = 'changed' AND actor_id IS NOT NULL"
    )
    assert audited["actor_id"] == running.users[running.supervisor]
    assert (audited["before"], audited["after"]) == ({"ratio_ceiling": 3.0}, {"ratio_ceiling": 2.9})


async def test_numbers_are_not_set_over_somebody_elses(running: Floor, wall: Wall) -> None:
    campaign = await running.one("SELECT id FROM campaigns WHERE name = :name", name=CAMPAIGN)
    path = f"/campaigns/{campaign['id']}/tune"
    body = {"changes": {"wrapup_s": 25}, "seen": {"wrapup_s": 29}}
    assert await wall.post(path, body) == 409
    assert await wall.post(path, {"changes": {"lines": 900}}) == 422
    assert await wall.post(path, {"changes": {"ratio_ceiling": 9}}) == 422
    assert await wall.post(path, {"changes": {}}) == 422


async def test_a_pause_is_confirmed_and_taken_back(running: Floor, wall: Wall) -> None:
    row = wall.campaign(CAMPAIGN)
    await row.get_by_test_id("pause").click()
    await wall.page.keyboard.press("Escape")
    await expect(wall.at("tune-dialog")).to_be_hidden()
    await row.get_by_test_id("pause").click()
    await wall.at("tune-confirm").click()
    await expect(row).to_have_attribute("data-state", "PAUSED", timeout=SOON)
    await row.get_by_test_id("start").click()
    await wall.at("tune-confirm").click()
    await expect(row).to_have_attribute("data-state", "RUNNING", timeout=SOON)


async def test_limits_are_set_for_everybody_and_refused_with_their_field(
    running: Floor, wall: Wall
) -> None:
    await wall.at("thresholds").click()
    row = wall.page.locator('[data-testid=threshold][data-name="HELD"]')
    await row.get_by_test_id("threshold-amber").fill("500")
    await shoot(wall.page, "wall-thresholds-vi-light")
    await wall.at("thresholds-save").click()
    await expect(wall.at("thresholds-refused")).to_be_visible(timeout=SOON)
    await expect(row.get_by_test_id("threshold-red")).to_have_attribute("aria-invalid", "true")
    await row.get_by_test_id("threshold-amber").fill("45")
    await wall.at("thresholds-save").click()
    await expect(wall.at("threshold-form")).to_be_hidden(timeout=SOON)
    await expect_held(wall, 45)
    stored = await running.one("SELECT name, numbers FROM alert_numbers")
    assert (stored["name"], stored["numbers"]["amber"]) == ("HELD", 45)
    await wall.at("thresholds").click()
    await row.get_by_test_id("threshold-reset").click()
    await expect_held(wall, 60)
    audited = await running.all("SELECT verb FROM audit_events WHERE entity = 'threshold'")
    assert len(audited) == 2


async def expect_held(wall: Wall, seconds: int) -> None:
    """The page goes by this limit."""
    for _ in range(100):
        told = await wall.page.evaluate(
            "document.querySelector('wall-board').wall.settings.HELD.amber"
        )
        if told == seconds:
            return
        await wall.page.wait_for_timeout(100)
    raise AssertionError(f"the wall still goes by {told}")


@pytest.mark.req("S0c-002")
async def test_a_lead_sees_no_controls_and_is_refused_by_address(
    running: Floor, chromium: Browser
) -> None:
    campaign = await running.one("SELECT id FROM campaigns WHERE name = :name", name=CAMPAIGN)
    async with sit_down(running, chromium, "trang") as own:
        wall = await open_wall(running, own)
        await expect(wall.campaign(CAMPAIGN)).to_be_visible(timeout=SOON)
        for control in ("tune", "pause", "stop", "thresholds"):
            await expect(wall.at(control)).to_have_count(0)
        assert await wall.post(f"/campaigns/{campaign['id']}/tune", {"changes": {}}) == 403
        assert await wall.post("/alerts/numbers", {"name": "HELD", "numbers": None}) == 403
        served = await own.request.get(f"{running.address}/wall/snapshot")
        channels = (await served.json())["channels"]
        team = await running.one("SELECT id FROM teams WHERE name = :name", name=TEAM)
        assert set(channels) == {f"wall:campaigns:{team['id']}", f"wall:team:{team['id']}"}
