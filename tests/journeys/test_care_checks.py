"""How the customer is to be treated, on the desk: each word with its source, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.axe import faults
from tests.support.chromium import shoot, whatever_is_cut_off
from tests.support.desk import SOON, Desk, open_desk, same_person, sit_down
from tests.support.furnishing import treat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
LONG_CAMPAIGN = "Thẻ tín dụng quá hạn 31–60 ngày, nhóm B3, tháng 11, miền Nam"
WIDTH, HEIGHT = 1366, 768
pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """Customers about whom everything was noted."""
    floor.load_people(40)
    await treat(floor)
    await floor.open_campaign(LONG_CAMPAIGN, lines=1, wrapup_s=15)
    return floor


@pytest_asyncio.fixture(loop_scope="session")
async def desk(busy_floor: Floor, window: BrowserContext) -> AsyncIterator[Desk]:
    desk = await open_desk(busy_floor, window)
    await desk.take_call()
    yield desk
    await desk.settle()
    await desk.page.close()


async def in_window(desk: Desk, tip: str) -> None:
    """A tip is open, wholly inside the window, and over whatever lies there."""
    await expect(desk.at(tip)).to_be_visible()
    box = await desk.at(tip).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= WIDTH
    assert box["y"] + box["height"] <= HEIGHT
    assert await desk.at(tip).evaluate(
        """(node) => {
          const box = node.getBoundingClientRect();
          const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          return node.contains(top);
        }"""
    )


@pytest.mark.req("S0b-020", "S0b-033", "S0b-036", "S0b-037")
async def test_each_chip_tells_its_source_on_hover_and_on_focus_and_closes_on_escape(
    desk: Desk,
) -> None:
    shown = desk.page.locator(".flags > li:not(.more):not([hidden]) .flag")
    count = await shown.count()
    assert count >= 3
    await shoot(desk.page, "care-chips")
    for place in range(count):
        chip = shown.nth(place)
        tip = await chip.get_attribute("data-tip") or ""
        assert await chip.get_attribute("aria-describedby") == tip
        await chip.hover()
        await in_window(desk, tip)
        await desk.page.keyboard.press("Escape")
        await expect(desk.at(tip)).to_be_hidden()
    await desk.at("customer-name").hover()

    # From the heading on by the keyboard alone.
    await desk.at("customer-name").focus()
    opened = set()
    for _ in range(count + 2):
        await desk.page.keyboard.press("Tab")
        tip = await desk.page.evaluate("document.activeElement.dataset.tip ?? ''")
        if tip:
            await in_window(desk, tip)
            opened.add(tip)
    assert {"tip-RISK", "tip-HARDSHIP", "tip-due"} <= opened
    hardship = await desk.at("tip-HARDSHIP").text_content() or ""
    assert "Mất việc từ tháng 10" in hardship
    assert "lan, kết quả cuộc gọi" in hardship
    await shoot(desk.page, "care-tip")


async def test_a_tap_opens_and_a_tap_beside_closes(desk: Desk) -> None:
    box = await desk.at("risk").bounding_box()
    assert box
    finger = await desk.page.context.new_cdp_session(desk.page)
    await finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for x, y, is_open in ((box["x"] + 20, box["y"] + 10, True), (700, 60, False)):
        points = [{"x": x, "y": y}]
        await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})
        await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await expect(desk.at("tip-RISK")).to_be_visible(visible=is_open)
    await finger.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


async def test_what_does_not_fit_stands_behind_the_last_chip(desk: Desk) -> None:
    screen = await desk.screen()
    shown = desk.page.locator(".flags > li:not(.more):not([hidden]) .flag")
    folded = len(screen["chips"]) - await shown.count()
    assert folded > 0
    await expect(desk.at("more-flags")).to_have_text(f"+{folded}")
    await desk.at("more-flags").focus()
    await desk.page.keyboard.press("Shift+Tab")
    await desk.page.keyboard.press("Tab")
    await in_window(desk, "tip-more")
    for chip in screen["chips"][-folded:]:
        await expect(desk.at("tip-more")).to_contain_text(chip["label"])
    await shoot(desk.page, "care-more")
    assert await whatever_is_cut_off(desk.page, ["flags", "risk"]) == []


@pytest.mark.req("S0b-021")
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_whole_reason_is_read_and_amounts_are_said_in_words(
    busy_floor: Floor, chromium: Browser, window: BrowserContext, language: str
) -> None:
    theme = "dark" if language == "en" else "light"
    async with same_person(busy_floor, chromium, window, language=language, theme=theme) as own:
        desk = await open_desk(busy_floor, own)
        assert await desk.post("/me/preferences", {"language": language}) == 200
        await desk.load()
        await desk.take_call()
        # The agent's language is read when he sits down: the next call has it at the latest.
        await desk.settle()
        await desk.load()
        await desk.take_call()
        await shoot(desk.page, f"care-{language}-{theme}")
        assert await whatever_is_cut_off(desk.page, ["reason", "key-fact", "next-action"]) == []
        assert LONG_CAMPAIGN in await desk.at("reason").inner_text()
        await desk.at("due").hover()
        words = {
            "vi": "năm triệu bốn trăm hai mươi nghìn đồng",
            "en": "five million four hundred twenty thousand dong",
        }
        await expect(desk.at("tip-due")).to_contain_text(words[language])
        await in_window(desk, "tip-due")
        assert await faults(desk.page) == []
        await desk.settle()
        assert await desk.post("/me/preferences", {"language": "vi"}) == 200


@pytest.mark.req("S0b-037")
async def test_an_outcome_that_makes_no_sense_says_why_at_the_page_and_at_the_server(
    desk: Desk,
) -> None:
    promise = desk.at("outcome-1")
    await expect(promise).to_have_attribute("aria-disabled", "true")
    await desk.page.keyboard.press("1")
    await expect(desk.at("problem")).to_contain_text("đang tranh chấp")
    await expect(desk.at("chosen")).to_have_count(0)
    await expect(desk.at("promise-form")).to_have_count(0)
    await promise.hover()
    await in_window(desk, "tip-outcome-1")
    await shoot(desk.page, "care-barred")
    sent = {
        "call": await desk.call(),
        "leaf": "REFUSED",
        "note": "",
        "fields": {"reason": "không"},
        "ticked": [each["code"] for each in (await desk.screen())["compliance"]],
    }
    assert await desk.post("/desk/outcome", sent) == 409
    await desk.choose("9")
    await expect(desk.at("problem")).to_have_count(0)


@pytest.mark.req("S0b-036", "S0b-037", "S4a-040")
async def test_a_lead_decides_on_the_care_page_and_the_desk_is_told_nothing_old(
    busy_floor: Floor, chromium: Browser
) -> None:
    async with sit_down(busy_floor, chromium, busy_floor.supervisor) as own:
        page = await own.new_page()
        await page.goto(f"{busy_floor.address}/care")
        row = (
            page.get_by_test_id("care-row")
            .locator("visible=true")
            .filter(has_text="Tranh chấp")
            .first
        )
        dispute = await row.get_attribute("data-id")
        await shoot(page, "care-page")
        assert await faults(page) == []
        await row.locator("select").select_option("UPHELD")
        await row.locator("button").click()
        await expect(page.get_by_test_id("care-problem")).to_contain_text("lý do", timeout=SOON)
        await row.locator("input[name=comment]").fill("Đã trả lại phí")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("care-done")).to_be_visible(timeout=SOON)
        await expect(page.locator(f"[data-id='{dispute}']")).to_have_count(0)
        await busy_floor.until(
            "SELECT 1 FROM audit_events WHERE entity = 'dispute' AND verb = 'decided'"
            " AND entity_id = :dispute",
            dispute=dispute,
        )
    async with sit_down(busy_floor, chromium, busy_floor.colleague) as agent:
        page = await agent.new_page()
        answer = await page.goto(f"{busy_floor.address}/care")
        assert answer
        assert answer.status == 403
