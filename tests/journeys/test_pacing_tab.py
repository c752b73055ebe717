"""The Pacing tab: the last hour drawn and as a table, any second explained, and a change that holds at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pytest
import pytest_asyncio
from playwright.async_api import expect

from app.pacing import service as pacing
from app.pacing.rules import minute_begins
from tests.support.axe import faults
from tests.support.chromium import person, shoot, visible_text_below
from tests.support.desk import SOON
from tests.support.floor import CAMPAIGN
from tests.support.paces import a_page

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)
SMALLEST = 14
SHOWN: dict[str, Literal["light", "dark"]] = {"vi": "light", "en": "dark"}
FORECAST = {
    "freed": 2.25, "arrivals": 1.8, "chance": 0.061, "price": 0.052, "target": 0.018,
    "answering": 1.1, "live": 0.23,
}  # fmt: skip
REASONS = ("AGENTS", "CHANCE", "CHANCE", "BUDGET", "LINES", "STALE")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(floor: Floor) -> str:
    """The address of the tab of a campaign that runs."""
    floor.load_people(20)
    await floor.hire("trang", role="TEAM_LEAD")
    await floor.open_campaign(CAMPAIGN)
    found = await floor.one("SELECT id FROM campaigns")
    return f"{floor.address}/campaigns/{found['id']}/pacing"


async def keep_an_hour(floor: Floor) -> datetime:
    """An hour of minutes with a gap, in which reasons and figures move. Returns when it ends."""
    found = await floor.one("SELECT id FROM campaigns")
    ends = minute_begins(floor.clock.now())
    books = []
    for ago in [n for n in range(2, 60) if n not in {30, 31}]:
        book = pacing.MinuteBook(found["id"], ends - timedelta(minutes=ago), 0)
        because = REASONS[ago // 10]
        book.add(
            17,
            a_page(
                idle=ago % 4, busy=48, lines=10 + ago % 7, asked=2, dialed=4_000 - 60 * ago,
                answered=1_200 - 15 * ago, abandoned=21 - ago // 4,
                pace={"lines": 3, "because": because, "cancelled": 0, **FORECAST},
            ),
        )  # fmt: skip
        books.append(book.pack())
    async with floor.database.writing() as session:
        await pacing.keep(session, books)
    return ends


async def test_a_campaign_that_has_not_run_an_hour_says_so(page: Page, place: str) -> None:
    await page.goto(place)
    await expect(page.get_by_test_id("pacing-hour")).to_be_visible()
    await expect(page.get_by_test_id("tab-pacing")).to_have_attribute("aria-current", "page")


@pytest.mark.req("S0c-046")
async def test_the_hour_is_drawn_and_told_as_a_table_and_a_second_explained(
    floor: Floor, page: Page, place: str
) -> None:
    at = await keep_an_hour(floor) - timedelta(minutes=15, seconds=-17)
    found = []
    for language, theme in SHOWN.items():
        await page.context.add_cookies(
            [{"name": "language", "value": language, "url": floor.address}]
        )
        await page.emulate_media(color_scheme=theme)
        local = at.astimezone().isoformat(timespec="seconds")
        await page.goto(f"{place}?at={local.replace('+', '%2B')}")
        assert await page.locator("html").get_attribute("lang") == language
        await expect(page.locator(".chart-because rect")).not_to_have_count(0)
        told = page.get_by_test_id("pacing-told")
        await expect(told.get_by_test_id("seen_agents")).to_contain_text("51")
        await expect(told.get_by_test_id("foreseen_chance")).to_be_visible()
        assert "⟨" not in await page.locator("body").inner_text()
        await shoot(page, f"pacing-{language}-{theme}")
        await page.get_by_test_id("pacing-more").click()
        rows = page.get_by_test_id("pacing-minutes").locator("tbody tr")
        await expect(rows.nth(5)).to_be_visible()
        assert await rows.count() >= 54
        found += await visible_text_below(page, SMALLEST)
        found += [f"{language}: {each}" for each in await faults(page)]
    assert found == []


@pytest.mark.req("S0c-046")
async def test_a_mode_set_here_is_told_by_the_dialer_and_a_second_tab_is_refused(
    floor: Floor, page: Page, place: str
) -> None:
    other = await page.context.new_page()
    await other.goto(place)
    await page.goto(place)
    await page.get_by_test_id("mode").select_option("MANUAL")
    await page.get_by_test_id("ratio_ceiling").fill("2.5")
    await page.get_by_test_id("calls_per_second").fill("5")
    await page.get_by_test_id("reason").fill("Thử nhịp thấp")
    await page.get_by_test_id("save").press("Enter")
    await expect(page.get_by_test_id("saved")).not_to_be_empty(timeout=SOON)
    await floor.until("SELECT 1 FROM campaigns WHERE mode = 'MANUAL'")
    await other.goto(f"{floor.address}/wall?view=campaigns")
    because = other.get_by_test_id("because")
    await expect(because).to_have_attribute("data-code", "MODE", timeout=SOON)
    audited = await floor.one(
        "SELECT after, reason FROM audit_events WHERE verb = 'changed' AND actor_id IS NOT NULL"
    )
    assert audited["after"] == {"mode": "MANUAL", "ratio_ceiling": 2.5, "calls_per_second": 5}
    assert audited["reason"] == "Thử nhịp thấp"
    await page.get_by_test_id("ratio_ceiling").fill("9")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("problem-ratio_ceiling")).not_to_be_empty(timeout=SOON)
    await other.close()


async def test_the_carriers_cap_is_set_by_key_and_shown_again(page: Page, place: str) -> None:
    await page.goto(place)
    cap = page.get_by_test_id("carrier_calls_per_second")
    await cap.fill("501")
    await cap.press("Enter")
    problem = page.get_by_test_id("problem-carrier_calls_per_second")
    await expect(problem).to_have_text(
        "Số cuộc mỗi giây từ 1 đến 500; để trống nếu không giới hạn."
    )
    await cap.fill("12")
    async with page.expect_navigation():
        await cap.press("Enter")
    await expect(cap).to_have_value("12")


async def test_who_may_only_look_sees_no_save(floor: Floor, chromium: Browser, place: str) -> None:
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, "trang")
    await page.goto(place)
    await expect(page.get_by_test_id("pacing-hour")).to_be_visible()
    await expect(page.get_by_test_id("save")).to_have_count(0)
    await page.context.close()
