"""Everybody signs in at once: the page says its place, keeps what was typed, and signs in by itself.

How turns are given is proved in test_admission and test_crowded_door; here a line that answers once as a crowded
door does stands before the real one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import person, shoot
from tests.support.desk import SOON
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route

    from tests.support.floor import Floor

PLACE, WAIT_MS, TURN = "57", "2400", "1.sealed"

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize(
    ("language", "theme", "words"),
    [("vi", "light", "Bạn đứng thứ 57"), ("en", "dark", "You are number 57")],
)
async def test_lg1_a_page_in_the_queue_says_its_place_and_signs_in_when_its_turn_has_come(
    floor: Floor, chromium: Browser, language: str, theme: str, words: str
) -> None:
    window = await person(chromium, language=language, theme=theme)
    page = await window.new_page()
    sent: list[str] = []

    async def crowded(route: Route) -> None:
        """The first time it is not yet one's turn."""
        if route.request.method != "POST":
            await route.continue_()
            return
        sent.append(route.request.post_data or "")
        if len(sent) > 1:
            await route.continue_()
            return
        told = {"Paceline-Place": PLACE, "Paceline-Wait": WAIT_MS, "Paceline-Turn": TURN}
        await route.fulfill(status=202, headers=told, content_type="text/html", body="")

    await page.route("**/login", crowded)
    await page.goto(f"{floor.address}/login")
    await page.get_by_test_id("login-username").fill(floor.supervisor)
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    queue = page.get_by_test_id("login-queue")
    await expect(queue.get_by_role("status")).to_contain_text(words, timeout=SOON)
    await expect(queue).to_have_attribute("data-place", re.compile(r"^\d+$"))
    await expect(page.get_by_test_id("login-password")).to_have_value(PASSWORD)
    await shoot(page, f"login-queue-{language}-{theme}")
    await page.wait_for_url(re.compile("/wall"), timeout=SOON)
    assert len(sent) == 2
    assert "turn=&" in sent[0] or 'name="turn"' in sent[0]
    assert TURN in sent[1]
    await window.close()
