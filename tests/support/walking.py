"""A walk through a page by Tab alone, as somebody without a pointer takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import Page

MOST_STEPS: Final = 400

# What may be reached: seen, enabled, and not left out on purpose (the cells of a grid have arrows of their own).
_REACHABLE: Final = """() => {
  const radios = new Set();
  window.__reachable = [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]")].filter((node) => {
      if (node.disabled || node.tabIndex < 0 || !node.checkVisibility() || node.type === "hidden") return false;
      if (node.closest("[inert]")) return false;
      if (node.type !== "radio") return true;
      const first = !radios.has(node.name);  // Tab goes to one of a group
      radios.add(node.name);
      return first;
    });
  window.__reached = new Set();
  window.__last = null;
  const before = document.createElement("span");  // a field may have taken the focus at first
  before.tabIndex = -1;
  document.body.prepend(before);
  before.focus();
  before.remove();
  return window.__reachable.filter((node) => node.tabIndex > 0).map((node) => node.outerHTML.slice(0, 120));
}"""

_STEP: Final = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return ["end", ""];
  const said = node.getAttribute("aria-label") || node.textContent.trim() || node.name || node.tagName;
  const name = said.slice(0, 60);
  if (window.__last === node) return ["", name];  // the parts of a date are one control
  window.__last = node;
  if (window.__reached.has(node)) return ["again", name];
  window.__reached.add(node);
  if (node.type === "radio")
    for (const other of document.getElementsByName(node.name)) window.__reached.add(other);
  const box = node.getBoundingClientRect(), style = getComputedStyle(node);
  const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  if (!ringed) return ["no ring", name];
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 24) / 2, 1), innerHeight - 1);
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
    return ["out of sight", name];
  const over = document.elementFromPoint(x, y);
  if (over && !node.contains(over) && !over.contains(node) && !over.closest("label")?.contains(node))
    return ["hidden by another part", `${name}, by ${over.className || over.tagName}`];
  return ["", name];
}"""

_MISSED: Final = """() => window.__reachable
  .filter((node) => node.isConnected && node.checkVisibility() && !node.disabled && !window.__reached.has(node))
  .map((node) => node.outerHTML.slice(0, 160))"""


async def walk(page: Page) -> list[str]:
    """Press Tab until the page is through: what is not reached, and where the focus is not seen."""
    found = [f"out of order: {each}" for each in await page.evaluate(_REACHABLE)]
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        what, name = await page.evaluate(_STEP)
        if what in ("end", "again"):
            break
        if what:
            found.append(f"{what}: {name}")
    return found + [f"not reached: {each}" for each in await page.evaluate(_MISSED)]
