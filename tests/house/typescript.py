"""Types of TypeScript as JSON Schema: enough of the language for the browser's cards, and no more.

The browser's shapes of what travels are the one place where the cards are written down; the pages of the
protocol are generated from them. What this does not know is an error, never a guess.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]

_TOKEN: Final = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*(?!\*).*?\*/)"
    r"|(?P<doc>/\*\*.*?\*/)"
    r"|(?P<text>\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<mark>[{}()\[\]<>|&:;,=?])",
    re.DOTALL,
)
_BEGIN: Final = re.compile(
    r"^(?:/\*\*(?:(?!\*/).)*\*/\n)?export (?P<kind>interface|type) \w+", re.DOTALL | re.MULTILINE
)
_PLAIN: Final[dict[str, Schema]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "true": {"const": True},
    "false": {"const": False},
    "unknown": {},
    "undefined": {"not": {}},  # it does not travel
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the source: its kind (doc, text, name, mark) and what it says."""

    kind: str
    text: str


class NotUnderstood(Exception):
    """The source uses more of TypeScript than this reads."""


def read_types(*sources: str) -> dict[str, Schema]:
    """Every exported interface and type of modules, by name; what a module names stands before it.

    References are `#/NAME`. Whatever else the modules hold is passed over, and so is a type that uses more of
    the language: who names it misses it.
    """
    types: dict[str, Schema] = {}
    for source in sources:
        for declaration in _declarations(source):
            with suppress(NotUnderstood):
                _Reader(_tokens(declaration), types).declare()
    return types


def _declarations(source: str) -> Iterator[str]:
    """The text of each exported interface and type, with the comment above it."""
    for found in _BEGIN.finditer(source):
        depth = 0
        for place in range(found.end(), len(source)):
            depth += {"{": 1, "}": -1}.get(source[place], 0)
            ended = source[place] == ("}" if found["kind"] == "interface" else ";")
            if ended and depth == 0:
                yield source[found.start() : place + 1]
                break
        else:
            raise NotUnderstood(f"{found[0]!r} does not end")


def _tokens(source: str) -> list[Token]:
    found, at = [], 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise NotUnderstood(f"at {source[at : at + 40]!r}")
        if match.lastgroup != "skip":
            found.append(Token(match.lastgroup, match[0]))
        at = match.end()
    return found


class _Reader:
    """Reads one declaration from left to right; one method for each rule of the grammar."""

    def __init__(self, tokens: list[Token], types: dict[str, Schema]) -> None:
        self._tokens = tokens
        self._at = 0
        self._types = types

    def declare(self) -> None:
        """Add what is declared; `extends` and `&` are resolved, so an object says all of itself."""
        said = self._doc()
        self._take("export")
        kind, name = self._next().text, self._next().text
        schema = self._interface() if kind == "interface" else self._alias()
        self._types[name] = {"description": said, **schema} if said else schema

    def _interface(self) -> Schema:
        parents = []
        if self._try("extends"):
            parents.append(self._single())
            while self._try(","):
                parents.append(self._single())
        own = self._object()
        return self._merge([*parents, own]) if parents else own

    def _alias(self) -> Schema:
        self._take("=")
        schema = self._type()
        self._take(";")
        return schema

    def _type(self) -> Schema:
        self._try("|")
        members = [self._joint()]
        while self._try("|"):
            members.append(self._joint())
        if len(members) == 1:
            return members[0]
        if all(set(member) == {"const"} for member in members):
            return {"enum": [member["const"] for member in members]}
        return {"anyOf": members}

    def _joint(self) -> Schema:
        members = [self._many()]
        while self._try("&"):
            members.append(self._many())
        return members[0] if len(members) == 1 else self._merge(members)

    def _many(self) -> Schema:
        schema = self._single()
        while self._try("["):
            self._take("]")
            schema = {"type": "array", "items": schema}
        return schema

    def _single(self) -> Schema:
        opened = {"{": self._object, "[": self._tuple, "(": self._inner}.get(self._peek())
        if opened is not None:
            return opened()
        token = self._next()
        if token.kind == "text":
            return {"const": token.text[1:-1]}
        if token.text in _PLAIN:
            return dict(_PLAIN[token.text])
        if token.text == "keyof":
            return {"enum": list(self._known(self._single())["properties"])}
        if token.kind != "name":
            raise NotUnderstood(f"{token.text!r} where a type should stand")
        return self._generic(token.text) if self._try("<") else {"$ref": f"#/{token.text}"}

    def _generic(self, name: str) -> Schema:
        """Record, Omit and Partial, of what was declared before."""
        first = self._type()
        second = self._type() if self._try(",") else {}
        self._take(">")
        if name == "Record":
            return {"type": "object", "additionalProperties": second}
        known = self._known(first)
        if name == "Partial":
            return {**known, "required": []}
        if name != "Omit":
            raise NotUnderstood(f"{name}<>")
        left_out = set(second.get("enum", [second.get("const")]))
        return {
            **known,
            "properties": {n: v for n, v in known["properties"].items() if n not in left_out},
            "required": [n for n in known["required"] if n not in left_out],
        }

    def _known(self, schema: Schema) -> Schema:
        """The object itself, where only its name stands."""
        return self._types[schema["$ref"][2:]] if "$ref" in schema else schema

    def _inner(self) -> Schema:
        self._take("(")
        schema = self._type()
        self._take(")")
        return schema

    def _tuple(self) -> Schema:
        self._take("[")
        items = [self._type()]
        while self._try(","):
            items.append(self._type())
        self._take("]")
        return {
            "type": "array",
            "prefixItems": items,
            "minItems": len(items),
            "maxItems": len(items),
        }

    def _object(self) -> Schema:
        self._take("{")
        properties: dict[str, Schema] = {}
        required = []
        while True:
            said = self._doc()
            if self._try("}"):
                break
            name = self._next().text
            if not self._try("?"):
                required.append(name)
            self._take(":")
            schema = self._type()
            properties[name] = {"description": said, **schema} if said else schema
            self._try(";")
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _merge(self, members: list[Schema]) -> Schema:
        """One object that says what all of these say; the later word on a property holds."""
        properties: Schema = {}
        required: list[str] = []
        for member in map(self._known, members):
            properties |= member["properties"]
            required = [name for name in required if name not in member["properties"]]
            required += member["required"]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _doc(self) -> str:
        """The last comment before a declaration."""
        said = ""
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "doc":
            lines = self._next().text[3:-2].splitlines()
            said = " ".join(line.strip(" *") for line in lines).strip()
        return said

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _next(self) -> Token:
        if self._at == len(self._tokens):
            raise NotUnderstood("the source ends in the middle of a type")
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _try(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._at += 1
        return True

    def _take(self, text: str) -> None:
        if not self._try(text):
            raise NotUnderstood(f"{self._peek()!r} where {text!r} should stand")
