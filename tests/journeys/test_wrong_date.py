"""A machine whose date is an hour wrong shows what a right one shows (X6, X15): the wall, breaks, call backs."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.desk import SOON, open_desk, sit_down
from tests.support.floor import CAMPAIGN
from tests.support.skew import skewed
from tests.support.wall import open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page

    from tests.support.floor import Floor
    from tests.support.wall import Wall

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
WRONG = pytest.mark.parametrize("hours", [-1, 1])
OFFSET_S = 7 * 3600  # of the business's zone
QUARTER_S = 900
FRESH_S = 120
APART_S = 5  # two pages are read one after the other, on a machine that may be slow
SPANS = "[...document.querySelectorAll('ticking-time')].map((node) => node.textContent)"
TIME = re.compile(r"\b\d\d:\d\d\b")
SECONDS = re.compile(r"\d\d:\d\d:\d\d")

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def right(busy_floor: Floor, chromium: Browser) -> AsyncIterator[Wall]:
    """The wall on a machine whose date is right; an agent is on a break, and a campaign is stopped."""
    async with (
        sit_down(busy_floor, chromium, busy_floor.agent) as seat,
        sit_down(busy_floor, chromium, busy_floor.supervisor) as window,
    ):
        await open_desk(busy_floor, seat)
        wall = await open_wall(busy_floor, window)
        row = await busy_floor.one("SELECT id FROM campaigns WHERE name = :name", name=CAMPAIGN)
        stop = {"campaign": str(row["id"]), "reason": "drill"}
        assert await wall.post("/wall/stop", stop) == 200
        yield wall
        assert await wall.post("/wall/resume", {**stop, "reason": "Đã kiểm tra"}) == 200


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def colleague(busy_floor: Floor, chromium: Browser) -> AsyncIterator[BrowserContext]:
    async with sit_down(busy_floor, chromium, busy_floor.colleague) as window:
        yield window


def seconds(span: str) -> int:
    """`1:02:09`, `12:44` in seconds."""
    total = 0
    for part in span.split(":"):
        total = total * 60 + int(part)
    return total


async def spans(page: Page) -> list[int]:
    """Every running length of time on the page, s."""
    return [seconds(each) for each in await page.evaluate(SPANS)]


@WRONG
async def test_x6_a_break_and_the_times_of_a_call_back_are_the_servers(
    busy_floor: Floor, colleague: BrowserContext, hours: int
) -> None:
    desk = await open_desk(busy_floor, colleague, skewed(hours))
    assert max(await spans(desk.page)) < FRESH_S, "the break began a moment ago"
    await desk.take_call()
    assert max(await spans(desk.page)) < FRESH_S, "the call began a moment ago"
    await desk.page.keyboard.press("Alt+K")
    await expect(desk.at("callback-form")).to_be_visible()
    first = TIME.search(await desk.at("callback-form").inner_text())
    assert first
    due = busy_floor.clock.now().timestamp() + 3600 + OFFSET_S  # the first of them is in an hour
    assert abs(due % 86_400 - seconds(f"{first[0]}:00")) < QUARTER_S, first[0]
    await desk.settle()
    await desk.page.close()


@WRONG
@pytest.mark.parametrize("view", ["floor", "campaigns", "agents", "alerts"])
async def test_x6_the_wall_of_a_wrong_date_is_the_wall_of_a_right_one(
    right: Wall, view: str, hours: int
) -> None:
    await right.show(view)
    page = await right.page.context.new_page()
    await page.add_init_script(skewed(hours))
    await page.goto(right.page.url)
    wrong = page.get_by_test_id("wall")
    await expect(wrong).to_have_attribute("data-state", "LIVE", timeout=SOON)
    for _ in range(100):  # both have had their first figures
        told, shown = await right.root.inner_text(), await wrong.inner_text()
        if still(told) == still(shown):
            break
        await asyncio.sleep(0.2)
    assert still(shown) == still(told)
    for here, there in zip(await spans(right.page), await spans(page), strict=True):
        assert abs(here - there) <= APART_S
    clocks = [await each.get_by_test_id("clock").inner_text() for each in (right.page, page)]
    here, there = (seconds(SECONDS.findall(clock)[0]) for clock in clocks)
    assert abs(here - there) <= APART_S
    await page.close()


def still(text: str) -> str:
    """What of the wall does not run: times of the day stay, seconds and delays do not."""
    calm = re.sub(r"\d\d:\d\d:\d\d|\d+:\d\d:\d\d", "…", text)
    calm = re.sub(r"\d+[.,]\d s|\d+ ms", "…", calm)
    return re.sub(r"\b0\d:\d\d\b", "…", calm)  # lengths of some minutes
