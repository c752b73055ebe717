"""Rules as JSON: what may be written, and what is wrong with the rest. Pure.

A rule is one of

    {}                                                       everybody
    {"field": "dpd", "op": "between", "value": [31, 60]}     a condition
    {"all": [...]}   {"any": [...]}   {"not": {...}}         conditions together

What is not on the list is refused with its place, the fault and the fix; nothing is guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from app.scripts.fields import FIELDS, OPERATORS, Field, Kind, Value
from app.scripts.rules import EVERYBODY, All, Condition, Not, Rule, Some, rank
from app.scripts.texts import Pair

MOST_CONDITIONS: Final = 40
DEEPEST: Final = 8


class RuleError(ValueError):
    """A document is no rule. `place` is where (`all[1].op`), `sentences` say the fault and the fix."""

    def __init__(self, place: str, fault: Pair, fix: Pair) -> None:
        self.place = place
        self.sentences: Pair = (f"{fault[0]}. {fix[0]}.", f"{fault[1]}. {fix[1]}.")
        super().__init__(f"{place}: {self.sentences[1]}" if place else self.sentences[1])


def to_json(rule: Rule) -> dict[str, object]:
    """The rule as plain JSON values."""
    match rule:
        case All(()):
            return {}
        case Not(part):
            return {"not": to_json(part)}
        case All(parts):
            return {"all": [to_json(part) for part in parts]}
        case Some(parts):
            return {"any": [to_json(part) for part in parts]}
        case _:
            value = list(rule.value) if isinstance(rule.value, tuple) else rule.value
            return {"field": rule.field, "op": rule.op, "value": value}


def read(document: object) -> Rule:
    """The rule that a JSON document says. Raises `RuleError`."""
    return _Reader().rule(document, "")


class _Reader:
    """Reads one document; counts its conditions, so that no rule costs more than a pop can pay."""

    def __init__(self) -> None:
        self._count = 0

    def rule(self, document: object, place: str, depth: int = 0) -> Rule:
        if not isinstance(document, Mapping):
            raise RuleError(
                place,
                ("Đây không phải là quy tắc", "This is no rule"),
                ('Viết {} hoặc {"field": …, "op": …, "value": …}',
                 'Write {} or {"field": …, "op": …, "value": …}'),
            )  # fmt: skip
        if depth > DEEPEST:
            raise RuleError(
                place,
                ("Quy tắc lồng quá sâu", "The rule is nested too deep"),
                (f"Nhiều nhất {DEEPEST} tầng", f"At most {DEEPEST} levels"),
            )
        keys = set(document)
        if not keys:
            return EVERYBODY
        if keys == {"not"}:
            return Not(self.rule(document["not"], _join(place, "not"), depth + 1))
        if keys == {"all"}:
            return All(self._parts(document["all"], _join(place, "all"), depth))
        if keys == {"any"}:
            return Some(self._parts(document["any"], _join(place, "any"), depth))
        return self._condition(document, keys, place)

    def _parts(self, parts: object, place: str, depth: int) -> tuple[Rule, ...]:
        if not isinstance(parts, Sequence) or isinstance(parts, str):
            raise RuleError(
                place,
                ("Đây không phải là danh sách", "This is no list"),
                ("Đặt các điều kiện trong [ ]", "Put the conditions into [ ]"),
            )
        return tuple(self.rule(part, f"{place}[{i}]", depth + 1) for i, part in enumerate(parts))

    def _condition(self, document: Mapping[str, object], keys: set[str], place: str) -> Condition:
        self._count += 1
        if self._count > MOST_CONDITIONS:
            raise RuleError(
                place,
                ("Quá nhiều điều kiện", "Too many conditions"),
                (f"Nhiều nhất {MOST_CONDITIONS}", f"At most {MOST_CONDITIONS}"),
            )
        if keys != {"field", "op", "value"}:
            odd = ", ".join(sorted(str(key) for key in keys ^ {"field", "op", "value"}))
            raise RuleError(
                place,
                (f"Thừa hoặc thiếu: {odd}", f"Too much or lacking: {odd}"),
                ("Một điều kiện có field, op và value", "A condition has field, op and value"),
            )
        field = _field_named(document["field"], _join(place, "field"))
        op = _operator_of(field, document["op"], _join(place, "op"))
        return Condition(
            field.name, op, _value(field, op, document["value"], _join(place, "value"))
        )


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _field_named(name: object, place: str) -> Field:
    field = FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        listed = ", ".join(FIELDS)
        raise RuleError(
            place,
            (f"Không có trường {name!r}", f"There is no field {name!r}"),
            (f"Các trường là {listed}", f"The fields are {listed}"),
        )
    return field


def _operator_of(field: Field, op: object, place: str) -> str:
    allowed = OPERATORS[field.kind]
    if not isinstance(op, str) or op not in allowed:
        listed = " ".join(allowed)
        raise RuleError(
            place,
            (f"{field.name} không dùng được phép {op!r}", f"{field.name} knows no operator {op!r}"),
            (f"Dùng một trong: {listed}", f"Use one of: {listed}"),
        )
    return op


def _value(field: Field, op: str, value: object, place: str) -> Value | tuple[Value, ...]:
    if op not in ("in", "between"):
        return _single(field, value, place)
    wanted = 2 if op == "between" else 1
    if (
        not isinstance(value, list | tuple)
        or len(value) < wanted
        or (op == "between" and len(value) > wanted)
    ):
        raise RuleError(
            place,
            ("Giá trị phải là danh sách", "The value must be a list"),
            ("Viết [thấp, cao]", "Write [low, high]") if op == "between"
            else ("Viết [một, hai, …]", "Write [one, two, …]"),
        )  # fmt: skip
    values = tuple(_single(field, one, f"{place}[{i}]") for i, one in enumerate(value))
    if op == "between" and rank(field, values[0]) > rank(field, values[1]):
        raise RuleError(
            place,
            (
                f"Khoảng {values[0]}–{values[1]} ngược",
                f"The range {values[0]}–{values[1]} runs backwards",
            ),
            (f"Viết [{values[1]}, {values[0]}]", f"Write [{values[1]}, {values[0]}]"),
        )
    return values


def _single(field: Field, value: object, place: str) -> Value:
    if field.kind is Kind.NUMBER:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise RuleError(
            place,
            (
                f"{field.name} không so với {value!r} được",
                f"{field.name} is not compared with {value!r}",
            ),
            ("Viết một số nguyên", "Write a whole number"),
        )
    if field.words:
        return _known_word(field, value, place)
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    raise RuleError(
        place,
        (f"{field.name} cần một từ", f"{field.name} needs a word"),
        ("Viết một từ trong dấu nháy", "Write a word in quotes"),
    )


def _known_word(field: Field, value: object, place: str) -> str:
    if isinstance(value, str) and value in field.words:
        return value
    listed = ", ".join(field.words)
    raise RuleError(
        place,
        (f"{field.name} không bao giờ là {value!r}", f"{field.name} is never {value!r}"),
        (f"Chọn trong: {listed}", f"It is one of {listed}"),
    )
