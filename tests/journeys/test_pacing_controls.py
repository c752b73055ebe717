"""Check CB7: mode, target and limit set on the wall hold at the dialer's next tick, and are audited."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import SOON, sit_down
from tests.support.floor import CAMPAIGN, ZONE
from tests.support.wall import Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wall(floor: Floor, chromium: Browser) -> AsyncIterator[Wall]:
    floor.load_people(20)
    await floor.open_campaign(CAMPAIGN)
    async with sit_down(floor, chromium, floor.supervisor) as window:
        wall = await open_wall(floor, window)
        await expect(wall.campaign(CAMPAIGN)).to_be_visible(timeout=SOON)
        yield wall


@pytest.mark.req("S0c-046")
async def test_cb7_the_dialer_goes_by_another_mode_at_its_next_tick(
    floor: Floor, wall: Wall
) -> None:
    row = wall.campaign(CAMPAIGN)
    reason = row.get_by_test_id("because")
    await expect(reason).to_have_attribute("data-code", "NO_AGENTS", timeout=SOON)
    await row.get_by_test_id("tune").click()
    await wall.at("tune-mode").select_option("MANUAL")
    await wall.at("tune-reason").fill("Họp đội 15 phút")
    await expect(wall.at("tune-summary")).to_contain_text("lần lượt → Thủ công")
    await shoot(wall.page, "wall-tune-mode-vi-light")
    await wall.at("tune-confirm").click()
    await expect(wall.at("tune-dialog")).to_be_hidden(timeout=SOON)
    await expect(reason).to_have_attribute("data-code", "MODE", timeout=2_000)  # CB7: within 2 s
    audited = await floor.one(
        "SELECT actor_id, before, after, reason FROM audit_events"
        " WHERE entity = 'campaign' AND verb = 'changed' AND actor_id IS NOT NULL"
    )
    assert audited["actor_id"] == floor.users[floor.supervisor]
    assert (audited["before"], audited["after"]) == ({"mode": "PROGRESSIVE"}, {"mode": "MANUAL"})
    assert audited["reason"] == "Họp đội 15 phút"


@pytest.mark.req("S0c-046")
async def test_target_and_limit_move_together_and_never_above_the_law(
    floor: Floor, wall: Wall
) -> None:
    row = wall.campaign(CAMPAIGN)
    await row.get_by_test_id("tune").click()
    await wall.at("tune-abandon_limit_pct").fill("1.5")
    await wall.at("tune-confirm").click()
    await expect(wall.at("tune-refused")).to_be_visible(timeout=SOON)  # the target is 2 %
    await expect(wall.at("tune-abandon_target_pct")).to_have_attribute("aria-invalid", "true")
    await wall.at("tune-abandon_target_pct").fill("1")
    await wall.at("tune-confirm").click()
    await expect(wall.at("tune-dialog")).to_be_hidden(timeout=SOON)
    await expect(row).to_contain_text("giới hạn 1,5 %", timeout=SOON)
    stored = await floor.one("SELECT id, settings FROM campaigns WHERE name = :name", name=CAMPAIGN)
    assert stored["settings"]["abandon_target_pct"] == 1.0
    assert stored["settings"]["abandon_limit_pct"] == 1.5
    path = f"/campaigns/{stored['id']}/tune"
    assert await wall.post(path, {"changes": {"abandon_limit_pct": 3.5}}) == 422
    assert await wall.post(path, {"changes": {"mode": "HARDER"}}) == 422
    assert await wall.post(path, {"changes": {"mode": 2}}) == 422
    assert await wall.post(path, {"changes": {"abandon_target_pct": "much"}}) == 422
    seen = {"changes": {"mode": "RATIO"}, "seen": {"mode": "PROGRESSIVE"}}
    assert await wall.post(path, seen) == 409  # it is MANUAL by now


async def test_a_dialer_that_ends_leaves_its_last_minute_to_be_explained(
    floor: Floor, wall: Wall
) -> None:
    await wall.page.wait_for_timeout(2_500)  # a whole second under what was set last
    at = floor.clock.now() - timedelta(seconds=1)
    assert floor.house.stop("dialer") == 0
    local = at.astimezone(ZoneInfo(ZONE))
    explain = ("pacing", "explain", CAMPAIGN, "--at", f"{local:%Y-%m-%dT%H:%M:%S}")
    told = floor.house.paceline(*explain).stdout
    assert "No line was opened: this mode dials nothing by itself." in told
    page = json.loads(floor.house.paceline(*explain, "--json").stdout)
    assert (page["mode"], page["limits"]["abandon_target_pct"]) == ("MANUAL", 1.0)
