"""Part of the floor cannot be heard: the wall says which branch is missing, and when it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, sit_down

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

COLLEAGUE = "hoa"

pytestmark = pytest.mark.timeout(240)


async def test_a_branch_of_which_no_desk_is_heard_is_named_until_one_is(
    floor: Floor, chromium: Browser
) -> None:
    await floor.hire(COLLEAGUE)
    await floor.run("UPDATE teams SET branch = 'Cần Thơ'")
    async with (
        sit_down(floor, chromium, floor.supervisor) as leading,
        sit_down(floor, chromium, floor.agent) as first,
        sit_down(floor, chromium, COLLEAGUE) as second,
    ):
        desks = [Desk(floor, await window.new_page()) for window in (first, second)]
        for desk in desks:
            await desk.load()
        wall = await leading.new_page()
        await wall.goto(f"{floor.address}/wall")
        missing = wall.get_by_test_id("missing-branch")
        await expect(wall.get_by_test_id("wall")).to_have_attribute("data-state", "LIVE")
        await desks[0].page.close()
        await expect(missing).to_have_count(0)
        await desks[1].page.close()
        await expect(missing).to_contain_text("Cần Thơ", timeout=SOON)
        await shoot(wall, "missing-branch")
        again = Desk(floor, await second.new_page())
        await again.load()
        await expect(missing).to_have_count(0, timeout=SOON)
