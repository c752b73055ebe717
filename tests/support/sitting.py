"""People at their pages while things break: get ready, take calls, and what a page showed at what instant."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from playwright.async_api import expect

from tests.support.chromium import person

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Browser, Locator, Page

    from tests.support.floor import Floor

SOON = 30_000.0  # ms
CALL = 90_000.0  # ms; several numbers may be busy first

# Every change of what a page says about itself, with the machine's own clock beside it.
_WATCH = """
(selector) => {
  const page = document.querySelector(selector);
  window.__shown = [];
  const note = () => {
    const strip = document.querySelector('.strip-row');
    window.__shown.push([Date.now(), page.dataset.state, page.dataset.stale, strip?.dataset.testid ?? '']);
  };
  note();
  new MutationObserver(note).observe(page, { attributes: true, subtree: true, childList: true });
}
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page said about itself from `at` (seconds since 1970, the machine's clock) on."""

    at: float
    state: str
    stale: bool
    strip: str


class Seat:
    """One agent at one page."""

    def __init__(self, floor: Floor, page: Page, username: str) -> None:
        self.floor = floor
        self.page = page
        self.username = username

    @property
    def root(self) -> Locator:
        """The element that holds the state."""
        return self.page.get_by_test_id("desk")

    def part(self, name: str) -> Locator:
        """A part of the page by its test id."""
        return self.page.get_by_test_id(name)

    async def reach(self, *states: str, within: float = SOON) -> None:
        """Wait until the page is in one of these states; `within` ms."""
        wanted = ",".join(f'[data-testid=desk][data-state="{state}"]' for state in states)
        try:
            await self.page.wait_for_selector(wanted, timeout=within, state="attached")
        except PlaywrightTimeoutError as late:
            raise AssertionError(f"never {states}: {await self.account()}") from late

    async def ready(self) -> None:
        """Ask for calls."""
        await self.page.keyboard.press("Alt+R")
        await self.reach("READY", "RESERVED", "IN_CALL")

    async def in_call(self) -> str:
        """Wait for a call that is connected and painted; its id.

        One that came and went while the test looked elsewhere is wrapped up first: no other comes before.
        """
        await self.reach("IN_CALL", "WRAP_UP", "WRAP_OVER", within=CALL)
        while await self.root.get_attribute("data-state") != "IN_CALL":
            await self.finish()
            await self.reach("IN_CALL", "WRAP_UP", "WRAP_OVER", within=CALL)
        await expect(self.part("customer-name").first).not_to_be_empty(timeout=SOON)
        (row,) = await self.floor.until(
            "SELECT id FROM calls WHERE agent_id = :agent AND connected_at IS NOT NULL"
            " AND ended_at IS NULL AND painted_at IS NOT NULL",
            agent=self.floor.users[self.username],
        )
        return str(row["id"])

    async def write_note(self, text: str) -> None:
        """Type a note, as a person does."""
        await self.part("note").click()
        await self.page.keyboard.type(text)

    async def choose(self, digit: str) -> None:
        """Choose an outcome that needs nothing by its digit, and see it saved."""
        await self.page.keyboard.press(f"Alt+{digit}")
        await expect(self.part("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)

    async def finish(self, digit: str = "9") -> None:
        """Choose an outcome, end the call if the customer has not, and finish."""
        await self.choose(digit)
        if await self.root.get_attribute("data-state") == "IN_CALL":
            await self.hang_up()
        await self.reach("WRAP_UP", "WRAP_OVER", within=CALL)
        await self.page.keyboard.press("Control+Enter")
        await self.reach("READY", "RESERVED", "IN_CALL", "NOT_READY", "PAUSED")

    async def hang_up(self) -> None:
        """End the call, as a person does: the key twice."""
        await self.page.keyboard.press("Alt+X")
        await expect(self.part("hangup")).to_have_class("bar-button end armed", timeout=SOON)
        await asyncio.sleep(0.3)  # the keyboard takes no key twice within 250 ms
        await self.page.keyboard.press("Alt+X")

    async def account(self) -> str:
        """What page and house say now, for a test that waited in vain."""
        shown = (await self.page.evaluate("window.__shown ?? []"))[-3:]
        return f"shown {shown}, card {await self.card()}, {await self.floor.account()}"

    async def card(self) -> dict[str, Any]:
        """The agent's own card, as the page has it."""
        told: dict[str, Any] = await self.page.evaluate(
            "document.querySelector('agent-desk').desk.agent"
        )
        return told

    async def watch(self) -> None:
        """Begin to note what the page shows."""
        await self.page.evaluate(_WATCH, "[data-testid=desk]")

    async def first(self, so: Callable[[Shown], bool], *, after: float) -> float:
        """Seconds from `after` (seconds since 1970) until the page first showed it."""
        return await first_shown(self.page, so, after=after)


async def first_shown(
    page: Page, so: Callable[[Shown], bool], *, after: float, seconds: float = 60.0
) -> float:
    """Seconds from `after` until the watched page first showed it. Raises `AssertionError`."""
    ends = time.monotonic() + seconds
    seen: list[Shown] = []
    while time.monotonic() < ends:
        rows = await page.evaluate("window.__shown")
        seen = [Shown(at / 1000, state, stale == "true", strip) for at, state, stale, strip in rows]
        found = next((one for one in seen if one.at >= after and so(one)), None)
        if found is not None:
            return found.at - after
        await asyncio.sleep(0.1)
    raise AssertionError(f"not shown within {seconds:g} s: {seen[-5:]}")


async def sit_down(floor: Floor, chromium: Browser, username: str, *, over: str = "") -> Seat:
    """Open a browser, sign in, and be at the desk, not ready yet; `over` another address than the house's."""
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, username)
    if over:
        await page.goto(f"{over}/desk")
    seat = Seat(floor, page, username)
    await seat.reach("NOT_READY")
    await seat.watch()
    return seat


async def open_wall(floor: Floor, chromium: Browser) -> Page:
    """The supervisor's wall, with figures on it."""
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, floor.supervisor)
    await page.goto(f"{floor.address}/wall?view=campaigns")
    wall = page.get_by_test_id("wall")
    await expect(wall).to_have_attribute("data-state", "LIVE", timeout=SOON)
    await expect(wall).to_have_attribute("data-stale", "false", timeout=SOON)
    await page.evaluate(_WATCH, "[data-testid=wall]")
    return page
