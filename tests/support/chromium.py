"""A real Chromium, found on the machine, with its phoning home switched off."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import Browser, BrowserContext, async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1366, "height": 768}


def chromium() -> str:
    """The browser's path. Raises when none is installed: `make test` installs it as root."""
    for program in PROGRAMS:
        if found := shutil.which(program):
            return found
    raise RuntimeError("no Chromium on this machine: apt-get install chromium fonts-noto-core")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A headless browser for as long as the block lasts."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield started
        finally:
            await started.close()


async def person(started: Browser, *, language: str = "vi", theme: str = "light") -> BrowserContext:
    """A person's own browser window: cookies of its own, Vietnamese, 1366x768."""
    return await started.new_context(
        viewport={"width": DESK["width"], "height": DESK["height"]},
        locale="vi-VN" if language == "vi" else "en-US",
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="Asia/Ho_Chi_Minh",
    )
