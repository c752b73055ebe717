"""Keys of the desk: single keys switched off, a key moved and kept, the list that says so (AD21, WCAG 2.1.4)."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}

# The list is drawn from the table that is heard: here is how it reads.
LISTED = {
    "outcome-1": ["1…0", "Alt 1…0", "Ctrl ⇧ 1…0"],
    "finish": ["Ctrl ⏎"],
    "hangup": ["Alt X ×2"],
    "list": ["?", "Ctrl /"],
    "back": ["Esc"],
}

pytestmark = pytest.mark.timeout(240)


async def turn_single_keys(desk: Desk, *, on: bool) -> None:
    """By the switch in the list of keys, which the rail opens whatever the switch says."""
    await desk.at("open-shortcuts").click()
    await desk.at("single-keys").set_checked(on)
    await desk.page.keyboard.press("Escape")
    await expect(desk.at("shortcuts")).not_to_be_visible()


@pytest.mark.req("S0b-030", "S0b-031")
async def test_ad21_without_single_keys_digits_do_nothing_and_alt_digits_work(desk: Desk) -> None:
    await turn_single_keys(desk, on=False)
    await desk.take_call()
    await desk.at("customer-name").focus()
    await desk.page.keyboard.press("9")
    await desk.page.keyboard.press("Shift+Slash")
    await expect(desk.at("shortcuts")).not_to_be_visible()
    await expect(desk.at("chosen")).to_have_count(0)
    await desk.choose("9")
    await expect(desk.at("outcome-9")).to_have_attribute("aria-pressed", "true")

    await desk.load()
    await desk.at("customer-name").focus()
    await desk.page.keyboard.press("0")
    await expect(desk.at("outcome-0")).to_have_attribute("aria-pressed", "false")
    await desk.page.keyboard.press("Control+Shift+Digit0")
    await expect(desk.at("outcome-0")).to_have_attribute("aria-pressed", "true")
    await turn_single_keys(desk, on=True)
    await desk.at("customer-name").focus()
    await desk.page.keyboard.press("9")
    await expect(desk.at("outcome-9")).to_have_attribute("aria-pressed", "true")
    await desk.settle()


@pytest.mark.req("S0b-030")
async def test_a_moved_key_works_is_listed_and_stays_after_a_reload(desk: Desk) -> None:
    await desk.page.keyboard.press("Shift+Slash")
    for row, caps in LISTED.items():
        await expect(desk.page.locator(f"[data-key={row}] kbd")).to_have_text(caps)
    await desk.at("key-move-pause").click()
    await expect(desk.at("key-said")).to_contain_text("chữ cái")
    await desk.page.keyboard.press("KeyR")
    await expect(desk.at("key-said")).to_contain_text("Sẵn sàng nhận cuộc gọi")
    await desk.page.keyboard.press("KeyF")
    await expect(desk.at("key-said")).to_contain_text("D, E, F")
    await desk.page.keyboard.press("KeyZ")
    await expect(desk.at("key-said")).to_contain_text("Đã đổi phím", timeout=SOON)
    await expect(desk.page.locator("[data-key=pause] kbd")).to_have_text("Alt Z")
    await shoot(desk.page, "keys-moved")
    await desk.page.keyboard.press("Escape")
    await expect(desk.at("pause-menu-button")).to_contain_text("Alt Z")

    for _ in range(2):
        await desk.page.keyboard.press("Alt+P")
        await expect(desk.at("pause-menu")).to_have_count(0)
        await desk.page.keyboard.press("Alt+Z")
        await expect(desk.at("pause-menu")).to_be_visible()
        await desk.load()

    await desk.page.keyboard.press("Shift+Slash")
    await desk.at("key-reset-pause").click()
    await expect(desk.page.locator("[data-key=pause] kbd")).to_have_text("Alt P")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("Alt+P")
    await expect(desk.at("pause-menu")).to_be_visible()


@pytest.mark.req("S0b-030")
async def test_a_key_pressed_twice_within_half_a_second_counts_once(desk: Desk) -> None:
    await desk.page.keyboard.press("Alt+O")  # nothing to object to: not in a call
    await desk.page.evaluate(
        "(() => { const press = () => dispatchEvent(new KeyboardEvent('keydown',"
        " { code: 'KeyP', key: 'p', altKey: true, bubbles: true }));"
        " press(); press(); press(); })()"
    )
    await expect(desk.at("pause-menu")).to_be_visible()
