"""The editor of what is said in a real browser: AM12, AM13, publishing; keyboard, axe, both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import person, shoot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

ROOT = "/admin/scripts"
EXPECTED = {
    "OVERDUE": "OVERDUE", "BROKEN": "BROKEN", "HARDSHIP": "HARDSHIP", "DISPUTE": "DISPUTE",
    "CURRENT": "CURRENT", "UNKNOWN": "UNKNOWN", "THIRD_PARTY": "THIRD_PARTY",
}  # fmt: skip

pytestmark = pytest.mark.timeout(180)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk_of_editor(floor: Floor, chromium: Browser) -> AsyncIterator[Page]:
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, floor.supervisor)
    yield page
    await page.context.close()


@pytest.mark.req("S0b-027")
async def test_am13_each_sample_gets_the_script_that_is_expected(
    floor: Floor, desk_of_editor: Page
) -> None:
    page = desk_of_editor
    await page.goto(f"{floor.address}{ROOT}/try")
    for code, script in EXPECTED.items():
        row = page.get_by_test_id(f"trial-{code}")
        await expect(row).to_have_attribute("data-script", script)
    await shoot(page, "scripts-try-vi")


@pytest.mark.req("S0b-027", "S0a-076")
async def test_am12_a_script_is_written_previewed_and_published_by_keyboard(
    floor: Floor, desk_of_editor: Page
) -> None:
    page = desk_of_editor
    at = page.get_by_test_id
    await page.goto(f"{floor.address}{ROOT}")
    await expect(at("publish")).to_be_disabled()
    await page.get_by_role("link", name="Quá hạn", exact=True).press("Enter")
    await expect(at("preview-when")).to_have_text("số ngày quá hạn trên 0")
    await expect(at("preview-fits")).to_have_attribute("data-fits", "true")

    await at("when").fill('{"field": "age", "op": ">", "value": 1}')
    await expect(at("preview-fault")).to_contain_text("Không có trường 'age'")
    await at("save").press("Enter")
    await expect(at("problem-when")).to_contain_text("Các trường là party, product")
    await expect(at("when")).to_be_focused()

    await at("when").fill('{"field": "dpd", "op": ">", "value": 3}')
    await at("vi_3").fill("Dạ về {product}: {promised}.")
    await expect(at("problem-when")).to_be_empty()
    await expect(at("preview").locator("mark").first).to_have_text("⟨số tiền đã hứa⟩")
    await shoot(page, "scripts-piece-vi")
    await at("sample").select_option("THIRD_PARTY")
    await expect(at("preview-fits")).to_have_attribute("data-fits", "false")
    await at("save").press("Enter")

    await expect(page).to_have_url(f"{floor.address}{ROOT}?sort=SCRIPT#SCRIPT.OVERDUE")
    row = at("piece-SCRIPT.OVERDUE")
    await expect(row).to_contain_text("Đã sửa")
    await expect(row).to_contain_text("số ngày quá hạn trên 3")
    await shoot(page, "scripts-list-vi")
    await at("publish-note").fill("Nói rõ lời hứa")
    await page.keyboard.press("Enter")
    await expect(at("version-2")).to_contain_text("Nói rõ lời hứa")
    await shoot(page, "scripts-versions-vi")

    await at("restore-1").click()
    await at("ask-yes").click()
    await expect(at("piece-SCRIPT.OVERDUE")).to_contain_text("số ngày quá hạn trên 0")
    await at("discard-SCRIPT.OVERDUE").click()
    await at("ask-yes").click()
    await expect(at("piece-SCRIPT.OVERDUE")).to_contain_text("số ngày quá hạn trên 3")


@pytest.mark.req("S0b-027")
async def test_conditions_are_put_together_from_lists(floor: Floor, desk_of_editor: Page) -> None:
    page = desk_of_editor
    at = page.get_by_test_id
    await page.goto(f"{floor.address}{ROOT}/new?sort=SCRIPT")
    await at("adder-field-when").select_option("product")
    await at("adder-word-when").select_option("CREDIT_CARD")
    await at("adder-add-when").press("Enter")
    await expect(at("preview-when")).to_have_text("sản phẩm là Thẻ tín dụng")
    await at("adder-field-when").select_option("dpd")
    await at("adder-operator-when").select_option("between")
    await at("adder-typed-when").fill("31, 60")
    await at("adder-add-when").press("Enter")
    await at("adder-field-when").select_option("flags")
    await at("adder-add-when").press("Enter")
    await expect(at("preview-when")).to_have_text(
        "sản phẩm là Thẻ tín dụng và số ngày quá hạn 31–60 và có cờ khó khăn"
    )
    await expect(at("preview-fits")).to_have_attribute("data-fits", "false")
    await shoot(page, "scripts-adder-vi")


async def test_leaving_what_is_not_saved_is_asked_about(floor: Floor, desk_of_editor: Page) -> None:
    page = desk_of_editor
    await page.goto(f"{floor.address}{ROOT}/pieces/SCRIPT.BROKEN")
    await page.get_by_test_id("title_vi").press_sequentially("x")
    asked = []

    async def stay(dialog: object) -> None:
        asked.append(dialog)
        await dialog.accept()  # type: ignore[attr-defined]  # playwright's own

    page.on("dialog", stay)
    await page.goto(f"{floor.address}{ROOT}")
    assert len(asked) == 1
    page.remove_listener("dialog", stay)
