"""A campaign's page: its settings by keyboard, what the law refuses at its field, the running dialer, readiness.

Checks CB2, CB3, CB6 and CB7 of the design.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.axe import faults
from tests.support.chromium import person, shoot, visible_text_below
from tests.support.desk import SOON
from tests.support.floor import CAMPAIGN, TEAM
from tests.support.people import a_team

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

NEW = "Vay T12"
TABS = ("law", "retries", "calling", "abandonment", "pacing", "curves", "what-if", "readiness")
SMALLEST = 14
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN = {"vi": "light", "en": "dark"}

# Cards of campaigns come from the running dialer alone.
TOLD_BY_THE_ROOM = """async id => {
  const { channels } = await (await fetch("/wall/snapshot")).json();
  const cards = channels["wall:campaigns"]?.cards ?? {};
  return Object.entries(cards).some(([key, card]) => key.includes(id) && card.wrapup_s === 25);
}"""

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaigns(floor: Floor) -> dict[str, str]:
    """One that runs and one that was just made, by name to id."""
    floor.load_people(20)
    await floor.hire("trang", role="TEAM_LEAD")
    await floor.open_campaign(CAMPAIGN)
    floor.house.paceline("campaign", "create", NEW, "--where", "dpd 10..60")
    rows = await floor.all("SELECT id, name FROM campaigns")
    return {row["name"]: str(row["id"]) for row in rows}


async def test_the_pages_have_no_serious_fault_in_either_language(
    floor: Floor, chromium: Browser, page: Page, campaigns: dict[str, str]
) -> None:
    found = []
    for language in ("vi", "en"):
        await page.context.add_cookies(
            [{"name": "language", "value": language, "url": floor.address}]
        )
        for tab in ("", *TABS):
            address = f"/campaigns/{campaigns[CAMPAIGN]}/{tab}" if tab else "/campaigns"
            await page.goto(f"{floor.address}{address}")
            assert await page.locator("html").get_attribute("lang") == language
            assert "⟨" not in await page.locator("body").inner_text()
            assert "campaigns." not in await page.locator("body").inner_text()
            found += await visible_text_below(page, SMALLEST)
            for theme in THEMES:
                await page.emulate_media(color_scheme=theme)
                if SHOWN[language] == theme:
                    await shoot(page, f"campaign-{tab or 'list'}-{language}-{theme}")
                found += [f"{tab}, {theme}: {fault}" for fault in await faults(page)]
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 1366, tab
    assert found == []


@pytest.mark.req("S0c-045")
async def test_cb2_hours_outside_the_law_are_refused_at_their_field_with_the_source(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[CAMPAIGN]}/law")
    opens = page.get_by_test_id("windows.0.opens")
    await opens.fill("06:30")
    await page.keyboard.press("Enter")
    said = page.get_by_test_id("problem-windows")
    await expect(said).to_contain_text("Chỉ trong khoảng 07:00–21:00", timeout=SOON)
    await expect(said).to_contain_text("Thông tư 43/2016")
    await expect(opens).to_be_focused()
    await expect(opens).to_have_value("06:30")
    stored = await floor.one(
        "SELECT settings->'windows'->0->>'from' AS opens FROM campaigns WHERE name = :name",
        name=CAMPAIGN,
    )
    assert stored == {"opens": "08:00"}


@pytest.mark.req("S0c-045")
async def test_cb3_six_reminders_a_day_are_refused(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[CAMPAIGN]}/law")
    await page.get_by_test_id("cap_per_day").fill("6")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("problem-cap_per_day")).to_contain_text("Tối đa 5 (Thông tư")


@pytest.mark.req("S0c-044")
async def test_cb7_a_change_is_audited_and_taken_by_the_running_dialer(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[CAMPAIGN]}/calling")
    wrapup = page.get_by_test_id("wrapup_s")
    await expect(wrapup).to_have_value("20")
    await wrapup.fill("25")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("saved")).to_have_text("Đã lưu", timeout=SOON)
    audited = await floor.one(
        "SELECT before->>'wrapup_s' AS was, after->>'wrapup_s' AS is_now, actor_id FROM audit_events"
        " WHERE entity = 'campaign' AND verb = 'changed' ORDER BY at DESC LIMIT 1"
    )
    assert (audited["was"], audited["is_now"]) == ("20", "25")
    assert audited["actor_id"] == floor.users[floor.supervisor]
    await page.wait_for_function(
        TOLD_BY_THE_ROOM, arg=campaigns[CAMPAIGN], timeout=SOON, polling=200
    )


@pytest.mark.req("S0c-009")
async def test_a_message_that_tells_of_the_debt_is_refused_and_a_lawful_one_is_kept(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[CAMPAIGN]}/abandonment")
    text = page.get_by_test_id("message_vi")
    await text.fill("Đây là {bank}, số {number}: quý khách còn nợ quá hạn.")
    await page.get_by_test_id("save").click()
    said = page.get_by_test_id("problem-message_vi")
    await expect(said).to_contain_text("Lời nhắn không được nói về nợ (“nợ”)", timeout=SOON)
    await text.fill("Đây là {bank}, số {number}. Chúng tôi sẽ gọi lại.")
    await expect(said).to_be_empty()
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("saved")).to_have_text("Đã lưu", timeout=SOON)


async def test_a_page_that_somebody_overtook_says_so_and_keeps_what_was_typed(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[CAMPAIGN]}/calling")
    await floor.change_settings(CAMPAIGN, lines=150)
    await page.get_by_test_id("lines").fill("120")
    await page.get_by_test_id("save").click()
    problem = page.get_by_test_id("form-problem")
    await expect(problem).to_contain_text("Người khác vừa thay đổi", timeout=SOON)
    await expect(page.get_by_test_id("lines")).to_have_value("120")


async def test_retries_and_hours_are_set_row_by_row(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[NEW]}/retries")
    await page.get_by_test_id("retry.BUSY.delay_minutes").fill("45")
    await page.get_by_test_id("retry.MACHINE.again").select_option("DONE")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("saved")).to_have_text("Đã lưu", timeout=SOON)
    await page.reload()
    await expect(page.get_by_test_id("retry.BUSY.delay_minutes")).to_have_value("45")
    await expect(page.get_by_test_id("retry.BUSY")).to_contain_text("đã đổi")
    stored = await floor.one(
        "SELECT settings->'retry' AS retry FROM campaigns WHERE name = :name", name=NEW
    )
    assert stored["retry"]["BUSY"]["delay_seconds"] == 45 * 60
    assert set(stored["retry"]) == {"BUSY", "MACHINE"}

    await page.goto(f"{floor.address}/campaigns/{campaigns[NEW]}/law")
    await page.get_by_test_id("windows.1.opens").fill("09:00")
    await page.get_by_test_id("windows.1.closes").fill("11:00")
    await page.get_by_role("group", name="Khung giờ 2").get_by_label("CN").uncheck()
    await page.get_by_test_id("windows.0.opens").fill("")
    await page.get_by_test_id("windows.0.closes").fill("")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("saved")).to_have_text("Đã lưu", timeout=SOON)
    stored = await floor.one(
        "SELECT settings->'windows' AS windows FROM campaigns WHERE name = :name", name=NEW
    )
    assert stored["windows"] == [{"from": "09:00", "to": "11:00", "weekdays": [1, 2, 3, 4, 5, 6]}]


@pytest.mark.req("S0c-048")
async def test_cb6_start_is_blocked_until_the_list_is_green(
    floor: Floor, page: Page, campaigns: dict[str, str]
) -> None:
    await page.goto(f"{floor.address}/campaigns/{campaigns[NEW]}/readiness")
    await expect(page.get_by_test_id("ready-title")).to_have_attribute("data-ready", "no")
    await expect(page.get_by_test_id("check-AGENTS")).to_contain_text("gán một đội")
    await expect(page.get_by_test_id("start")).to_be_disabled()
    await shoot(page, "campaign-not-ready-vi-light")
    await floor.run(
        "INSERT INTO campaign_teams SELECT c.id, t.id FROM campaigns c, teams t"
        " WHERE c.name = :name AND t.name = :team",
        name=NEW, team=TEAM,
    )  # fmt: skip
    await page.reload()
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("ask-yes").click()
    await expect(page.get_by_test_id("campaign-state")).to_contain_text("Đang chạy", timeout=SOON)


async def test_a_team_lead_reads_his_own_campaigns_and_changes_nothing(
    floor: Floor, chromium: Browser, campaigns: dict[str, str]
) -> None:
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, "trang")
    await a_team(floor.database, floor.clock, "Đội Khác")
    floor.house.paceline("campaign", "create", "Của đội khác", "--team", "Đội Khác")
    await page.goto(f"{floor.address}/campaigns")
    await expect(page.get_by_test_id("campaigns")).to_contain_text(CAMPAIGN)
    await expect(page.get_by_test_id("campaigns")).not_to_contain_text("Của đội khác")
    await page.goto(f"{floor.address}/campaigns/{campaigns[CAMPAIGN]}/law")
    await expect(page.get_by_test_id("save")).to_have_count(0)
    theirs = await floor.one("SELECT id FROM campaigns WHERE name = 'Của đội khác'")
    answer = await page.goto(f"{floor.address}/campaigns/{theirs['id']}/law")
    assert answer is not None
    assert answer.status == 404
    await page.context.close()
