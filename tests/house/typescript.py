"""Types of TypeScript as JSON Schema: enough of the language for `web/src/cards.ts`, and no more.

The browser's shapes of what travels are the one place where the cards are written down; the pages of the
protocol are generated from them. What this does not know is an error, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

Schema = dict[str, Any]

_TOKEN: Final = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*(?!\*).*?\*/)"
    r"|(?P<doc>/\*\*.*?\*/)"
    r"|(?P<text>\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<mark>[{}()\[\]<>|&:;,=?])",
    re.DOTALL,
)
_PLAIN: Final[dict[str, Schema]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "true": {"const": True},
    "false": {"const": False},
    "unknown": {},
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the source: its kind (doc, text, name, mark) and what it says."""

    kind: str
    text: str


class NotUnderstood(Exception):
    """The source uses more of TypeScript than this reads."""


def read_types(source: str) -> dict[str, Schema]:
    """Every exported interface and type of a module, by name. References are `#/NAME`."""
    return _Reader(_tokens(source)).module()


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
    """Reads tokens from left to right; one method for each rule of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._types: dict[str, Schema] = {}

    def module(self) -> dict[str, Schema]:
        """Declarations until the end; `extends` and `&` are resolved, so an object says all of itself."""
        self._doc()  # the module's own
        while self._at < len(self._tokens):
            said = self._doc()
            if self._at == len(self._tokens):
                break
            self._take("export")
            kind, name = self._next().text, self._next().text
            schema = self._interface() if kind == "interface" else self._alias()
            self._types[name] = {"description": said, **schema} if said else schema
        return self._types

    def _interface(self) -> Schema:
        parents = []
        if self._try("extends"):
            parents.append(self._next().text)
            while self._try(","):
                parents.append(self._next().text)
        own = self._object()
        return self._merge([*({"$ref": f"#/{name}"} for name in parents), own]) if parents else own

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

    def _single(self) -> Schema:  # noqa: PLR0911 - one arm for each kind of type
        if self._peek() == "{":
            return self._object()
        if self._try("("):
            schema = self._type()
            self._take(")")
            return schema
        if self._try("["):
            return self._tuple()
        token = self._next()
        if token.kind == "text":
            return {"const": token.text[1:-1]}
        if token.text in _PLAIN:
            return dict(_PLAIN[token.text])
        if token.text == "Record":
            return self._record()
        if token.kind != "name":
            raise NotUnderstood(f"{token.text!r} where a type should stand")
        return {"$ref": f"#/{token.text}"}

    def _tuple(self) -> Schema:
        """`[string, number]`: so many, each of its own type."""
        places = [self._type()]
        while self._try(","):
            places.append(self._type())
        self._take("]")
        return {
            "type": "array",
            "prefixItems": places,
            "minItems": len(places),
            "maxItems": len(places),
        }

    def _record(self) -> Schema:
        self._take("<")
        self._take("string")
        self._take(",")
        value = self._type()
        self._take(">")
        return {"type": "object", "additionalProperties": value}

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
        """One object that says what all of these say."""
        whole: Schema = {"type": "object", "properties": {}, "required": []}
        for member in members:
            known = self._types[member["$ref"][2:]] if "$ref" in member else member
            whole["properties"] |= known["properties"]
            whole["required"] += [
                name for name in known["required"] if name not in whole["required"]
            ]
        return {**whole, "additionalProperties": False}

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
