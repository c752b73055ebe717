"""axe-core in a page: what it calls serious or critical."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.support.house import ROOT

if TYPE_CHECKING:
    from playwright.async_api import Page

SOURCE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """async (rules) => {
  const runOnly = rules.length ? { type: "rule", values: rules } : undefined;
  const { violations } = await axe.run(document, { resultTypes: ["violations"], runOnly });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
      `${id}: ${target.join(" ")} – ${[...any, ...all, ...none].map(({ message }) => message).join("; ")}`));
}"""


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


async def faults(page: Page, *rules: str) -> list[str]:
    """Serious and critical findings, of these rules or of all.

    The page's own policy stays in force: axe comes by the debugger.
    """
    if not await page.evaluate("typeof window.axe === 'object'"):
        await page.evaluate(f"() => {{ {_source()} }}")
    found: list[str] = await page.evaluate(_RUN, list(rules))
    return found
