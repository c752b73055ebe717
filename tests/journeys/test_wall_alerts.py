"""Alerts in a real browser: WB10 (repeats, seen, put aside), WB12 (what is said aloud), WB8 (a lead's own)."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.support.chromium import shoot
from tests.support.desk import SOON, sit_down
from tests.support.floor import CAMPAIGN
from tests.support.wall import Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}
STOPPED = "CAMPAIGN_STOPPED"
STALE = "DIALER_STALE"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaign(floor: Floor) -> UUID:
    """A campaign of one team, whose lead is Trang; Khoa leads another."""
    floor.load_people(20)
    await floor.hire("trang", role="TEAM_LEAD")
    await floor.hire("khoa", role="TEAM_LEAD", team="Đội Hai")
    await floor.open_campaign(CAMPAIGN)
    row = await floor.one("SELECT id FROM campaigns WHERE name = :name", name=CAMPAIGN)
    identifier: UUID = row["id"]
    return identifier


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(floor: Floor, chromium: Browser, campaign: UUID) -> AsyncIterator[BrowserContext]:
    async with sit_down(floor, chromium, floor.supervisor) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def wall(floor: Floor, window: BrowserContext) -> AsyncIterator[Wall]:
    wall = await open_wall(floor, window, "view=floor")
    yield wall
    await wall.page.close()


async def stop(wall: Wall, campaign: UUID) -> None:
    assert await wall.post("/wall/stop", {"campaign": str(campaign), "reason": "drill"}) == 200


async def resume(wall: Wall, campaign: UUID) -> None:
    body = {"campaign": str(campaign), "reason": "Đã kiểm tra"}
    assert await wall.post("/wall/resume", body) == 200


@pytest.mark.req("P0-004", "S0c-027")
async def test_wb10_an_alert_that_repeats_is_one_row_seen_and_put_aside_by_key(
    floor: Floor, wall: Wall, campaign: UUID
) -> None:
    alert = wall.alert(STOPPED)
    await stop(wall, campaign)
    await expect(alert).to_have_count(1, timeout=SOON)
    await expect(alert.get_by_test_id("alert-count")).to_have_count(0)
    await resume(wall, campaign)
    await expect(alert).to_have_count(0, timeout=SOON)
    await stop(wall, campaign)
    await expect(alert).to_have_count(1, timeout=SOON)
    await expect(alert.get_by_test_id("alert-count")).to_have_text("×2")
    await expect(alert.get_by_test_id("alert-text")).to_have_text(f"{CAMPAIGN}: quay số bị dừng")
    await shoot(wall.page, "wall-alert-vi-light")

    press = wall.page.keyboard.press
    await alert.focus()
    await press("a")
    await expect(alert).to_have_attribute("data-state", "ACKED", timeout=SOON)
    await expect(alert).to_contain_text("đã xem")
    await alert.focus()
    await press("s")
    await expect(wall.at("shelve-15")).to_be_focused()
    await press("Enter")
    await expect(alert).to_have_count(0, timeout=SOON)
    await press("Alt+4")
    await expect(alert).to_have_attribute("data-state", "SHELVED", timeout=SOON)
    await shoot(wall.page, "wall-alerts-shelved-vi-light")
    deeds = await floor.all("SELECT verb, actor_id FROM audit_events WHERE entity = 'alert'")
    assert sorted(deed["verb"] for deed in deeds) == ["acknowledged", "shelved"]
    assert {deed["actor_id"] for deed in deeds} == {floor.users[floor.supervisor]}

    async with floor.database.writing() as session:  # a quarter of an hour later
        await session.execute(
            text("UPDATE alerts SET shelved_until = last_at, version = version + 1")
        )
    await expect(alert).to_have_attribute("data-state", "ACTIVE", timeout=SOON)
    await resume(wall, campaign)
    await expect(alert).to_have_count(0, timeout=SOON)


async def test_wb12_only_what_is_critical_is_said_aloud_and_sounds_until_it_is_seen(
    floor: Floor, wall: Wall, campaign: UUID
) -> None:
    said, sound = wall.at("alert-said"), wall.at("sound")
    await expect(said).to_have_attribute("role", "alert")
    await sound.click()
    await stop(wall, campaign)
    await expect(wall.alert(STOPPED)).to_have_count(1, timeout=SOON)
    await expect(said).to_have_text("")
    await resume(wall, campaign)

    dialer = floor.house.running["dialer"]
    dialer.send_signal(signal.SIGSTOP)
    try:
        await expect(wall.alert(STALE)).to_have_count(1, timeout=SOON)
        await expect(said).to_contain_text("Máy quay số không báo số liệu", timeout=SOON)
        await expect(sound).to_have_attribute("data-sounding", "1")
        await expect(wall.at("stale")).to_be_visible()
        await wall.alert(STALE).get_by_test_id("alert-ack").click()
        await expect(sound).to_have_attribute("data-sounding", "0", timeout=SOON)
        live = await wall.page.locator("[role=alert]").count()
        assert live == 1, "lists and figures are silent"
    finally:
        dialer.send_signal(signal.SIGCONT)
    await expect(wall.alert(STALE)).to_have_count(0, timeout=SOON)
    await sound.click()


@pytest.mark.req("S0c-002")
async def test_wb8_a_lead_sees_alerts_of_his_own_team_and_handles_no_others(
    floor: Floor, chromium: Browser, wall: Wall, campaign: UUID
) -> None:
    await stop(wall, campaign)
    await expect(wall.alert(STOPPED)).to_have_count(1, timeout=SOON)
    identifier = await wall.alert(STOPPED).get_attribute("data-id")
    async with (
        sit_down(floor, chromium, "trang") as concerned,
        sit_down(floor, chromium, "khoa") as stranger,
    ):
        hers = await open_wall(floor, concerned, "view=alerts")
        await expect(hers.alert(STOPPED)).to_have_count(1, timeout=SOON)
        await expect(hers.at("alert-ack")).to_have_count(0)  # the campaign is not hers alone
        his = await open_wall(floor, stranger, "view=alerts")
        await expect(his.at("alerts-empty")).to_be_visible(timeout=SOON)
        for lead in (hers, his):
            assert await lead.post(f"/alerts/{identifier}/ack", {}) == 403
            assert await lead.post(f"/alerts/{identifier}/shelve", {"minutes": 15}) == 403
    await resume(wall, campaign)
