"""What a wall of thousands costs its browser, by Chromium's own metrics: script, style, layout, long tasks.

`watch` counts a stretch of time; `scroll` moves the list of agents by script from its top to its end and looks
at every frame whether the rows in sight are the ones that belong there.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

METRICS: Final = {
    "ScriptDuration": "script",
    "RecalcStyleDuration": "style",
    "LayoutDuration": "layout",
    "TaskDuration": "all tasks",
}
# ux.md 6 with the issue: a second at 1 Hz deltas, and no task above this in a scripted scroll.
MOST_BUSY_MS: Final = 300.0
MOST_TASK_MS: Final = 50.0

_LISTEN = """() => {
  window.__tasks = [];
  new PerformanceObserver((list) => window.__tasks.push(...list.getEntries().map((task) => task.duration)))
    .observe({ type: "longtask" });
}"""
_TAKE = "() => window.__tasks.splice(0)"

# A frame at a time, so that the browser paints between. Rows are placed by their number: `aria-rowindex`.
_SCROLL = """([pixels]) => new Promise((resolve) => {
  const frame = document.querySelector("[data-testid=agents]");
  const height = 44;
  const seen = { frames: 0, most_rows: 0, blank: 0, misplaced: 0, milliseconds: 0, slow_frames: 0 };
  frame.scrollTop = 0;
  let last = performance.now();
  const began = last;
  const look = () => {
    const rows = [...frame.querySelectorAll("[data-testid=agent]")];
    const at = rows.map((row) => Number(row.getAttribute("aria-rowindex")) - 1);
    seen.frames += 1;
    seen.most_rows = Math.max(seen.most_rows, rows.length);
    const [top, bottom] = [frame.scrollTop / height, (frame.scrollTop + frame.clientHeight) / height];
    if (Math.min(...at) > top || Math.max(...at) < Math.floor(bottom) - 1) seen.blank += 1;
    seen.misplaced += rows.filter((row, i) => !row.style.transform.includes(`${at[i] * height}px`)).length;
  };
  const step = (now) => {
    if (now - last > 34) seen.slow_frames += 1;
    last = now;
    look();
    if (frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 1) {
      seen.milliseconds = now - began;
      return resolve(seen);
    }
    frame.scrollTop += pixels;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


@dataclass
class Effort:
    """What the page did meanwhile: ms a second of each kind, and its tasks of 50 ms and more."""

    seconds: float = 0.0
    ms_a_second: dict[str, float] = field(default_factory=dict)
    long_tasks_ms: list[float] = field(default_factory=list)

    @property
    def busy(self) -> float:
        """Script, style and layout together, ms a second."""
        return round(sum(self.ms_a_second[name] for name in ("script", "style", "layout")), 1)

    def told(self) -> dict[str, Any]:
        """For a table."""
        longest = max(self.long_tasks_ms, default=0.0)
        return {
            **self.ms_a_second,
            "busy": self.busy,
            "long tasks": len(self.long_tasks_ms),
            "longest": longest,
        }


@asynccontextmanager
async def watch(page: Page) -> AsyncIterator[Effort]:
    """Count what the page does during the block; the effort is filled in at its end."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    await page.evaluate(_LISTEN)
    effort = Effort()
    before = await _metrics(devtools)
    yield effort
    after = await _metrics(devtools)
    effort.seconds = after["Timestamp"] - before["Timestamp"]
    effort.ms_a_second = {
        word: round(1000 * (after[name] - before[name]) / effort.seconds, 1)
        for name, word in METRICS.items()
    }
    effort.long_tasks_ms = await page.evaluate(_TAKE)
    await devtools.detach()


async def _metrics(devtools: Any) -> dict[str, float]:
    told = await devtools.send("Performance.getMetrics")
    return {each["name"]: each["value"] for each in told["metrics"]}


async def scroll(page: Page, *, pixels: int = 264) -> dict[str, Any]:
    """Scroll the list of agents to its end, six rows a frame; what was seen on the way."""
    seen: dict[str, Any] = await page.evaluate(_SCROLL, [pixels])
    return seen
