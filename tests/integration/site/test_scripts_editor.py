"""The editor of what is said over its doors: saved, previewed, published, restored; faults in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.support.browser import Browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.main import Site

ROOT = "/admin/scripts"
FORM: dict[str, Any] = {
    "sort": "SCRIPT", "code": "CARDS", "title_vi": "Thẻ", "title_en": "Cards", "priority": 15,
    "when": '{"field": "product", "op": "=", "value": "CREDIT_CARD"}', "active": True, "revision": 0,
    "vi_1": "{greeting} Về thẻ số đuôi {tail}.", "en_1": "{greeting} About card {tail}.",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def editor(site: Site, database: Database) -> AsyncIterator[Browser]:
    """A supervisor before an untouched book."""
    async with database.writing() as session:
        for table in ("script_books", "script_changes"):
            await session.execute(text(f"DELETE FROM {table}"))
    async with Browser(site) as browser:
        assert (await browser.sign_in("supervisor")).status_code == 200
        yield browser


async def page(editor: Browser, path: str, language: str = "vi") -> str:
    answer = await editor.get(
        f"{ROOT}{path}", Accept="text/html", Cookie=await cookie(editor, language)
    )
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


async def cookie(editor: Browser, language: str) -> str:
    kept = {each.name: each.value for each in editor.client.cookies.jar}
    return "; ".join(f"{name}={value}" for name, value in {**kept, "language": language}.items())


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "path",
    ["", "?sort=STATEMENT", "?sort=OBJECTION", "?sort=GREETING", "?sort=TEMPLATE", "?sort=ODD",
     "/new?sort=SCRIPT", "/new?sort=STATEMENT", "/new?sort=SCRIPT&like=BROKEN", "/try", "/versions",
     "/pieces/SCRIPT.OVERDUE", "/pieces/STATEMENT.IDENTITY_CHECK", "/pieces/TEMPLATE.HARDSHIP",
     "/versions/1"],
)  # fmt: skip
async def test_every_page_is_whole_in_both_languages(
    editor: Browser, path: str, language: str
) -> None:
    told = await page(editor, path, language)
    assert f'lang="{language}"' in told
    assert "scripts." not in told.replace("scripts.css", "").replace("admin.scripts", "")


@pytest.mark.parametrize(
    "path", ["/pieces/SCRIPT.NONE", "/pieces/odd", "/versions/2", "/versions/x"]
)
async def test_what_is_not_there_is_not_found(editor: Browser, path: str) -> None:
    assert (await editor.get(f"{ROOT}{path}")).status_code == 404


@pytest.mark.req("S0b-027")
async def test_a_piece_is_saved_published_and_taken_back(editor: Browser) -> None:
    saved = await editor.post(f"{ROOT}/pieces", FORM)
    assert saved.json()["next"] == "/admin/scripts?sort=SCRIPT#SCRIPT.CARDS"
    told = await page(editor, "")
    assert "sản phẩm là Thẻ tín dụng" in told
    assert 'data-testid="discard-SCRIPT.CARDS"' in told

    published = await editor.post(f"{ROOT}/publish", {"version": 1, "note": "thẻ"})
    assert published.json()["version"] == 2
    versions = await page(editor, "/versions")
    assert 'data-testid="version-2"' in versions
    assert "Nguyễn supervisor" in versions
    assert 'data-testid="restore-1"' in versions

    restored = await editor.post(f"{ROOT}/restore", {"version": 1})
    assert restored.json()["changed"] == 1
    assert "Sẽ bỏ" in await page(editor, "")
    for deed in ("discard", "discard"):
        done = await editor.post(f"{ROOT}/{deed}", {"sort": "SCRIPT", "code": "CARDS"})
        assert done.status_code == 200
    gone = await editor.post(f"{ROOT}/remove", {"sort": "SCRIPT", "code": "CARDS", "revision": 0})
    assert gone.status_code == 200
    await editor.post(f"{ROOT}/publish", {"version": 2})
    assert "SCRIPT.CARDS" not in await page(editor, "")


async def test_the_same_key_publishes_once(editor: Browser) -> None:
    await editor.post(f"{ROOT}/pieces", FORM)
    first = await editor.post(f"{ROOT}/publish", {"version": 1}, key="publish-0001")
    again = await editor.post(f"{ROOT}/publish", {"version": 1}, key="publish-0001")
    assert first.json() == again.json()
    late = await editor.post(f"{ROOT}/publish", {"version": 1})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "SCRIPT_PUBLISHED")


@pytest.mark.parametrize(
    ("changes", "field", "vietnamese", "english"),
    [
        ({"when": '{"field": "age", "op": "=", "value": 1}'}, "when",
         "Không có trường 'age'", "There is no field 'age'"),
        ({"when": "{"}, "when", "không phải JSON", "is no JSON"),
        ({"vi_1": "{ten}"}, "vi_1", "Không có {ten}", "There is no {ten}"),
        ({"en_1": ""}, "en_1", "cả hai ngôn ngữ", "both languages"),
        ({"code": "x"}, "code", "Mã gồm", "A code is"),
        ({"when": '{"field": "party", "op": "=", "value": "THIRD_PARTY"}'}, "vi_1",
         "Người khác không được nghe", "Nobody else may hear"),
    ],
)  # fmt: skip
async def test_a_fault_is_told_at_its_field_in_the_readers_language(
    editor: Browser, changes: dict[str, Any], field: str, vietnamese: str, english: str
) -> None:
    for language, words in (("vi", vietnamese), ("en", english)):
        answer = await editor.post(
            f"{ROOT}/pieces", {**FORM, **changes}, Cookie=await cookie(editor, language)
        )
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["field"] == field
        assert words in error["sentence"]
        preview = await editor.client.post(
            f"{ROOT}/preview",
            json={**FORM, **changes},
            headers={"X-CSRF-Token": editor.csrf, "Cookie": await cookie(editor, language)},
        )
        assert preview.status_code == 200
        assert 'data-testid="preview-fault"' in preview.json()["html"]


@pytest.mark.req("S0b-027")
async def test_am12_the_preview_marks_what_the_sample_lacks(editor: Browser) -> None:
    form = {**FORM, "vi_1": "<b>{promised}</b>", "en_1": "{promised}", "sample": "OVERDUE"}
    answer = await editor.client.post(
        f"{ROOT}/preview", json=form, headers={"X-CSRF-Token": editor.csrf}
    )
    html = answer.json()["html"]
    assert "&lt;b&gt;<mark>⟨số tiền đã hứa⟩</mark>" in html
    assert "<mark>⟨amount promised⟩</mark>" in html
    assert 'data-fits="true"' in html


async def test_a_body_that_is_none_is_refused(editor: Browser) -> None:
    for path in ("pieces", "remove", "publish", "restore"):
        answer = await editor.post(f"{ROOT}/{path}", [1])
        assert answer.status_code == 422, path
    empty = await editor.post(f"{ROOT}/pieces", {})
    assert empty.json()["error"]["field"] == "sort"
