"""The editor of what is said: lists, the form of a piece with its preview, trying on samples, versions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from app.errors import NotFound
from app.people.answers import NO_STORE, json_answer
from app.people.doors import Deed, Door, Visit, read_body
from app.people.rules import Permission
from app.people.shell import page_context
from app.scripts import documents, forms, samples, service
from app.scripts.fields import FIELDS, OPERATORS, Kind
from app.scripts.pieces import Book, Piece, Sort
from app.scripts.reading import to_json
from app.scripts.rules import describe
from app.scripts.texts import SLOTS, pick

if TYPE_CHECKING:
    from app.db import Database, WriteSession
    from app.render import Pages

ROOT: Final = "/admin/scripts"
MOST_VERSIONS: Final = 2**31 - 1
_MISSING: Final = re.compile("(⟨[^⟩]*⟩)")
FEWEST_ROWS: Final = {Sort.SCRIPT: 5, Sort.STATEMENT: 0}  # of texts in the form; one for the others


class PieceForm(msgspec.Struct):
    """A piece as the editor's form holds it; rules as JSON text, texts by their number and language.

    `revision` is the one that the page showed, 0 for a piece not changed since the last version; `sample`
    asks for a preview only.
    """

    sort: Sort
    code: str = ""
    title_vi: str = ""
    title_en: str = ""
    priority: int = 100
    when: str = ""
    required_when: str = ""
    blocks: list[str] = []
    active: bool = True
    revision: int = 0
    sample: str = ""
    vi_1: str = ""
    en_1: str = ""
    vi_2: str = ""
    en_2: str = ""
    vi_3: str = ""
    en_3: str = ""
    vi_4: str = ""
    en_4: str = ""
    vi_5: str = ""
    en_5: str = ""
    vi_6: str = ""
    en_6: str = ""
    vi_7: str = ""
    en_7: str = ""
    vi_8: str = ""
    en_8: str = ""

    def piece(self) -> Piece:
        """The piece that it says. Raises `PieceError`."""
        return forms.piece_of(msgspec.structs.asdict(self))


class OfPiece(msgspec.Struct):
    """Which piece is meant, and the revision that the page showed."""

    sort: Sort
    code: str
    revision: int = 0


class Publishing(msgspec.Struct):
    """The version that the editor saw in force, and why there is another."""

    version: int
    note: str = ""


class Restoring(msgspec.Struct):
    """Which version shall come back."""

    version: Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSIONS)]


@dataclass(frozen=True, slots=True)
class ScriptDoors:
    """The doors of the editor."""

    database: Database
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """Every address of the editor."""
        edit = Permission.SCRIPT_EDIT
        return [
            Door("GET", ROOT, edit, self.show_list),
            Door("GET", f"{ROOT}/new", edit, self.show_new),
            Door("GET", f"{ROOT}/pieces/{{piece}}", edit, self.show_piece),
            Door("GET", f"{ROOT}/try", edit, self.show_trial),
            Door("GET", f"{ROOT}/versions", edit, self.show_versions),
            Door("GET", f"{ROOT}/versions/{{version}}", edit, self.show_version),
            Door("POST", f"{ROOT}/preview", edit, self.preview),
            Deed(f"{ROOT}/pieces", edit, self.save, PieceForm),
            Deed(f"{ROOT}/remove", edit, self.remove, OfPiece),
            Deed(f"{ROOT}/discard", edit, self.discard, OfPiece),
            Deed(f"{ROOT}/publish", edit, self.publish, Publishing),
            Deed(f"{ROOT}/restore", edit, self.restore, Restoring),
        ]

    # --- pages --------------------------------------------------------------------------

    async def show_list(self, visit: Visit) -> Response:
        """The pieces of a sort as they will be, with what is not published yet."""
        sort = _sort_asked(visit)
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            copy = await service.working(session)
        gone = [key for key, change in copy.changes.items() if change.piece is None]
        standing = [piece for piece in copy.book.pieces if piece.sort is sort]
        leaving = [piece for piece in copy.base.pieces if piece.sort is sort and piece.key in gone]
        return self._page(
            "scripts/list.html",
            visit,
            **context,
            sort=sort,
            sorts=list(Sort),
            rows=[_row(piece, copy, visit.language) for piece in (*standing, *leaving)],
            version=copy.base.version,
            waiting=len(copy.changes),
        )

    async def show_new(self, visit: Visit) -> Response:
        """An empty form, or a copy of the piece that `like` names."""
        sort = _sort_asked(visit)
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            copy = await service.working(session)
        like = copy.book.find((sort, visit.request.query_params.get("like", "")))
        piece = replace(like, code="") if like else Piece(sort=sort, code="", title=("", ""))
        return self._form(visit, context, copy, piece, new=True)

    async def show_piece(self, visit: Visit) -> Response:
        """The form of a piece as it will be."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            copy = await service.working(session)
        sort, _, code = visit.request.path_params["piece"].partition(".")
        piece = copy.book.find((sort, code))
        if piece is None:
            raise NotFound("There is no such piece.", code="SCRIPT_UNKNOWN")
        return self._form(visit, context, copy, piece, new=False)

    async def show_trial(self, visit: Visit) -> Response:
        """What the working copy says to each sample customer, beside what is said today (check AM13)."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            copy = await service.working(session)
        rows = []
        for each in samples.SAMPLES:
            trial = samples.try_on(copy.book, each)
            today = samples.try_on(copy.base, each)
            rows.append(
                {
                    "trial": trial,
                    "why": describe(trial.script.when, visit.language) if trial.script else "",
                    "said": samples.said_to(trial.script, copy.book, each) if trial.script else (),
                    "otherwise": today.script if today.script != trial.script else None,
                }
            )
        return self._page(
            "scripts/try.html", visit, **context, rows=rows, waiting=len(copy.changes)
        )

    async def show_versions(self, visit: Visit) -> Response:
        """Versions, newest first."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            versions = await service.list_versions(session)
        return self._page("scripts/versions.html", visit, **context, versions=versions)

    async def show_version(self, visit: Visit) -> Response:
        """An old version, as it was said."""
        number = visit.request.path_params["version"]
        if not number.isdecimal() or int(number) > MOST_VERSIONS:
            raise NotFound("There is no such version.", code="SCRIPT_VERSION")
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            book = await service.book_of(session, int(number))
            in_force = (await service.published(session)).version
        return self._page(
            "scripts/version.html",
            visit,
            **context,
            book=book,
            in_force=in_force,
            sorts=list(Sort),
            words={piece.key: describe(piece.when, visit.language) for piece in book.pieces},
        )

    def _form(
        self,
        visit: Visit,
        context: dict[str, Any],
        copy: service.Working,
        piece: Piece,
        *,
        new: bool,
    ) -> Response:
        least = FEWEST_ROWS.get(piece.sort, 1)
        most = documents.MOST_STEPS if piece.sort is Sort.SCRIPT else least
        rows = min(most, max(least, len(piece.lines) + (piece.sort is Sort.SCRIPT)))
        change = copy.changes.get(piece.key)
        return self._page(
            "scripts/piece.html",
            visit,
            **context,
            piece=piece,
            new=new,
            revision=copy.revision(piece.key),
            changed=change is not None,
            published=copy.base.find(piece.key) is not None,
            rows=[piece.lines[i] if i < len(piece.lines) else ("", "") for i in range(rows)],
            when=forms.rule_text(to_json(piece.when)),
            required_when=_required_text(piece),
            blockable=forms.blockable(visit.language),
            fields=list(FIELDS.values()),
            operators=OPERATORS,
            rule_fields=_rule_fields(visit.language),
            slots=SLOTS,
            samples=samples.SAMPLES,
            preview=_preview(piece, copy.book, samples.SAMPLES[0], visit.language),
        )

    # --- what is done -------------------------------------------------------------------

    async def preview(self, visit: Visit) -> Response:
        """How the form reads in words, and how a sample customer would hear it; nothing is kept."""
        body: PieceForm = read_body(await visit.request.body(), PieceForm)
        async with self.database.reading() as session:
            book = (await service.working(session)).book
        on = samples.sample(body.sample)
        told: dict[str, Any] = {}
        try:
            piece = body.piece()
            told = _preview(piece, book, on, visit.language)
            documents.check(piece)
        except documents.PieceError as fault:  # what can be shown is shown all the same
            told["fault"] = pick(fault.sentences, visit.language)
        html = self._text("scripts/preview.html", visit, preview=told)
        return json_answer({"ok": True, "html": html})

    async def save(self, visit: Visit, body: PieceForm, session: WriteSession) -> dict[str, Any]:
        """Keep a piece for the next version."""
        try:
            piece = body.piece()
        except documents.PieceError as fault:
            raise service.Unfit(fault.field, fault.sentences) from fault
        actor, now = visit.user.actor, visit.now
        await service.save(session, piece, body.revision, actor, now)
        return {"next": f"{ROOT}?sort={piece.sort}#{piece.sort}.{piece.code}"}

    async def remove(self, visit: Visit, body: OfPiece, session: WriteSession) -> dict[str, Any]:
        """Let a piece go with the next version."""
        key = body.sort, body.code
        await service.remove(session, key, body.revision, visit.user.actor, visit.now)
        return {"next": f"{ROOT}?sort={body.sort}"}

    async def discard(self, visit: Visit, body: OfPiece, session: WriteSession) -> dict[str, Any]:
        """Take back the change of a piece."""
        await service.discard(session, (body.sort, body.code), visit.user.actor, visit.now)
        return {"next": f"{ROOT}?sort={body.sort}"}

    async def publish(
        self, visit: Visit, body: Publishing, session: WriteSession
    ) -> dict[str, Any]:
        """Make the working copy the version in force: desks have it from their next call on."""
        version = await service.publish(
            session, body.version, body.note, visit.user.actor, visit.now
        )
        return {"version": version, "next": f"{ROOT}/versions"}

    async def restore(self, visit: Visit, body: Restoring, session: WriteSession) -> dict[str, Any]:
        """Make the working copy equal to an old version."""
        changed = await service.restore(session, body.version, visit.user.actor, visit.now)
        return {"changed": changed, "next": ROOT}

    def _page(self, template: str, visit: Visit, **context: Any) -> Response:
        return HTMLResponse(self._text(template, visit, **context), headers=NO_STORE)

    def _text(self, template: str, visit: Visit, **context: Any) -> str:
        language = visit.language
        return self.pages.page(
            template, language, pick=lambda pair: pick(pair, language), marked=_marked, **context
        )


def _marked(text: str) -> Markup:
    """A text in which every missing value stands out (check AM12)."""
    return Markup(_MISSING.sub(r"<mark>\1</mark>", str(escape(text))))  # noqa: S704 - escaped just now


def _sort_asked(visit: Visit) -> Sort:
    asked = visit.request.query_params.get("sort", "")
    return Sort(asked) if asked in set(Sort) else Sort.SCRIPT


def _row(piece: Piece, copy: service.Working, language: str) -> dict[str, Any]:
    change = copy.changes.get(piece.key)
    state = "" if change is None else "changed"
    if change is not None and copy.base.find(piece.key) is None:
        state = "new"
    if change is not None and change.piece is None:
        state = "leaving"
    return {
        "piece": piece,
        "id": f"{piece.sort}.{piece.code}",
        "when": describe(piece.when, language),
        "required": describe(piece.required_when, language),
        "state": state,
    }


def _rule_fields(language: str) -> list[dict[str, Any]]:
    """The closed list, for the page that puts conditions together."""
    return [
        {
            "name": field.name,
            "label": pick(field.label, language),
            "operators": list(OPERATORS[field.kind]),
            "words": [(word, pick(said, language)) for word, said in field.words.items()],
            "number": field.kind is Kind.NUMBER,
        }
        for field in FIELDS.values()
    ]


def _required_text(piece: Piece) -> str:
    """What the form shows of it: `{"any": []}` is nobody, which an empty field would not say."""
    return forms.rule_text(to_json(piece.required_when)) or "{}"


def _preview(piece: Piece, book: Book, on: samples.Sample, language: str) -> dict[str, Any]:
    return {
        "fault": "",
        "when": describe(piece.when, language),
        "required": describe(piece.required_when, language),
        "is_statement": piece.sort is Sort.STATEMENT,
        "lines": samples.said_to(piece, book, on),
        "sample": on,
        "fits": samples.would_be_taken(piece, book, on),
    }
