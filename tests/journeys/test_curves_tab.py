"""The Curves tab: nothing learned yet, then hours, tries and parts of a call with their observations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pytest
import pytest_asyncio
from playwright.async_api import expect

from app.curves import service as curves
from tests.support import rows
from tests.support.axe import faults
from tests.support.chromium import shoot, visible_text_below
from tests.support.floor import CAMPAIGN

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.async_api import Page

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)
SMALLEST = 14
SHOWN: dict[str, Literal["light", "dark"]] = {"vi": "light", "en": "dark"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaign(floor: Floor) -> UUID:
    """A campaign that nobody has dialled for."""
    floor.load_people(2)
    floor.house.paceline("campaign", "create", CAMPAIGN, "--where", "dpd 10..60")
    found = await floor.one("SELECT id FROM campaigns")
    identifier: UUID = found["id"]
    return identifier


async def dial_for_days(floor: Floor, campaign: UUID) -> None:
    """Calls of ten working hours; more people answer towards the evening, and fewer at later tries."""
    today = floor.clock.now() - timedelta(days=1)
    morning = today.replace(hour=1, minute=0, second=0, microsecond=0)  # 08:00 in Ho Chi Minh City
    async with floor.database.writing() as session:
        for number in range(600):
            hour, attempt = number % 10, 1 + number // 60 % 5
            dialled = morning + timedelta(hours=hour, seconds=number)
            answered = number * 37 % 100 < 16 + 3 * hour - 2 * attempt
            rang, talk = dialled + timedelta(seconds=2), 8 + number * 53 % 170
            pick_up = rang + timedelta(seconds=4 + number * 29 % 17)
            ended = pick_up + timedelta(seconds=talk) if answered else rang + timedelta(seconds=22)
            moments = {"answered_at": pick_up, "waiting_at": pick_up, "connected_at": pick_up}
            wrapped = ended + timedelta(seconds=9 + number * 31 % 22)
            spoken = {**moments, "wrapped_at": wrapped, "answered_by_human": True}
            await rows.insert(
                session, "calls", id=rows.an_id(), created_at=dialled, number="+84500000001",
                campaign_id=campaign, dialing_at=dialled, ringing_at=rang, ended_at=ended,
                attempt_no=attempt, cause="COMPLETED" if answered else "NO_ANSWER",
                **(spoken if answered else {}),
            )  # fmt: skip
        await curves.learn(session, floor.clock.now())


async def test_a_campaign_that_nobody_dialled_for_says_so(
    floor: Floor, page: Page, campaign: UUID
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaign}/curves")
    await expect(page.get_by_test_id("tab-curves")).to_have_attribute("aria-current", "page")
    await expect(page.get_by_test_id("curves-empty")).to_be_visible()


async def test_hours_tries_and_parts_are_told_with_their_observations(
    floor: Floor, page: Page, campaign: UUID
) -> None:
    await dial_for_days(floor, campaign)
    found = []
    for language, theme in SHOWN.items():
        await page.context.add_cookies(
            [{"name": "language", "value": language, "url": floor.address}]
        )
        await page.emulate_media(color_scheme=theme)
        await page.goto(f"{floor.address}/campaigns/{campaign}/curves")
        hours = page.get_by_test_id("curves-hours").locator("tbody tr")
        await expect(hours).to_have_count(10)
        await expect(hours.first).to_contain_text("08:00")
        await expect(hours.first.locator("td").first).to_have_text("60")
        await expect(page.get_by_test_id("curves-tries").locator("tbody tr")).to_have_count(3)
        await expect(page.get_by_test_id("curves-parts").locator("tbody tr")).to_have_count(5)
        assert "curves." not in await page.locator("body").inner_text()
        await shoot(page, f"curves-{language}-{theme}")
        found += await faults(page) + await visible_text_below(page, SMALLEST)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert found == []
