"""Reading a filter from the text of `--where`.

    dpd 10..60 and product = CREDIT_CARD and not (province in (Hà Nội, 'Đà Nẵng') or risk >= HIGH)

Pure. `and` binds stronger than `or`; ranges include both ends; amounts are whole units of their
currency; words of several parts are quoted, or stand in a list. No text becomes SQL.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.campaigns.filters import (
    EVERYBODY,
    FIELDS,
    All,
    Between,
    Compare,
    Field,
    Filter,
    Kind,
    Not,
    OneOf,
    Some,
    Value,
    to_json,
)

_OPS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "..", "in"})


class FilterError(ValueError):
    """The text is no filter. `position` counts characters from 0; `field` is None before one is read.

    `fix` says what would be right.
    """

    def __init__(self, why: str, *, position: int, field: str | None, fix: str) -> None:
        super().__init__(f"at character {position + 1}: {why}. {fix}")
        self.why = why
        self.position = position
        self.field = field
        self.fix = fix


_TOKEN: Final = re.compile(
    r"\s*(?:(?P<range>\.\.)|(?P<op><=|>=|!=|<>|==|=|<|>)|(?P<mark>[(),])"
    r"|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<number>-?\d[\d_]*(?![\w]))"
    r"|(?P<word>[^\W\d][\w\-]*))"
)
_SAME_OP: Final = {"<>": "!=", "==": "="}
_KEYWORDS: Final = frozenset({"and", "or", "not", "in"})
_DEPTH_LIMIT: Final = 50
_LENGTH_LIMIT: Final = 4_000


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Filter:
    """Read a filter; blank text is everybody. Raises FilterError."""
    if len(text) > _LENGTH_LIMIT:
        raise FilterError(
            f"the filter is longer than {_LENGTH_LIMIT} characters",
            position=_LENGTH_LIMIT, field=None, fix="Write it shorter",
        )  # fmt: skip
    tokens = _tokens(text)
    if len(tokens) == 1:
        return EVERYBODY
    reader = _Reader(tokens)
    found = reader.either()
    reader.expect_end()
    return found


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise FilterError(
                f"{text[start]!r} cannot be read", position=start, field=None,
                fix="Put words with other signs in quotes",
            )  # fmt: skip
        kind = match.lastgroup
        start = match.start(kind) - (kind in ("single", "double"))
        tokens.append(_Token("text" if kind in ("single", "double") else kind, match[kind], start))
        at = match.end()
    return [*tokens, _Token("end", "", len(text))]


class _Reader:
    """Recursive descent over the tokens, one method per storey of the grammar."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._index]

    def _take(self) -> _Token:
        token = self._next
        self._index += token.kind != "end"
        return token

    def _taken(self, word: str) -> bool:
        token = self._next
        same = token.kind in ("word", "mark") and token.text.lower() == word
        self._index += same
        return same

    def expect_end(self) -> None:
        token = self._next
        if token.kind != "end":
            raise _unexpected(token, None, "Join conditions with `and` or `or`")

    def either(self) -> Filter:
        parts = [self._both()]
        while self._taken("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self) -> Filter:
        parts = [self._single()]
        while self._taken("and"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _single(self) -> Filter:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise _unexpected(self._next, None, f"Nest at most {_DEPTH_LIMIT} deep")
        found = self._negated_or_grouped()
        self._depth -= 1
        return found

    def _negated_or_grouped(self) -> Filter:
        if self._taken("not"):
            return Not(self._single())
        if not self._taken("("):
            return self._condition()
        found = self.either()
        if not self._taken(")"):
            raise _unexpected(self._next, None, "Close the parenthesis with `)`")
        return found

    def _condition(self) -> Filter:
        field = self._field()
        token = self._take()
        if token.kind == "op":
            return self._comparison(field, token)
        if token.kind == "word" and token.text.lower() == "in":
            return OneOf(field.name, self._list(field))
        if token.kind in ("number", "word", "text"):
            return self._range(field, token)
        raise _unexpected(token, field, f"Write {_example(field)}")

    def _field(self) -> Field:
        token = self._take()
        if token.kind != "word" or token.text.lower() in _KEYWORDS:
            raise _unexpected(token, None, f"Begin a condition with a field: {', '.join(FIELDS)}")
        field = FIELDS.get(token.text.lower())
        if field is None:
            raise FilterError(
                f"there is no field {token.text!r}", position=token.at, field=token.text,
                fix=f"Fields are {', '.join(FIELDS)}",
            )  # fmt: skip
        return field

    def _comparison(self, field: Field, token: _Token) -> Filter:
        op = _SAME_OP.get(token.text, token.text)
        if op not in ("=", "!="):
            _refuse_order(field, token)
        value = self._take()
        low = _value(field, value)
        if self._next.kind == "range" and op == "=":
            return self._range(field, value)
        return Compare(field.name, op, low)

    def _range(self, field: Field, first: _Token) -> Filter:
        if self._next.kind != "range":
            raise _unexpected(first, field, f"Write {_example(field)}")
        _refuse_order(field, self._take())
        low, high = _value(field, first), _value(field, self._take())
        if _rank(field, low) > _rank(field, high):
            raise FilterError(
                f"the range {low}..{high} runs backwards", position=first.at, field=field.name,
                fix=f"Write {field.name} {high}..{low}",
            )  # fmt: skip
        return Between(field.name, low, high)

    def _list(self, field: Field) -> tuple[Value, ...]:
        if not self._taken("("):
            raise _unexpected(self._next, field, f"Write {field.name} in (a, b)")
        values = [_value(field, self._words(field))]
        while self._taken(","):
            values.append(_value(field, self._words(field)))
        if not self._taken(")"):
            raise _unexpected(self._next, field, "Close the list with `)`")
        return tuple(dict.fromkeys(values))

    def _words(self, field: Field) -> _Token:
        """In a list a text may be of several words without quotes, as people write places."""
        first = self._take()
        if field.kind is not Kind.TEXT or first.kind != "word":
            return first
        words = [first.text]
        while self._next.kind in ("word", "number"):
            words.append(self._take().text)
        return _Token("text", " ".join(words), first.at)


def _unexpected(token: _Token, field: Field | None, fix: str) -> FilterError:
    what = "the filter ends too early" if token.kind == "end" else f"{token.text!r} is unexpected"
    return FilterError(what, position=token.at, field=field.name if field else None, fix=fix)


def _refuse_order(field: Field, token: _Token) -> None:
    if field.kind in (Kind.WORD, Kind.TEXT):
        raise FilterError(
            f"{field.name} has no order", position=token.at, field=field.name,
            fix=f"Write {field.name} = … or {field.name} in (…)",
        )  # fmt: skip


def _value(field: Field, token: _Token) -> Value:
    if field.kind in (Kind.NUMBER, Kind.AMOUNT):
        if token.kind != "number":
            raise _unexpected(token, field, f"{field.name} is compared with a whole number")
        return int(token.text.replace("_", ""))
    if token.kind not in ("word", "text", "number") or not token.text.strip():
        raise _unexpected(token, field, f"Write {_example(field)}")
    if not field.words:
        return " ".join(token.text.split())
    return _known_word(field, token)


def _known_word(field: Field, token: _Token) -> str:
    wanted = token.text.strip().casefold()
    for word in field.words:
        if word.casefold() == wanted:
            return word
    raise FilterError(
        f"{field.name} is never {token.text!r}", position=token.at, field=field.name,
        fix=f"It is one of {', '.join(field.words)}",
    )  # fmt: skip


def _rank(field: Field, value: Value) -> int:
    return value if isinstance(value, int) else field.words.index(value)


def _example(field: Field) -> str:
    if field.kind in (Kind.NUMBER, Kind.AMOUNT):
        return f"{field.name} 10..60, {field.name} >= 10 or {field.name} in (10, 20)"
    word = field.words[0] if field.words else "'…'"
    return f"{field.name} = {word} or {field.name} in ({word})"


def from_json(document: Mapping[str, object]) -> Filter:
    """The tree that `to_json` wrote; an empty document is everybody.

    The document is read as the text it stands for, so that it obeys every rule of `parse`.
    Raises FilterError.
    """
    if not document:
        return EVERYBODY
    try:
        text = _json_text(document)
    except (KeyError, TypeError, AttributeError):
        raise FilterError(
            "this document is no filter", position=0, field=None,
            fix="Keep what `to_json` wrote",
        ) from None  # fmt: skip
    return parse(text)


def _json_text(node: Mapping[str, object]) -> str:
    if "not" in node:
        return f"not ({_json_text(_node(node['not']))})"
    for key, joint in (("all", " and "), ("any", " or ")):
        if key in node:
            return joint.join(f"({_json_text(_node(part))})" for part in _items(node[key]))
    field, op = str(node["field"]), str(node["op"])
    if field not in FIELDS or op not in _OPS:
        raise TypeError("a condition has a field and an operator of the list")
    if op == "..":
        return f"{field} {_quoted(node['low'])}..{_quoted(node['high'])}"
    if op == "in":
        return f"{field} in ({', '.join(_quoted(value) for value in _items(node['values']))})"
    return f"{field} {op} {_quoted(node['value'])}"


def _node(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("a part of a filter is a document")
    return value


def _items(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise TypeError("the parts of a filter are a list")
    return value


def _quoted(value: object) -> str:
    if isinstance(value, int):
        return str(int(value))
    text = str(value)
    if "'" in text and '"' in text:
        raise TypeError("a text has one sort of quotes at the most")
    return f'"{text}"' if "'" in text else f"'{text}'"


def to_text(tree: Filter) -> str:
    """The tree as `parse` reads it back."""
    return "" if tree == EVERYBODY else _json_text(to_json(tree))
