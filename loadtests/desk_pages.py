"""Agents at real pages: Chromium, the keys that a person presses, nothing read but the page.

Each page waits inside itself for its next state (one observer, no polling), so that driving it costs
next to nothing beside what it shows.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.async_api import Error, async_playwright

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from playwright.async_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WRAP_UP_SECONDS = 3.0  # a bot of profile brisk takes 4 in all
LOOK_AGAIN_MS = 30_000

# Resolves with the desk's state as soon as it is one of those asked for, or after a while as it is.
AWAIT_STATE = """([states, patience]) => new Promise((resolve) => {
  const desk = document.querySelector("[data-testid=desk]");
  const found = () => states.includes(desk.dataset.state);
  const end = () => { observer.disconnect(); clearTimeout(timer); resolve(desk.dataset.state); };
  const observer = new MutationObserver(() => { if (found()) end(); });
  const timer = setTimeout(end, patience);
  observer.observe(desk, { attributes: true, attributeFilter: ["data-state"] });
  if (found()) end();
})"""


@dataclass(slots=True)
class Work:
    """What the pages have done so far."""

    ready: int = 0
    calls: int = 0
    mishaps: list[str] = field(default_factory=list)


def chromium() -> str:
    """The browser's path. Raises `Unavailable` when none is installed."""
    for program in PROGRAMS:
        if found := shutil.which(program):
            return found
    raise Unavailable("No Chromium is installed: run `make browser` as root, or install one.")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """One headless browser for the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def agents_at_pages(
    address: str, sign_ins: Sequence[Mapping[str, str]]
) -> AsyncIterator[Work]:
    """Sign these agents in, each in a window of his own, and let them work during the block."""
    work = Work()
    async with open_browser() as browser:
        pages = [await sign_in(browser, address, each) for each in sign_ins]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_shift(page, work)) for page in pages]
                try:
                    yield work
                finally:
                    for task in tasks:
                        task.cancel()
        except BaseExceptionGroup as faults:
            raise faults.exceptions[0] from None


async def sign_in(browser: Browser, address: str, who: Mapping[str, str]) -> Page:
    """A person's own window, signed in, at the desk."""
    window = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    page = await window.new_page()
    await page.goto(f"{address}/login")
    await page.get_by_test_id("login-username").fill(who["username"])
    await page.get_by_test_id("login-password").fill(who["password"])
    await page.get_by_test_id("login-submit").click()
    await page.wait_for_url("**/desk")
    return page


async def _shift(page: Page, work: Work) -> None:
    """Work until cancelled; a mishap of the page is noted and survived."""
    while True:
        try:
            await _one_round(page, work)
        except Error as mishap:
            work.mishaps.append(str(mishap).splitlines()[0])
            await asyncio.sleep(1.0)


async def _one_round(page: Page, work: Work) -> None:
    state = await _await_state(page, "NOT_READY", "PAUSED", "IN_CALL", "WRAP_UP", "WRAP_OVER")
    if state in {"NOT_READY", "PAUSED"}:
        await page.keyboard.press("Alt+R")
        if await _await_state(page, "READY", "IDLE", "RESERVED", "IN_CALL") != state:
            work.ready += 1
    elif state == "IN_CALL":
        await page.keyboard.press("9")
        await _await_state(page, "WRAP_UP", "WRAP_OVER")
    elif state in {"WRAP_UP", "WRAP_OVER"}:
        await asyncio.sleep(WRAP_UP_SECONDS)
        await page.keyboard.press("Control+Enter")
        if (
            await _await_state(page, "READY", "IDLE", "RESERVED", "IN_CALL", patience=3_000)
            == state
        ):
            await page.keyboard.press("9")  # its outcome was not taken: say it again
        else:
            work.calls += 1


async def _await_state(page: Page, *states: str, patience: int = LOOK_AGAIN_MS) -> str:
    found: str = await page.evaluate(AWAIT_STATE, [list(states), patience])
    return found
