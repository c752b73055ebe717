"""The line of a desk and its clock: cut, lost for long, healthy, an hour wrong (AD12, AD13, X6, X7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.desk import SOON, Desk, open_desk
from tests.support.eyes import examine
from tests.support.floor import TEAM
from tests.support.skew import HOUR_MS, skewed
from tests.support.wire import HASTY, Ear, Wire

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
WRAP_UP_SECONDS = 30
LEAD_PHONE = "+84912000111"
COUNTDOWN = re.compile(r"^(\d\d):(\d\d)$")

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """A floor whose one campaign has customers for the whole module, dialled a line at a time."""
    floor.load_people(120)
    floor.house.paceline("team", "contact", TEAM, "--lead", "linh", "--phone", LEAD_PHONE)
    await floor.open_campaign(lines=1, wrapup_s=WRAP_UP_SECONDS)
    return floor


async def open_over(floor: Floor, window: BrowserContext, wire: Wire) -> tuple[Desk, Ear]:
    """A desk at the end of a line that can be cut, at rest."""
    page = await window.new_page()
    await page.add_init_script(HASTY)
    ear = Ear(page, f"agent:{floor.users[floor.agent]}")
    await page.goto(f"{wire.address}/desk")
    desk = Desk(floor, page)
    await expect(desk.root).not_to_have_attribute("data-state", "LOADING", timeout=SOON)
    await desk.settle()
    return desk, ear


@pytest.mark.req("P0-001", "S0a-024")
async def test_ad12_a_cut_line_is_told_and_nothing_is_lost(
    busy_floor: Floor, window: BrowserContext
) -> None:
    async with Wire(busy_floor.house.port) as wire:
        desk, ear = await open_over(busy_floor, window, wire)
        call = await desk.take_call()
        await desk.page.keyboard.press("Alt+T")
        await desk.page.keyboard.type("Khách sẽ trả ")
        seen = await desk.page.evaluate("window.__rt.seq")

        wire.cut()
        banner = desk.at("banner")
        await expect(banner).to_contain_text(re.compile("lần [1-9]"), timeout=SOON)
        await expect(banner).to_contain_text("cuộc gọi vẫn tiếp tục")
        await expect(desk.at("agent-state")).to_contain_text("Lần cuối biết: Đang gọi")
        await desk.page.keyboard.type("vào thứ sáu")
        await expect(banner).to_contain_text("1 mục chờ gửi", timeout=SOON)
        assert await examine(desk.page, "desk-reconnecting", "vi") == []
        await desk.post("/desk/hangup", {"call": call})
        await busy_floor.until(
            "SELECT 1 FROM calls WHERE id = CAST(:call AS uuid) AND ended_at IS NOT NULL", call=call
        )
        wire.mend()

        await desk.in_state("WRAP_UP")
        await expect(desk.at("notice")).to_contain_text("1 mục đã gửi", timeout=SOON)
        await expect(banner).to_have_count(0)
        await expect(desk.at("note")).to_have_value("Khách sẽ trả vào thứ sáu")
        await busy_floor.until(
            "SELECT 1 FROM drafts WHERE call_id = CAST(:call AS uuid)"
            " AND body->>'note' LIKE '%vào thứ sáu'",
            call=call,
        )
        assert await desk.call() == call
        assert await desk.page.evaluate("window.__rt.seq") > seen
        assert ear.sockets > 1
        assert ear.snapshots == 1, "what was missed is played again, not fetched anew"
        assert ear.gaps == []
        await desk.settle()
        await desk.page.close()


@pytest.mark.req("P0-001")
async def test_ad13_a_healthy_line_shows_no_banner_whatever_the_browser_thinks(
    busy_floor: Floor, window: BrowserContext
) -> None:
    desk = await open_desk(
        busy_floor,
        window,
        "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false });",
    )
    assert await desk.page.evaluate("navigator.onLine") is False
    await desk.page.evaluate("dispatchEvent(new Event('offline'))")
    for _ in range(2):  # heartbeats come every five seconds
        at = await desk.page.evaluate("window.__rt.lastEventAt")
        await desk.until(f"window.__rt.lastEventAt > {at}")
    await expect(desk.at("banner")).to_have_count(0)
    await expect(desk.at("connection")).to_have_attribute("data-link", "live")
    await desk.page.close()


@pytest.mark.req("P0-001")
async def test_x7_a_killed_socket_comes_back_without_gap_or_double(
    busy_floor: Floor, window: BrowserContext
) -> None:
    async with Wire(busy_floor.house.port) as wire:
        desk, ear = await open_over(busy_floor, window, wire)
        for _ in range(2):
            wire.cut()
            await expect(desk.at("banner")).to_be_visible(timeout=SOON)
            await desk.post("/desk/pause", {"reason": "LUNCH"})
            await desk.post("/desk/pause", {"reason": "SHORT"})
            wire.mend()
            await desk.in_state("PAUSED")
            await desk.until("desk.agent.reason === 'SHORT'")
        assert ear.snapshots == 1
        assert ear.gaps == []
        assert len(ear.offsets) == len(set(ear.offsets)), "nothing is told twice"
        async with desk.in_english():
            wire.cut()
            await expect(desk.at("banner")).to_be_visible(timeout=SOON)
            found = await examine(desk.page, "desk-reconnecting", "en")
            await desk.page.evaluate("window.__ahead = 120000")
            await expect(desk.at("long-lost")).to_be_visible(timeout=SOON)
            found += await examine(desk.page, "desk-lost-for-long", "en")
            wire.mend()
        assert found == []
        await desk.page.close()


@pytest.mark.req("S0a-024")
async def test_a_line_lost_for_two_minutes_names_whom_to_ring_and_gives_the_note_out(
    busy_floor: Floor, window: BrowserContext
) -> None:
    async with Wire(busy_floor.house.port) as wire:
        desk, _ = await open_over(busy_floor, window, wire)
        await desk.take_call()
        await desk.page.keyboard.press("Alt+T")
        await desk.page.keyboard.type("Gọi lại cho vợ")
        wire.cut()
        await expect(desk.at("banner")).to_be_visible(timeout=SOON)
        await desk.page.evaluate("window.__ahead = 120000")
        lost = desk.at("long-lost")
        await expect(lost).to_be_visible(timeout=SOON)
        await expect(lost.get_by_test_id("lead-phone")).to_contain_text("0912 000 111")
        assert await examine(desk.page, "desk-lost-for-long", "vi") == []
        await window.grant_permissions(["clipboard-read", "clipboard-write"], origin=wire.address)
        await lost.get_by_text("Chép ghi chú").click()
        assert await desk.page.evaluate("navigator.clipboard.readText()") == "Gọi lại cho vợ"
        wire.mend()
        await lost.get_by_text("Thử lại ngay").click()
        await expect(lost).to_have_count(0, timeout=SOON)
        await expect(desk.at("note")).to_have_value("Gọi lại cho vợ")
        await desk.settle()
        await desk.page.close()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_x6_a_wrong_date_of_the_machine_changes_no_countdown(
    busy_floor: Floor, window: BrowserContext, hours: int
) -> None:
    desk = await open_desk(busy_floor, window, skewed(hours))
    skew = await desk.page.evaluate("Date.now()") - busy_floor.clock.now_ms()
    offset = busy_floor.clock.offset_ms
    assert abs(skew + offset - hours * HOUR_MS) < 60_000, "this browser's date is wrong"
    await desk.take_call()
    await desk.hang_up()
    shown = COUNTDOWN.match(await desk.at("wrap-countdown").inner_text())
    left_ms = (await desk.card())["deadline"] - busy_floor.clock.now_ms()
    assert shown is not None
    seconds = int(shown[1]) * 60 + int(shown[2])
    # Shown first and read afterwards: the machine may be slow, never early.
    assert -2 <= seconds - left_ms / 1000 < 8
    clock = await desk.at("clock").inner_text()
    assert business_minutes(busy_floor) - minutes_in(clock) in (0, 1), clock
    await desk.settle()
    await desk.page.close()


def minutes_in(clock: str) -> int:
    """Minutes of the day in the status bar's clock."""
    found = re.search(r"(\d\d):(\d\d)", clock)
    assert found
    return int(found[1]) * 60 + int(found[2])


def business_minutes(floor: Floor) -> int:
    """Minutes of the day by the house's own clock."""
    now = floor.clock.now().timestamp() + 7 * 3600
    return int(now // 60) % 1440


async def test_a_dialer_that_is_gone_is_told_at_the_desk_and_so_is_its_return(
    busy_floor: Floor, window: BrowserContext
) -> None:
    desk = await open_desk(busy_floor, window)
    await expect(desk.at("dialer-down")).to_have_count(0)
    busy_floor.house.stop("dialer")
    await expect(desk.at("dialer-down")).to_be_visible(timeout=SOON)
    await expect(desk.at("not-dialing")).to_contain_text("Máy quay số không chạy")
    found = await examine(desk.page, "desk-dialer-away", "vi")
    async with desk.in_english():
        await expect(desk.at("dialer-down")).to_be_visible(timeout=SOON)
        assert found + await examine(desk.page, "desk-dialer-away", "en") == []
    busy_floor.house.start("dialer")
    await expect(desk.at("dialer-down")).to_have_count(0, timeout=SOON)
    await expect(desk.at("not-dialing")).to_have_count(0)
    await desk.page.close()
