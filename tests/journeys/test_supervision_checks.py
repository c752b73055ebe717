"""Between an agent and who leads him, in real browsers: AD18 (coach text below the bar), help, orders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from redis.asyncio import Redis

from realtime.broker import Card, encode_value
from realtime.broker_redis import RedisBroker
from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, open_desk, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
LEAD = "phuc"
LONG = ("Chị đang vội: xác nhận số tiền trước, rồi mới hỏi ngày. " * 6)[:280]

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(floor: Floor) -> Floor:
    """A floor whose campaign has customers for the whole module, and a team lead."""
    floor.load_people(60)
    await floor.hire(LEAD, role="TEAM_LEAD")
    await floor.open_campaign(lines=1)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(busy: Floor, chromium: Browser) -> AsyncIterator[Desk]:
    async with sit_down(busy, chromium, busy.agent) as window:
        yield await open_desk(busy, window)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lead(busy: Floor, chromium: Browser) -> AsyncIterator[Desk]:
    """The team lead's wall; his deeds are done by address, as its buttons do them."""
    async with sit_down(busy, chromium, LEAD) as window:
        page = await window.new_page()
        await page.goto(f"{busy.address}/wall")
        yield Desk(busy, page)


def agent_path(floor: Floor, deed: str) -> str:
    """What is done to the agent."""
    return f"/agents/{floor.users[floor.agent]}/{deed}"


async def box(desk: Desk, part: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a part."""
    found = await desk.at(part).bounding_box()
    assert found is not None, part
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


async def is_apart(desk: Desk, one: str, other: str) -> bool:
    """Whether two parts cover no common place."""
    a, b = await box(desk, one), await box(desk, other)
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


async def test_ad18_a_message_stands_below_the_bar_and_never_over_the_customer(
    busy: Floor, desk: Desk
) -> None:
    """An injected card: whatever puts it there, the page shows it."""
    await desk.take_call()
    before = await box(desk, "zone-a")
    redis = Redis.from_url(busy.house.redis_url)
    broker = RedisBroker(busy.house.redis_url, redis)
    value = {"id": "x1", "by": "Linh", "text": LONG, "at": busy.clock.now_ms()}
    channel = f"agent:{busy.users[busy.agent]}"
    await broker.publish(channel, [Card("coach:x1", encode_value(value))])
    await expect(desk.at("coach")).to_be_visible(timeout=SOON)
    await expect(desk.at("coach-text")).to_have_text(LONG)
    await shoot(desk.page, "ad18")
    assert (await box(desk, "coach"))[1] >= (await box(desk, "status-bar"))[3]
    assert await is_apart(desk, "coach", "zone-a")
    await desk.page.keyboard.press("Alt+V")  # what does not fit is opened first
    await expect(desk.at("coach-whole")).to_be_visible()
    assert await is_apart(desk, "coach-whole", "zone-a")
    assert await box(desk, "zone-a") == before
    await shoot(desk.page, "ad18-whole")
    await broker.publish(channel, [Card("coach:x1", None)])
    await expect(desk.at("coach")).to_have_count(0, timeout=SOON)
    assert await box(desk, "zone-a") == before
    await broker.close()
    await redis.aclose()
    await desk.settle()


async def test_mo4_a_team_leads_message_is_read_at_a_key(
    busy: Floor, desk: Desk, lead: Desk
) -> None:
    await lead.page.get_by_test_id("view-agents").click()
    await lead.page.locator(f"[data-user='{busy.users[busy.agent]}']").first.focus()
    await lead.page.keyboard.press("Enter")
    await lead.at("message-text").fill("Chậm lại nhé")
    await shoot(lead.page, "agent-dialog")
    await lead.at("message-send").click()
    await expect(desk.at("coach-text")).to_have_text("Chậm lại nhé", timeout=SOON)
    await desk.page.keyboard.press("Alt+V")
    await expect(desk.at("coach")).to_have_count(0, timeout=SOON)
    (row,) = await busy.until("SELECT sent_at, seen_at FROM coach_messages WHERE seen_at > sent_at")
    assert row["seen_at"] > row["sent_at"]


@pytest.mark.req("S0a-015")
async def test_help_is_called_at_a_key_and_the_agent_sees_who_comes(
    busy: Floor, desk: Desk, lead: Desk
) -> None:
    await desk.page.keyboard.press("Alt+A")
    await expect(desk.at("help-menu")).to_be_visible()
    await shoot(desk.page, "help-menu")
    await desk.page.keyboard.press("KeyA")
    await expect(desk.at("help-chip")).to_be_visible(timeout=SOON)
    await expect(lead.at("request")).to_contain_text("Khách lăng mạ", timeout=SOON)
    await expect(lead.at("lead-said")).to_contain_text("Khách lăng mạ")
    loud = lead.page.locator("[role=alert]").filter(has_text="Khách lăng mạ")
    await expect(loud).to_have_count(0)  # WB12: only critical alerts interrupt
    await lead.page.get_by_test_id("view-agents").click()
    await expect(lead.at("help")).to_be_visible(timeout=SOON)
    await shoot(lead.page, "lead-strip")
    await lead.at("request-take").click()
    await expect(desk.at("help-chip")).to_have_attribute("data-by", LEAD, timeout=SOON)
    await shoot(desk.page, "help-coming")
    await lead.at("request-close").click()
    await expect(desk.at("help-chip")).to_have_count(0, timeout=SOON)
    await expect(lead.at("lead-strip")).to_have_count(0, timeout=SOON)

    await desk.page.keyboard.press("Alt+A")
    await desk.page.keyboard.press("Enter")
    await expect(desk.at("help-chip")).to_be_visible(timeout=SOON)
    await desk.page.wait_for_timeout(520)  # the key is held back for half a second
    await desk.page.keyboard.press("Alt+A")
    await expect(desk.at("help-chip")).to_have_count(0, timeout=SOON)
    await busy.until("SELECT result FROM floor_requests WHERE result = 'WITHDRAWN'")


async def test_a_break_that_was_ordered_in_a_call_names_who_and_cannot_be_taken_back(
    busy: Floor, desk: Desk, lead: Desk
) -> None:
    await desk.take_call()
    assert await lead.post(agent_path(busy, "break"), {"reason": "MEETING"}) == 200
    await expect(desk.at("pending")).to_contain_text(LEAD, timeout=SOON)
    await desk.page.keyboard.press("Alt+R")
    await desk.page.keyboard.press("Escape")
    await desk.choose("9")
    await desk.hang_up()
    await desk.page.keyboard.press("Control+Enter")
    await desk.in_state("PAUSED")
    await expect(desk.at("break-by")).to_contain_text(LEAD)
    await shoot(desk.page, "break-ordered")
    assert (await desk.card())["reason"] == "MEETING"


async def test_who_is_signed_out_by_his_lead_learns_by_whom(
    busy: Floor, desk: Desk, lead: Desk
) -> None:
    assert await lead.post(agent_path(busy, "sign-out"), {"why": "Hết ca"}) == 200
    await expect(desk.at("ended")).to_be_visible(timeout=SOON)
    await expect(desk.at("ended")).to_contain_text(LEAD)
    await shoot(desk.page, "signed-out")
    await busy.until(
        "SELECT 1 FROM sign_ins WHERE user_id = :user AND end_reason = 'FORCED'",
        user=busy.users[busy.agent],
    )
    await desk.page.goto(f"{busy.address}/desk")
    assert re.search("/login", desk.page.url)
