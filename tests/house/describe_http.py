"""`docs/openapi.yaml`: every address of the site in a form that programs read, from the doors themselves.

A deed's body is the type that its door names; who may pass is the permission that its door names. What the
doors do not say (bodies of forms, answers that are not a deed's) stands here, and a door that is neither
is an error. `make describe` writes the page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.clock import Clock
from app.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PacelineError,
    Refused,
    SignInNeeded,
    TooMany,
    Unavailable,
)
from app.main import all_doors
from app.people.doors import (
    CSRF_HEADER,
    KEY_HEADER,
    KEY_LENGTH,
    SESSION_COOKIE,
    Deed,
    Door,
    Needs,
)
from app.people.routes import Typed
from app.scripts.routes import PieceForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.house.typescript import Schema


ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "openapi.yaml"
REF: Final = "#/components/schemas/"
JSON: Final = "application/json"
HTML: Final = "text/html"

# What a program may send to a form's door, where it is not a deed with a type of its own.
FORMS: Final[dict[str, type]] = {"/login": Typed, "/admin/scripts/preview": PieceForm}

REFUSALS: Final[dict[int, tuple[str, tuple[type[PacelineError], ...]]]] = {
    401: ("Nobody is signed in, or the session has ended.", (SignInNeeded,)),
    403: ("Not permitted: the role, the page's token or its origin.", (Forbidden,)),
    404: ("No such thing, or not within the asker's scope.", (NotFound,)),
    409: ("A rule says no; it is named with its source.", (Refused, Conflict)),
    413: ("More than the door takes.", ()),
    422: ("The input is wrong; the field and the fix are named.", (Invalid,)),
    429: ("Asked too often.", (TooMany,)),
    503: ("An engine does not answer; trying again is right.", (Unavailable,)),
}


class Refusal(msgspec.Struct, forbid_unknown_fields=True):
    """Why it was not done. `field` names the input at fault; rule, source, until: which rule says no."""

    code: str
    sentence: str
    field: str | None
    rule: str | None = None
    source: str | None = None
    until: str | None = None
    wait_seconds: int | None = None


class NotDone(msgspec.Struct, forbid_unknown_fields=True):
    """The answer to whatever was not done."""

    error: Refusal


class _Anything:
    """Stands for the engines that doors are made with; nothing of it is ever used."""

    def __getattr__(self, _name: str) -> _Anything:
        return self

    def __call__(self, *_: object, **__: object) -> _Anything:
        return self


def doors() -> Sequence[Door | Deed]:
    """Every door of the site, without the engines behind it."""
    house: Any = _Anything()
    house.clock = Clock()  # whoever draws chance at the start must get bytes
    nobody: Any = _Anything()
    return all_doors(house, nobody, nobody, nobody)


def describe(found: Sequence[Door | Deed] | None = None) -> dict[str, Any]:
    """The whole page."""
    found = doors() if found is None else found
    paths: dict[str, dict[str, Any]] = {}
    bodies = sorted({_body(door) for door in found} - {None}, key=str)
    # All at once, because two slices may give two shapes one name.
    schemas, shapes = msgspec.json.schema_components(
        [*bodies, NotDone], ref_template=REF + "{name}"
    )
    named = dict(zip(bodies, schemas, strict=False))
    for door in sorted(found, key=lambda door: (door.path, door.method)):
        told = _operation(door)
        if (body := _body(door)) is not None:
            told["requestBody"] = {"content": {JSON: {"schema": named[body]}}}
        paths.setdefault(door.path, {})[door.method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Paceline, pages and deeds",
            "version": "1",
            "description": (
                "Written by `make describe` from the doors of the site; do not edit. Pages are for"
                " browsers; a deed is done once per Idempotency-Key, and a repeated one is answered as"
                " the first time."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": {**shapes, "Done": _done()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
                "page": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
            "responses": {str(status): _refusal(status) for status in REFUSALS},
        },
    }


def _operation(door: Door | Deed) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": _name(door),
        "summary": _summary(door),
        "x-needs": str(door.needs),
        "security": _security(door),
        "parameters": [*_path_parameters(door), *_key_parameter(door)],
        "responses": _answers(door),
    }
    return {name: value for name, value in told.items() if value != []}


def _name(door: Door | Deed) -> str:
    words = [door.method.lower(), *re.findall(r"[a-z]+", door.path)]
    return "-".join(words) if len(words) > 1 else f"{words[0]}-home"


def _summary(door: Door | Deed) -> str:
    does = door.act if isinstance(door, Deed) else door.show
    return " ".join((does.__doc__ or "").split())


def _security(door: Door | Deed) -> list[dict[str, list[str]]]:
    if door.needs is Needs.NOTHING:
        return []
    return [{"session": []} if door.method == "GET" else {"session": [], "page": []}]


def _path_parameters(door: Door | Deed) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)", door.path)
    ]


def _key_parameter(door: Door | Deed) -> list[dict[str, Any]]:
    if not isinstance(door, Deed):
        return []
    schema = {
        "type": "string",
        "minLength": KEY_LENGTH.start,
        "maxLength": KEY_LENGTH.stop - 1,
        "pattern": "^[ -~]+$",
    }
    return [{"name": KEY_HEADER, "in": "header", "required": True, "schema": schema}]


def _body(door: Door | Deed) -> type | None:
    if isinstance(door, Deed):
        return door.body
    return FORMS.get(door.path) if door.method == "POST" else None


def _answers(door: Door | Deed) -> dict[str, Any]:
    done = {"description": "Taken.", "content": {JSON: {"schema": {"$ref": REF + "Done"}}}}
    statuses = sorted(REFUSALS)
    if isinstance(door, Deed):
        return {"200": done, **_refused(statuses)}
    if door.method == "POST":
        return {
            "200": done,
            "204": {"description": "Taken; `HX-Redirect` says where to go on."},
            "303": {"description": "Taken; go on there."},
            **_refused(statuses),
        }
    shown = {
        "description": "What was asked for.",
        "content": {HTML: {}, JSON: {}, "text/plain": {}},
    }
    return {
        "200": shown,
        "303": {"description": "It is elsewhere, or sign in first."},
        **_refused([status for status in statuses if status not in (409, 413)]),
    }


def _refused(statuses: Sequence[int]) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _refusal(status: int) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": REF + "NotDone"}}, HTML: {}}
    return {"description": REFUSALS[status][0], "content": content}


def _done() -> Schema:
    return {
        "description": "It is done, or on its way; what the floor makes of it comes by the socket.",
        "type": "object",
        "properties": {"ok": {"const": True}},
        "required": ["ok"],
    }
