"""Sentences, formats and the boot block."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from jinja2 import UndefinedError

from app import render
from app.render import Pages, Sentences, boot_block, pick_language

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("wanted", "accept", "language"),
    [
        ("en", "vi", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr,en;q=0.5", "en"),
        ("fr", "", "vi"),
        (None, "", "vi"),
        ("EN", "", "en"),
    ],
)
def test_language_is_the_chosen_or_the_first_we_speak(
    wanted: str | None, accept: str, language: str
) -> None:
    assert pick_language(wanted, accept) == language


def test_sentence_is_filled_and_what_is_missing_stays_visible() -> None:
    sentences = Sentences({"vi": {"a": "Chờ {seconds} giây, {who}"}, "en": {}})
    assert sentences.say("vi", "a", seconds=5) == "Chờ 5 giây, ⟨who⟩"
    assert sentences.say("en", "a") == "a"
    assert sentences.speaker("vi")("a", seconds=1, who="Lan") == "Chờ 1 giây, Lan"


def test_sentences_of_a_folder_without_catalogues_are_empty(tmp_path: Path) -> None:
    assert render.load_sentences(tmp_path).say("vi", "x") == "x"


@pytest.mark.parametrize("text", ["</script>", "<!--", "a & b", "\u2028", "đ"])
def test_boot_block_is_the_same_json_and_cannot_end_its_block(text: str) -> None:
    block = str(boot_block({"text": text}))
    assert json.loads(block) == {"text": text}
    assert not set("<>&\u2028") & set(block)


def test_formats_are_the_house_s() -> None:
    assert render.money(5_000_000, "VND") == "5.000.000\u00a0₫"
    assert render.phone("+84912345678") == "0912 345 678"
    assert render.phone("+15551234567") == "+15551234567"
    assert render.day(date(2026, 11, 20)) == "20/11/2026"
    assert render.instant(datetime(2026, 11, 20, 7, 5, tzinfo=UTC)) == "20/11/2026 14:05"


def a_web(folder: Path, page: str) -> Pages:
    (folder / "templates").mkdir()
    (folder / "templates" / "page.html").write_text(page)
    (folder / "dist").mkdir()
    (folder / "dist" / "manifest.json").write_text('{"desk.js": "desk-4F.js"}')
    return Pages(folder, sentences=Sentences({"vi": {"hello": "Chào {who}"}}))


def test_page_has_sentences_assets_and_what_its_route_passes(tmp_path: Path) -> None:
    pages = a_web(tmp_path, "{{ t('hello', who=who) }} {{ asset('desk.js') }} {{ language }}")
    assert pages.page("page.html", "vi", who="<b>") == "Chào &lt;b&gt; /static/desk-4F.js vi"
    assert pages.asset("other.css") == "/static/other.css"


def test_bundle_built_anew_is_seen_without_a_restart(tmp_path: Path) -> None:
    pages = a_web(tmp_path, "")
    assert pages.asset("desk.js") == "/static/desk-4F.js"
    manifest = tmp_path / "dist" / "manifest.json"
    manifest.write_text('{"desk.js": "desk-5A.js"}')
    os.utime(manifest, (1, 1))
    assert pages.asset("desk.js") == "/static/desk-5A.js"


def test_missing_value_is_a_defect_and_not_a_blank(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        a_web(tmp_path, "{{ nothing }}").page("page.html", "vi")


def test_pages_stand_without_a_bundle(tmp_path: Path) -> None:
    assert Pages(tmp_path).asset("desk.js") == "/static/desk.js"
