"""Between an agent and who leads him, in real browsers: AD18 (coach text below the bar), help, orders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from realtime.broker import Card, encode_value
from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk
from tests.support.floor import LEAD

if TYPE_CHECKING:
    from tests.support.floor import Floor
    from tests.support.wall import Wall

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
LONG = ("Chị đang vội: xác nhận số tiền trước, rồi mới hỏi ngày. " * 6)[:280]

pytestmark = pytest.mark.timeout(240)


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
    busy_floor: Floor, seat: Desk
) -> None:
    """An injected card: whatever puts it there, the page shows it."""
    await seat.take_call()
    before = await box(seat, "zone-a")
    redis = connect(busy_floor.house.redis_url)
    broker = RedisBroker(busy_floor.house.redis_url, redis)
    value = {"id": "x1", "by": "Linh", "text": LONG, "at": busy_floor.clock.now_ms()}
    channel = f"agent:{busy_floor.users[busy_floor.agent]}"
    await broker.publish(channel, [Card("coach:x1", encode_value(value))])
    await expect(seat.at("coach")).to_be_visible(timeout=SOON)
    await expect(seat.at("coach-text")).to_have_text(LONG)
    await shoot(seat.page, "ad18")
    assert (await box(seat, "coach"))[1] >= (await box(seat, "status-bar"))[3]
    assert await is_apart(seat, "coach", "zone-a")
    await seat.page.keyboard.press("Alt+V")  # what does not fit is opened first
    await expect(seat.at("coach-whole")).to_be_visible()
    assert await is_apart(seat, "coach-whole", "zone-a")
    assert await box(seat, "zone-a") == before
    await shoot(seat.page, "ad18-whole")
    await broker.publish(channel, [Card("coach:x1", None)])
    await expect(seat.at("coach")).to_have_count(0, timeout=SOON)
    assert await box(seat, "zone-a") == before
    await broker.close()
    await redis.aclose()
    await seat.settle()


async def test_mo4_a_team_leads_message_is_read_at_a_key(
    busy_floor: Floor, seat: Desk, lead: Wall
) -> None:
    await lead.open_agent(busy_floor.users[busy_floor.agent])
    await lead.at("message-text").fill("Chậm lại nhé")
    await shoot(lead.page, "agent-dialog")
    await lead.at("message-send").click()
    await expect(seat.at("coach-text")).to_have_text("Chậm lại nhé", timeout=SOON)
    await seat.page.keyboard.press("Alt+V")
    await expect(seat.at("coach")).to_have_count(0, timeout=SOON)
    (row,) = await busy_floor.until(
        "SELECT sent_at, seen_at FROM coach_messages WHERE seen_at > sent_at"
    )
    assert row["seen_at"] > row["sent_at"]


@pytest.mark.req("S0a-015")
async def test_help_is_called_at_a_key_and_the_agent_sees_who_comes(
    busy_floor: Floor, seat: Desk, lead: Wall
) -> None:
    await seat.page.keyboard.press("Alt+A")
    await expect(seat.at("help-menu")).to_be_visible()
    await shoot(seat.page, "help-menu")
    await seat.page.keyboard.press("KeyA")
    await expect(seat.at("help-chip")).to_be_visible(timeout=SOON)
    await expect(lead.at("request")).to_contain_text("Khách lăng mạ", timeout=SOON)
    await expect(lead.at("lead-said")).to_contain_text("Khách lăng mạ")
    loud = lead.page.locator("[role=alert]").filter(has_text="Khách lăng mạ")
    await expect(loud).to_have_count(0)  # WB12: only critical alerts interrupt
    await lead.show("agents")
    await expect(lead.at("help")).to_be_visible(timeout=SOON)
    await shoot(lead.page, "lead-strip")
    await lead.at("request-take").click()
    await expect(seat.at("help-chip")).to_have_attribute("data-by", LEAD, timeout=SOON)
    await shoot(seat.page, "help-coming")
    await lead.at("request-close").click()
    await expect(seat.at("help-chip")).to_have_count(0, timeout=SOON)
    await expect(lead.at("lead-strip")).to_have_count(0, timeout=SOON)

    await seat.page.keyboard.press("Alt+A")
    await seat.page.keyboard.press("Enter")
    await expect(seat.at("help-chip")).to_be_visible(timeout=SOON)
    await seat.page.wait_for_timeout(520)  # the key is held back for half a second
    await seat.page.keyboard.press("Alt+A")
    await expect(seat.at("help-chip")).to_have_count(0, timeout=SOON)
    await busy_floor.until("SELECT result FROM floor_requests WHERE result = 'WITHDRAWN'")


async def test_a_break_that_was_ordered_in_a_call_names_who_and_cannot_be_taken_back(
    busy_floor: Floor, seat: Desk, lead: Wall
) -> None:
    await seat.take_call()
    assert await lead.post(agent_path(busy_floor, "break"), {"reason": "MEETING"}) == 200
    await expect(seat.at("pending")).to_contain_text(LEAD, timeout=SOON)
    await seat.page.keyboard.press("Alt+R")
    await seat.page.keyboard.press("Escape")
    await seat.choose("9")
    await seat.hang_up()
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("PAUSED")
    await expect(seat.at("break-by")).to_contain_text(LEAD)
    await shoot(seat.page, "break-ordered")
    assert (await seat.card())["reason"] == "MEETING"


async def test_who_is_signed_out_by_his_lead_learns_by_whom(
    busy_floor: Floor, seat: Desk, lead: Wall
) -> None:
    assert await lead.post(agent_path(busy_floor, "sign-out"), {"why": "Hết ca"}) == 200
    await expect(seat.at("ended")).to_be_visible(timeout=SOON)
    await expect(seat.at("ended")).to_contain_text(LEAD)
    await shoot(seat.page, "signed-out")
    await busy_floor.until(
        "SELECT 1 FROM sign_ins WHERE user_id = :user AND end_reason = 'FORCED'",
        user=busy_floor.users[busy_floor.agent],
    )
    await seat.page.goto(f"{busy_floor.address}/desk")
    assert re.search("/login", seat.page.url)
