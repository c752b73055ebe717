"""What an agent reads in the first seconds of a call, and how few keys it takes to the next one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.desk import SOON, Desk, open_desk, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
# The order in which a person needs it: who, why today, how much and how late, how to treat them, what to say.
READ = (
    "customer-name",
    "greeting",
    "reason",
    "key-fact",
    "due",
    "flags",
    "next-action",
    "card-panel",
)
ON_THE_LINE = "READY|RESERVED|IN_CALL"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(floor: Floor, chromium: Browser) -> AsyncIterator[Desk]:
    floor.load_people(40)
    await floor.open_campaign("Cards", lines=1, wrapup_s=30)
    async with sit_down(floor, chromium, floor.agent) as window:
        yield await open_desk(floor, window)


async def top(desk: Desk, part: str) -> float:
    """Where a part begins, in pixels from the top of the page. Raises `AssertionError` when it is not drawn."""
    box = await desk.at(part).first.bounding_box()
    assert box is not None, part
    return box["y"]


@pytest.mark.req("S0b-001", "S0b-003", "S0b-005", "S0b-007", "S0b-010", "S0d-002")
async def test_a_call_is_read_from_above_and_left_by_two_keys(desk: Desk) -> None:
    """No click, no page turned, from readiness through the outcome to the next readiness."""
    address, loaded = desk.page.url, await desk.page.evaluate("performance.timeOrigin")
    call = await desk.take_call()
    await expect(desk.at("card-panel")).to_be_visible(timeout=SOON)
    begins = [await top(desk, part) for part in READ]
    assert begins == sorted(begins), dict(zip(READ, begins, strict=True))

    await desk.hang_up()
    await desk.page.keyboard.press("9")
    await expect(desk.at("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.root).to_have_attribute("data-known", re.compile(ON_THE_LINE), timeout=SOON)

    assert desk.page.url == address
    assert await desk.page.evaluate("performance.timeOrigin") == loaded
    stored = await desk.floor.one(
        "SELECT count(*) AS n FROM actions WHERE call_id = :call", call=call
    )
    assert stored["n"] == 1
