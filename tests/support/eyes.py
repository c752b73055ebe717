"""A demanding look at a page: axe, language, headings, and text that is cut off.

What is wrong comes back as sentences, so that one look tells of every fault at once. PACELINE_SHOTS names
a folder for pictures: Vietnamese in light, English in dark.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from app.render import LANGUAGES, load_sentences
from tests.support.axe import faults
from tests.support.chromium import shoot, visible_text_below

if TYPE_CHECKING:
    from playwright.async_api import Page

SMALLEST: Final = 14  # px
SHOWN: Final[dict[str, Literal["light", "dark"]]] = {"vi": "light", "en": "dark"}
SENTENCE: Final = 6  # letters: shorter words mean something in both languages


async def examine(page: Page, name: str, language: str, *, other_theme: bool = True) -> list[str]:
    """Everything that is wrong with the page as it stands, in the theme of its picture.

    The other theme changes nothing but colours, and they alone are looked at there; who looks in the other
    language, too, has seen them.
    """
    shown = SHOWN[language]
    await page.emulate_media(color_scheme=shown)
    found = await page.evaluate(_UNSAID, [language, _of_the_others(language)])
    found += [f"small: {text}" for text in await visible_text_below(page, SMALLEST)]
    await shoot(page, f"{name}-{language}-{shown}")
    found += await page.evaluate(_CLIPPED)
    found += [f"{shown}: {fault}" for fault in await faults(page)]
    if other_theme:
        other: Literal["light", "dark"] = "dark" if shown == "light" else "light"
        await page.emulate_media(color_scheme=other)
        found += [f"{other}: {fault}" for fault in await faults(page, "color-contrast")]
    return [f"{name}: {fault}" for fault in found]


def listen(page: Page) -> list[str]:
    """What the page complains of from now on: scripts, its own policy, what it asked for in vain."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@cache
def _of_the_others(language: str) -> list[str]:
    """Sentences that belong to another language only."""
    catalogues = load_sentences().by_language
    own = set(catalogues[language].values())
    others = {
        each for other in LANGUAGES if other != language for each in catalogues[other].values()
    }
    return sorted(each for each in others - own if len(each) >= SENTENCE and "{" not in each)


_TEXTS: Final = """
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (text && !holder.closest("script, style, noscript") && holder.checkVisibility())
      texts.push([text, holder, walk.currentNode]);
  }
"""

_UNSAID: Final = (
    """([language, strange]) => {"""
    + _TEXTS
    + """
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    for (const name of ["aria-label", "title", "placeholder", "alt"])
      if (node.getAttribute(name) && node.checkVisibility()) texts.push([node.getAttribute(name), node]);
  const wrong = [];
  const headings = [...document.querySelectorAll("h1")].filter((node) => node.checkVisibility());
  if (headings.length !== 1) wrong.push(`${headings.length} first headings`);
  else if (!headings[0].textContent.trim()) wrong.push("the first heading is empty");
  if (!/^.+ · Paceline$|^☎ ./.test(document.title)) wrong.push(`title: ${document.title}`);
  if (document.documentElement.lang !== language) wrong.push(`lang: ${document.documentElement.lang}`);
  const foreign = new Set(strange);
  for (const [text, holder] of texts) {
    if (/⟨\\w*⟩/.test(text) && !holder.closest("mark")) wrong.push(`a field without a value: ${text}`);
    if (/^[a-z]+(_[a-z]+)*(\\.\\w+)+$/.test(text)) wrong.push(`a key without words: ${text}`);
    if (/\\b(undefined|null|NaN|Invalid Date|None)\\b/.test(text)) wrong.push(`no value: ${text}`);
    if (/(^|\\s)[A-Z]{2,}_[A-Z_]+($|\\s)/.test(text) && !holder.closest("code")) wrong.push(`a code: ${text}`);
    const own = holder.closest("[lang]").lang === language;
    if (own && foreign.has(text)) wrong.push(`in another language: ${text}`);
  }
  return wrong;
}"""
)

# Text that some frame without a scrollbar cuts off, and a page that is wider than its window. Letters
# reach a little over their line, so the height is taken with a little leave.
_CLIPPED: Final = (
    """() => {"""
    + _TEXTS
    + """
  const wrong = new Set();
  if (document.documentElement.scrollWidth > innerWidth)
    wrong.add(`wider than the window: ${document.documentElement.scrollWidth} px`);
  const hides = (way) => way === "hidden" || way === "clip";
  for (const [text, holder, node] of texts) {
    if (holder.closest(".sr, svg, .skip")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    let across = true, down = true;
    for (let up = holder; up && up !== document.documentElement && (across || down); up = up.parentElement) {
      const style = getComputedStyle(up), frame = up.getBoundingClientRect();
      if (across && hides(style.overflowX) && (box.right > frame.right + 1.5 || box.left < frame.left - 1.5))
        wrong.add(`cut off at the side: ${text}`);
      if (down && hides(style.overflowY) && (box.bottom > frame.bottom + 4 || box.top < frame.top - 4))
        wrong.add(`cut off above or below: ${text}`);
      const slides = /auto|scroll/.test(style.overflowX) && !up.matches('pre, textarea, [tabindex="0"]');
      if (across && slides && box.right > frame.right + 1.5)
        wrong.add(`only seen by sliding sideways: ${text}`);
      if (style.overflowX !== "visible") across = false;
      if (style.overflowY !== "visible") down = false;
      if (style.position === "fixed") break;
    }
    if (across && (box.right > innerWidth + 1.5 || box.left < -1.5)) wrong.add(`outside the window: ${text}`);
  }
  return [...wrong];
}"""
)
