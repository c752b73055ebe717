"""The floor view and the campaign's controls in a real browser: WB2, WB3, WB5-WB7, WB9, WB11, WB14, big screen."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.support.chromium import shoot
from tests.support.desk import SOON, sit_down
from tests.support.floor import CAMPAIGN, TEAM
from tests.support.wall import LossyLine, Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}
BOTS = 6
OTHER_TEAM = "Đội Hai"
BRANCHES = {TEAM: "Hà Nội", OTHER_TEAM: "Cần Thơ"}

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """Bots of one branch with fewer lines than they are, so that some wait; and another branch's lead."""
    floor.load_people(300)
    await floor.hire("khoa", role="TEAM_LEAD", team=OTHER_TEAM)
    await floor.hire("other", team=OTHER_TEAM)
    async with floor.database.writing() as session:
        for team, branch in BRANCHES.items():
            await session.execute(
                text("UPDATE teams SET branch = :branch WHERE name = :team"),
                {"team": team, "branch": branch},
            )
    await floor.open_campaign(CAMPAIGN, lines=2)
    await floor.open_crowd(BOTS)
    await floor.until("SELECT 1 FROM calls WHERE connected_at IS NOT NULL AND ended_at IS NULL")
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def colleague(busy_floor: Floor, chromium: Browser) -> AsyncIterator[BrowserContext]:
    """Somebody of the other branch has signed in."""
    async with sit_down(busy_floor, chromium, "other") as window:
        yield window


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(
    busy_floor: Floor, chromium: Browser, colleague: BrowserContext
) -> AsyncIterator[BrowserContext]:
    async with sit_down(busy_floor, chromium, busy_floor.supervisor) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def wall(busy_floor: Floor, window: BrowserContext) -> AsyncIterator[Wall]:
    wall = await open_wall(busy_floor, window, "view=floor")
    yield wall
    await wall.page.close()


async def number(wall: Wall, testid: str) -> int:
    """The figure of a tile or of the strip."""
    shown = await wall.at(testid).locator(".num").first.inner_text()
    return int(re.sub(r"\D", "", shown) or 0)


async def teams(floor: Floor) -> dict[str, str]:
    return {row["name"]: str(row["id"]) for row in await floor.all("SELECT id, name FROM teams")}


async def numbers(wall: Wall, name: str, numbers: dict[str, Any] | None) -> None:
    assert await wall.post("/alerts/numbers", {"name": name, "numbers": numbers}) == 200


@pytest.mark.req("S0c-011", "S2-013")
async def test_wb7_a_branch_filters_every_tile_and_stands_in_the_address(
    busy_floor: Floor, wall: Wall
) -> None:
    own = await teams(busy_floor)
    await expect(wall.team(own[TEAM])).to_be_visible(timeout=SOON)
    await shoot(wall.page, "wall-floor-vi-light")
    await wall.at("filter-branch").select_option("Cần Thơ")
    await expect(wall.team(own[TEAM])).to_have_count(0)
    await expect(wall.team(own[OTHER_TEAM])).to_be_visible(timeout=SOON)
    for tile in ("promises", "contacts"):
        assert await number(wall, f"tile-{tile}") == 0
    assert await number(wall, "tile-agents") <= 1
    assert await number(wall, "strip-worked") == 0
    assert "branch=C" in wall.page.url
    await wall.page.reload()
    await expect(wall.at("filter-branch")).to_have_value("Cần Thơ", timeout=SOON)
    await expect(wall.team(own[TEAM])).to_have_count(0)
    await wall.show("agents")
    await expect(wall.agent(busy_floor.users["bot00"])).to_have_count(0)
    await wall.page.go_back()
    await expect(wall.root).to_have_attribute("data-view", "floor")
    await wall.at("filter-clear").click()
    await expect(wall.team(own[TEAM])).to_be_visible(timeout=SOON)


@pytest.mark.req("S2-014")
async def test_wb9_a_worked_account_is_counted_within_five_seconds(
    busy_floor: Floor, wall: Wall
) -> None:
    sql = "SELECT count(DISTINCT customer_id) AS n FROM actions WHERE user_id IS NOT NULL"
    await busy_floor.until(f"SELECT 1 FROM ({sql}) done WHERE n > 0")
    recorded = (await busy_floor.one(sql))["n"]
    await expect(wall.at("strip-worked")).to_be_visible(timeout=SOON)
    for _ in range(50):
        if await number(wall, "strip-worked") >= recorded:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{recorded} accounts are worked, the wall says less after five seconds")


@pytest.mark.req("P0-004")
async def test_wb2_the_snapshot_by_address_is_what_the_page_shows(
    busy_floor: Floor, wall: Wall
) -> None:
    await wall.show("agents")
    for _ in range(100):
        told = await shown_and_served(wall)
        if told["same_place"]:
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("page and snapshot never stand at one offset")
    assert told["shown"] == told["served"]
    assert told["shown"]["total"] >= BOTS


async def shown_and_served(wall: Wall) -> dict[str, Any]:
    """The agents counted on the page and by the server's snapshot, and whether both are at one place."""
    answer = await wall.page.context.request.get(f"{wall.floor.address}/wall/snapshot")
    channel = (await answer.json())["channels"]["wall:campaigns"]
    page: dict[str, Any] = await wall.page.evaluate(
        """() => {
          const { wall } = document.querySelector("wall-board");
          return { at: wall.store.positions()["wall:campaigns"], agents: wall.floor.agents };
        }"""
    )
    return {
        "same_place": page["at"] == [channel["epoch"], channel["offset"]],
        "shown": page["agents"],
        "served": channel["cards"]["floor"]["agents"],
    }


@pytest.mark.req("P0-004")
async def test_wb5_frames_that_are_lost_are_made_good(
    busy_floor: Floor, window: BrowserContext
) -> None:
    page = await window.new_page()
    line = LossyLine()
    await page.route_web_socket(re.compile("/ws"), line.connect)
    await page.goto(f"{busy_floor.address}/wall?view=agents")
    wall = Wall(busy_floor, page)
    await expect(wall.root).to_have_attribute("data-state", "LIVE", timeout=SOON)
    await wall.until_agreed()
    await line.lose(3)
    await expect(wall.root).to_have_attribute("data-state", "LIVE", timeout=SOON)
    for _ in range(200):
        told = await shown_and_served(wall)
        if told["same_place"]:
            break
        await asyncio.sleep(0.05)
    assert told["shown"] == told["served"]
    assert (await wall.until_agreed())["listed"] >= BOTS
    await page.close()


@pytest.mark.req("S0c-052")
async def test_wb6_under_the_hand_nothing_changes_place_for_ten_seconds(
    busy_floor: Floor, wall: Wall
) -> None:
    await numbers(wall, "READY_WAIT", {"amber": 1, "red": 3})
    await wall.show("agents")
    await wall.at("shape-tiles").click()
    await expect(wall.at("agent").first).to_be_visible(timeout=SOON)
    await wall.at("agent").first.hover()
    order = await places(wall)
    for _ in range(20):
        await asyncio.sleep(0.5)  # what is asserted is that nothing moves in this time
        assert await places(wall) == order
    await wall.page.mouse.move(5, 5)
    await numbers(wall, "READY_WAIT", None)


async def places(wall: Wall) -> list[str]:
    """Agents by where they stand."""
    found: list[str] = await wall.page.evaluate(
        """() => [...document.querySelectorAll("[data-testid=agent]")]
          .map((tile) => [tile.getBoundingClientRect(), tile.dataset.user])
          .sort(([a], [b]) => a.top - b.top || a.left - b.left).map(([, user]) => user)"""
    )
    return found


@pytest.mark.req("S2-031")
async def test_wb3_beyond_the_limit_there_is_an_icon_a_word_and_a_form_beside_the_colour(
    busy_floor: Floor, wall: Wall
) -> None:
    await numbers(wall, "READY_WAIT", {"amber": 1, "red": 2})
    await wall.show("agents")
    await wall.at("shape-table").click()
    late = wall.page.locator('[data-testid=agent][data-level="bad"]').first
    await expect(late).to_be_visible(timeout=SOON)
    await expect(late.locator(".doing")).to_contain_text("quá lâu")
    await expect(late.locator(".doing svg")).to_have_count(1)
    await wall.at("shape-tiles").click()
    await expect(late).to_have_css("border-top-style", "double", timeout=SOON)
    await shoot(wall.page, "wall-agents-over")
    await wall.show("floor")
    card = wall.page.locator('[data-testid=team][data-level="bad"]').first
    await expect(card).to_contain_text("chờ lâu", timeout=SOON)
    await expect(wall.at("tile-over")).to_have_attribute("data-level", re.compile("warn|bad"))
    await numbers(wall, "READY_WAIT", None)


async def test_wb11_nothing_moves_for_who_asked_for_less_motion(wall: Wall) -> None:
    await wall.page.emulate_media(reduced_motion="reduce")
    for view in ("floor", "campaigns", "agents", "alerts"):
        await wall.show(view)
        for _ in range(8):
            running = await wall.page.evaluate("document.getAnimations().length")
            assert running == 0, view
            await asyncio.sleep(0.25)


@pytest.mark.req("S0c-011")
async def test_wb14_tiles_and_teams_are_walked_by_arrows_and_opened_by_enter(
    busy_floor: Floor, wall: Wall
) -> None:
    own = await teams(busy_floor)
    await expect(wall.team(own[TEAM])).to_be_visible(timeout=SOON)
    await wall.at("tile-agents").focus()
    press = wall.page.keyboard.press
    await press("ArrowRight")
    await expect(wall.at("tile-contacts")).to_be_focused()
    await press("ArrowLeft")
    await expect(wall.at("tile-agents")).to_be_focused()
    for _ in range(4):
        await press("ArrowRight")
    await expect(wall.at("tile-abandoned")).to_be_focused()
    await press("Enter")
    await expect(wall.root).to_have_attribute("data-view", "campaigns")
    await press("Alt+1")
    await expect(wall.root).to_have_attribute("data-view", "floor")
    await wall.team(own[TEAM]).focus()
    await press("Enter")
    await expect(wall.root).to_have_attribute("data-view", "agents")
    assert f"team={own[TEAM]}" in wall.page.url
    await expect(wall.agent(busy_floor.users["bot00"])).to_be_visible(timeout=SOON)
    await expect(wall.agent(busy_floor.users["other"])).to_have_count(0)


async def test_the_big_screen_is_read_from_afar_and_shames_nobody(
    busy_floor: Floor, window: BrowserContext
) -> None:
    wall = await open_wall(busy_floor, window, "view=tv")
    await numbers(wall, "READY_WAIT", {"amber": 1, "red": 2})
    await expect(wall.at("team").first).to_be_visible(timeout=SOON)
    for place in ("[data-testid=floor] .tile-value", ".team-line .num"):
        sizes = await wall.page.locator(place).evaluate_all(
            "nodes => nodes.map((node) => parseFloat(getComputedStyle(node).fontSize))"
        )
        assert sizes
        assert min(sizes) >= 40, place
    await expect(wall.at("rail")).to_be_hidden()
    over = wall.at("tile-over")
    await expect(over).to_have_attribute("data-level", "bad", timeout=SOON)
    await expect(over).to_contain_text("lâu nhất")
    people = await busy_floor.all("SELECT full_name FROM users")
    shown = await wall.root.inner_text()
    assert not [row["full_name"] for row in people if row["full_name"] in shown]
    await shoot(wall.page, "wall-tv-vi-light")
    await numbers(wall, "READY_WAIT", None)
    await wall.page.close()
