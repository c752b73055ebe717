"""The What-if tab: a recorded day asked in the browser, answered by the worker, drawn; and every other state."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import expect

from app.whatif.rules import RecordedDay, Stay
from dialer.whatif.pacers import EnginePacer
from dialer.whatif.simulate import Simulation
from tests.support.axe import faults
from tests.support.chromium import shoot, visible_text_below
from tests.support.desk import SOON
from tests.support.floor import CAMPAIGN, ZONE
from tests.support.made_day import SETTINGS as OWN
from tests.support.made_day import MadeWorld, live_through, recorded
from tests.support.written_day import write_day

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(600)
SMALLEST = 14
ANSWERED = 240_000  # ms: forty simulated days on a machine that has other things to do
SHOWN: dict[str, Literal["light", "dark"]] = {"vi": "light", "en": "dark"}
LENGTH = 900.0
OTHER = "Vay T12"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def places(floor: Floor) -> dict[str, str]:
    """The tab's address of each campaign, by name."""
    floor.load_people(20)
    await floor.open_campaign(CAMPAIGN)
    await floor.open_campaign(OTHER)
    rows = await floor.all("SELECT id, name FROM campaigns")
    return {row["name"]: f"{floor.address}/campaigns/{row['id']}/what-if" for row in rows}


async def write(floor: Floor, name: str, day: RecordedDay) -> None:
    """Have the campaign dial that day some hours ago."""
    now = floor.clock.now()
    found = await floor.one("SELECT id FROM campaigns WHERE name = :name", name=name)
    async with floor.database.writing() as session:
        today = now.astimezone(ZoneInfo(ZONE)).date()
        await write_day(session, found["id"], day, now - timedelta(hours=2), today)


def explained() -> RecordedDay:
    """A day that our own engine dialled, one line for each free agent."""
    settings = replace(OWN, mode="PROGRESSIVE")
    roster = [Stay(agent, 2.0 * agent, LENGTH) for agent in range(60)]
    simulation = Simulation(MadeWorld(roster, Random(4)), settings, LENGTH)
    day = RecordedDay(LENGTH, (), tuple(roster), settings, (), ("0",))
    simulation.run(EnginePacer(day))
    return replace(day, calls=tuple(recorded(call) for call in simulation.record))


def unexplained() -> RecordedDay:
    """A day on which somebody dialled four lines for each free agent, whatever the settings said."""
    roster = [Stay(agent, 0.0, 600.0) for agent in range(20)]
    return live_through(MadeWorld(roster, Random(1)), 4.0, 600.0)[0]


async def look(page: Page, name: str) -> list[str]:
    """Keep pictures in both languages and themes; returns what a reader would stumble over."""
    found = await visible_text_below(page, SMALLEST)
    for language, theme in SHOWN.items():
        await page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
        await page.emulate_media(color_scheme=theme)
        await page.reload()
        assert await page.locator("html").get_attribute("lang") == language
        said = await page.locator("body").inner_text()
        assert "⟨" not in said
        assert "what_if." not in said
        assert await page.evaluate("document.documentElement.scrollWidth") <= 1366
        await shoot(page, f"what-if-{name}-{language}-{theme}")
        found += [f"{name}, {language}: {fault}" for fault in await faults(page)]
    await page.context.add_cookies([{"name": "language", "value": "vi", "url": page.url}])
    await page.emulate_media(color_scheme="light")
    await page.reload()
    return found


async def test_without_a_recorded_day_there_is_nothing_to_ask(
    page: Page, places: dict[str, str]
) -> None:
    await page.goto(places[CAMPAIGN])
    await expect(page.get_by_test_id("tab-what-if")).to_have_attribute("aria-current", "page")
    await expect(page.get_by_test_id("what-if-empty")).to_contain_text("Chưa có ngày nào")
    await expect(page.get_by_test_id("what-if-form")).to_have_count(0)
    assert await look(page, "empty") == []


async def test_what_is_against_the_law_is_refused_at_its_field(
    floor: Floor, page: Page, places: dict[str, str]
) -> None:
    await write(floor, CAMPAIGN, explained())
    await page.goto(places[CAMPAIGN])
    await expect(page.get_by_test_id("what-if-unasked")).to_be_visible()
    target = page.get_by_test_id("abandon_target_pct")
    await target.fill("9")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("problem-abandon_target_pct")).to_have_text(
        "Từ 0,1 đến 3.", timeout=SOON
    )
    await expect(target).to_be_focused()


async def test_a_day_is_asked_by_keyboard_and_the_answer_is_drawn_when_it_is_there(
    floor: Floor, page: Page, places: dict[str, str]
) -> None:
    await page.goto(places[CAMPAIGN])
    await page.get_by_test_id("mode").select_option("RATIO")
    await page.get_by_test_id("abandon_target_pct").fill("1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("what-if-cancel")).to_be_visible(timeout=SOON)
    await expect(page.get_by_test_id("what-if-running")).to_be_visible(timeout=ANSWERED)
    assert await look(page, "running") == []
    headline = page.get_by_test_id("what-if-headline")
    await expect(headline).to_be_visible(timeout=ANSWERED)
    await expect(headline).to_contain_text("Chế độ Theo tỷ lệ thay vì Lần lượt")
    await expect(headline).to_contain_text("mục tiêu 1 % thay vì 2 %")
    await expect(page.get_by_test_id("what-if-error")).to_contain_text("lệch")
    await expect(page.get_by_test_id("figure-occupancy").locator("td")).to_have_count(3)
    more = page.get_by_test_id("what-if-more")
    await more.press("Enter")
    await expect(page.get_by_test_id("what-if-minutes").locator("tbody tr")).to_have_count(4)
    assert await look(page, "answer") == []
    audited = await floor.one(
        "SELECT actor_id, after->>'mode' AS mode FROM audit_events WHERE entity = 'what_if'"
    )
    assert (audited["actor_id"], audited["mode"]) == (floor.users[floor.supervisor], "RATIO")


async def test_a_day_that_cannot_be_explained_says_so_and_a_question_can_be_taken_back(
    floor: Floor, page: Page, places: dict[str, str]
) -> None:
    await write(floor, OTHER, unexplained())
    await page.goto(places[OTHER])
    await page.get_by_test_id("what-if-ask").press("Enter")
    await page.get_by_test_id("what-if-cancel").click(timeout=SOON)
    await expect(page.get_by_test_id("what-if-cancelled")).to_be_visible(timeout=SOON)
    await page.reload()
    await page.get_by_test_id("what-if-ask").press("Enter")
    unreliable = page.get_by_test_id("what-if-unreliable")
    await expect(unreliable).to_be_visible(timeout=ANSWERED)
    await expect(unreliable).to_contain_text("Không đáng tin cho ngày này")
    await expect(page.get_by_test_id("what-if-earlier").locator("li")).to_have_count(2)
    assert await look(page, "unreliable") == []
