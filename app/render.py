"""Pages and sentences: Jinja over `web/templates`, the catalogues in `web/i18n`, formats of the house.

A template is given `t(key, **values)`, `asset(name)`, `language`, and what its route passes. The one
inline script that a page may hold is the JSON boot block (`{{ boot | boot_block }}`): data, not code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.values.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

LANGUAGES: Final = ("vi", "en")
WEB: Final = Path(__file__).resolve().parents[1] / "web"
BUSINESS_ZONE: Final = "Asia/Ho_Chi_Minh"


def pick_language(wanted: str | None, accept: str = "") -> str:
    """The language of a page: the one chosen, else the first we speak in `Accept-Language`, else vi."""
    for word in (wanted or "", *accept.split(",")):
        code = word.strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The catalogues, by language: flat keys to sentences with `{fields}`."""

    by_language: Mapping[str, Mapping[str, str]]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """The sentence `key` in `language`; a key nobody wrote is shown as itself.

        A field without a value stays visible as `⟨field⟩`, which a test and a reader both notice.
        """
        sentence = self.by_language.get(language, {}).get(key)
        if sentence is None:
            return key
        return sentence.format_map(_Fields(values))

    def speaker(self, language: str) -> Callable[..., str]:
        """`t` for one language: `t(key, **values) -> str`."""
        return partial(self.say, language)


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"⟨{key}⟩"


def load_sentences(folder: Path = WEB / "i18n") -> Sentences:
    """Read `vi.json` and `en.json`; a catalogue that is not there is empty."""
    found = {}
    for language in LANGUAGES:
        path = folder / f"{language}.json"
        found[language] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return Sentences(found)


class Pages:
    """Renders templates. Built once at the start; `web` is the folder of assets."""

    def __init__(self, web: Path = WEB, *, sentences: Sentences | None = None) -> None:
        self.sentences = sentences or load_sentences(web / "i18n")
        self.static = web / "dist"
        self._manifest_path = web / "dist" / "manifest.json"
        self._manifest: dict[str, str] = {}
        self._manifest_made = 0.0
        self._jinja = Environment(
            loader=FileSystemLoader(web / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters.update(
            boot_block=boot_block, money=money, phone=phone, day=day, instant=instant
        )
        self._jinja.globals["asset"] = self.asset

    def asset(self, name: str) -> str:
        """The address of a built asset: `desk.js` to `/static/desk-4F2A.js`.

        A bundle built anew is seen without a restart: its old files are gone.
        """
        made = self._manifest_path.stat().st_mtime if self._manifest_path.exists() else 0.0
        if made != self._manifest_made:
            told = json.loads(self._manifest_path.read_text("utf-8"))
            self._manifest, self._manifest_made = dict(told), made
        return f"/static/{self._manifest.get(name, name)}"

    def page(self, template: str, language: str, **context: Any) -> str:
        """The text of a page. Raises jinja2's errors: a missing value is a defect, not a blank."""
        speak = self.sentences.speaker(language)
        return self._jinja.get_template(template).render(t=speak, language=language, **context)


def boot_block(value: object) -> Markup:
    """JSON that is safe inside `<script type="application/json">`: no `<`, `>`, `&` or line ends."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - every character that could end the block is escaped above


def money(minor: int, currency: str, language: str = "vi") -> str:
    """An amount of minor units as people write it."""
    return Money(minor, currency).display(language)


def phone(number: str) -> str:
    """A number as people read it: `+84912345678` to `0912 345 678`; foreign ones stay as they are."""
    if not number.startswith("+84"):
        return number
    local = "0" + number.removeprefix("+84")
    return f"{local[:4]} {local[4:7]} {local[7:]}".rstrip()


def day(value: date) -> str:
    """`20/11/2026`, in both languages: the desk never guesses which of two numbers is the month."""
    return f"{value:%d/%m/%Y}"


def instant(value: datetime, zone: str = BUSINESS_ZONE) -> str:
    """`20/11/2026 14:05` at the business zone, whatever the reader's computer thinks."""
    return f"{value.astimezone(ZoneInfo(zone)):%d/%m/%Y %H:%M}"
