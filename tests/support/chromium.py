"""A real Chromium, found on the machine, with its phoning home switched off."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

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
DESK: ViewportSize = {"width": 1366, "height": 768}


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
        viewport=DESK,
        locale="vi-VN" if language == "vi" else "en-US",
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="Asia/Ho_Chi_Minh",
    )


async def whatever_is_cut_off(page: Page, testids: Sequence[str]) -> list[str]:
    """What of these parts is not wholly on the screen: absent, outside, clipped, or its text cut short."""
    found: list[str] = await page.evaluate(_CUT_OFF, list(testids))
    return found


async def visible_text_below(page: Page, pixels: int) -> list[str]:
    """Texts on the screen that are set smaller than `pixels`."""
    found: list[str] = await page.evaluate(_SMALL, pixels)
    return found


async def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder that PACELINE_SHOTS names; without it do nothing."""
    if folder := os.environ.get("PACELINE_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


_CUT_OFF = """(testids) => testids.flatMap((testid) => {
  const nodes = [...document.querySelectorAll(`[data-testid="${testid}"]`)];
  if (!nodes.length) return [`${testid}: absent`];
  return nodes.flatMap((node) => {
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height) return [`${testid}: nothing to see`];
    if (box.left < 0 || box.top < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
      return [`${testid}: outside the window, ${Math.round(box.right)} x ${Math.round(box.bottom)}`];
    for (let up = node.parentElement; up && up !== document.documentElement; up = up.parentElement) {
      if (getComputedStyle(up).overflow === "visible") continue;
      const frame = up.getBoundingClientRect();
      if (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 ||
          box.left < frame.left - 1 || box.top < frame.top - 1)
        return [`${testid}: cut by ${up.className || up.tagName}`];
    }
    const cut = [node, ...node.querySelectorAll("*")].find((part) =>
      getComputedStyle(part).overflow !== "visible" && !part.closest("svg, .sr") &&
      (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1));
    return cut ? [`${testid}: text cut short, ${cut.textContent.trim()}`] : [];
  });
})"""

_SMALL = """(pixels) => {
  const small = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (!text || holder.closest("script, style, noscript, .sr") || !holder.checkVisibility()) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < pixels) small.add(`${size}px ${holder.tagName}: ${text}`);
  }
  return [...small];
}"""
