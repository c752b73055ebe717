"""Check WB4: a wall of 2,000 agents, whose cards change as a floor's do, in a real browser.

The agents are prepared as for a load test and only said to work; leader, hub and page are real. What it costs
is printed and judged by `make bench-wall`; here it is what the wall does that must hold.
"""

from __future__ import annotations

import asyncio
import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from loadtests.wall_floor import SaidFloor
from loadtests.wall_page import scroll, watch
from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.support.chromium import person, shoot
from tests.support.desk import SOON
from tests.support.floor import Floor, open_floor
from tests.support.wall import Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playwright.async_api import Browser

    from tests.support.house import House

AGENTS = 2_000
MOST_ROWS = 40  # what fits, and some above and below

pytestmark = [pytest.mark.req("S0c-052", "P0-004", "S0c-011"), pytest.mark.timeout(240)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(house: House) -> AsyncIterator[Floor]:
    async with open_floor(house, start=("web", "worker")) as floor:
        yield floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(floor: Floor) -> list[dict[str, Any]]:
    """Two thousand agents and one who watches, signed in."""
    words = ("--agents", str(AGENTS), "--viewers", "1")
    done = await asyncio.to_thread(floor.house.paceline, "loadtest", "prepare", *words)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def said(floor: Floor, crowd: list[dict[str, Any]]) -> AsyncIterator[SaidFloor]:
    users = [each["user"] for each in crowd if each["kind"] == "agent"]
    async with connect(floor.house.redis_url) as redis:
        broker = RedisBroker(floor.house.redis_url, redis)
        said = SaidFloor(broker, redis, users, Random(4), floor.clock.now_ms)
        await said.open()
        yield said


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wall(
    floor: Floor, crowd: list[dict[str, Any]], said: SaidFloor, chromium: Browser
) -> AsyncIterator[Wall]:
    """The page of the one who watches, once everybody is on it."""
    name, _, value = crowd[-1]["cookie"].partition("=")
    window = await person(chromium)
    await window.add_cookies([{"name": name, "value": value, "url": floor.address}])
    wall = await open_wall(floor, window, "view=agents")
    await expect(wall.at("agent-count")).to_have_text(re.compile(r"2[.,]000"), timeout=SOON)
    await expect(wall.page.locator("[data-doing=OFFLINE]")).to_have_count(0, timeout=SOON)
    yield wall
    await window.close()


async def test_wb4_two_thousand_agents_are_scrolled_through_while_their_cards_change(
    wall: Wall, said: SaidFloor, record_property: Callable[[str, object], None]
) -> None:
    assert await wall.at("agents").get_attribute("aria-rowcount") == str(AGENTS)
    async with said.working() as moved, watch(wall.page) as effort:
        seen = await scroll(wall.page, pixels=880)
    record_property("wb4", effort.told() | seen)
    assert moved
    assert seen["most_rows"] <= MOST_ROWS
    assert (seen["blank"], seen["misplaced"]) == (0, 0)
    last = wall.page.locator(f'[data-testid=agent][aria-rowindex="{AGENTS}"]')
    await expect(last).to_be_visible()
    await shoot(wall.page, "wall-2000-end")


async def test_wb4_the_keyboard_reaches_the_last_of_two_thousand_and_comes_back(wall: Wall) -> None:
    frame, rows = wall.at("agents"), wall.at("agent")
    await frame.evaluate("node => { node.scrollTop = 0; }")
    first = wall.page.locator('[data-testid=agent][aria-rowindex="1"]')
    await first.focus()
    await wall.page.keyboard.press("End")
    await expect(wall.page.locator(":focus")).to_have_attribute("aria-rowindex", str(AGENTS))
    await wall.page.keyboard.press("ArrowUp")
    await expect(wall.page.locator(":focus")).to_have_attribute("aria-rowindex", str(AGENTS - 1))
    await wall.page.keyboard.press("PageUp")
    at = int(await wall.page.locator(":focus").get_attribute("aria-rowindex") or 0)
    assert AGENTS - MOST_ROWS <= at < AGENTS - 4
    await wall.page.keyboard.press("Home")
    await expect(wall.page.locator(":focus")).to_have_attribute("aria-rowindex", "1")
    assert await rows.count() <= MOST_ROWS


async def test_wb4_a_search_and_a_filter_find_whoever_is_meant(wall: Wall, said: SaidFloor) -> None:
    await wall.at("sort-name").click()
    frame = wall.at("agents")
    await frame.evaluate("node => { node.scrollTop = node.scrollHeight; }")
    last = wall.page.locator(f'[data-testid=agent][aria-rowindex="{AGENTS}"]')
    name = await last.locator("b").inner_text()
    await wall.at("agent-search").fill(name.lower())
    await expect(wall.at("agent").locator("b").first).to_have_text(name)
    await wall.at("agent-search").fill("")
    resting = sum(doing == "PAUSED" for doing in said.doing.values())
    await wall.at("agent-filter").select_option("PAUSED")
    await expect(frame).to_have_attribute("aria-rowcount", str(resting), timeout=SOON)
    await wall.at("agent-filter").select_option("")
    await expect(frame).to_have_attribute("aria-rowcount", str(AGENTS))
    await wall.at("sort-doing").click()
