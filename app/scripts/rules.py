"""Who gets which script: the rule tree, its verdict, its words. Pure.

Which fields there are is in `fields.py`, how a rule is read from JSON in `reading.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.scripts.fields import FIELDS, Field, Kind, Situation, Value
from app.scripts.texts import Pair, pick


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op value`; `value` is a tuple for `in` and `between`, whose both ends are included."""

    field: str
    op: str
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `part`."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; of no parts it holds for everybody."""

    parts: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """Some part holds; of no parts it holds for nobody."""

    parts: "tuple[Rule, ...]"


Rule = Condition | Not | All | Some

EVERYBODY: Final = All(())
NOBODY: Final = Some(())


def holds(rule: Rule, situation: Situation) -> bool:
    """Whether a rule holds in a situation. Total: every rule that was read has a verdict."""
    match rule:
        case Not(part):
            return not holds(part, situation)
        case All(parts):
            return all(holds(part, situation) for part in parts)
        case Some(parts):
            return any(holds(part, situation) for part in parts)
        case _:
            return _condition_holds(rule, situation)


_COMPARE: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "<": lambda known, value: known < value,
    "<=": lambda known, value: known <= value,
    ">": lambda known, value: known > value,
    ">=": lambda known, value: known >= value,
}


def _condition_holds(rule: Condition, situation: Situation) -> bool:
    known = getattr(situation, rule.field)
    if rule.op == "has":
        return rule.value in known
    field = FIELDS[rule.field]
    if known in (None, "") or (field.words and known not in field.words):
        return False
    own, values = rank(field, known), [rank(field, value) for value in _values(rule)]
    if rule.op == "between":
        return values[0] <= own <= values[1]
    if rule.op in _COMPARE:
        return _COMPARE[rule.op](own, values[0])
    return (own in values) is (rule.op != "!=")


def _values(rule: Condition) -> tuple[Value, ...]:
    return rule.value if isinstance(rule.value, tuple) else (rule.value,)


def rank(field: Field, value: Value) -> int:
    """A number by which values of a field compare: itself, its place in the list, or the text's own."""
    if isinstance(value, int):
        return value
    if field.kind is Kind.TEXT:
        return int.from_bytes(_folded(value).encode())
    return list(field.words).index(value)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def bounds(rule: Rule, party: str) -> tuple[bool, bool]:
    """Whether a rule surely holds, and whether it possibly holds, where all that is known is the party."""
    match rule:
        case Not(part):
            surely, possibly = bounds(part, party)
            return not possibly, not surely
        case All(parts):
            each = [bounds(part, party) for part in parts]
            return all(sure for sure, _ in each), all(may for _, may in each)
        case Some(parts):
            each = [bounds(part, party) for part in parts]
            return any(sure for sure, _ in each), any(may for _, may in each)
        case _ if rule.field == "party":
            verdict = _condition_holds(rule, Situation(party=party))
            return verdict, verdict
        case _:
            return False, True


def fields_of(rule: Rule) -> frozenset[str]:
    """The fields that a rule asks about."""
    match rule:
        case Not(part):
            return fields_of(part)
        case All(parts) | Some(parts):
            return frozenset[str]().union(*(fields_of(part) for part in parts))
        case _:
            return frozenset({rule.field})


_OPERATOR_WORDS: Final[Mapping[str, Pair]] = {
    "=": ("là", "is"),
    "!=": ("khác", "is not"),
    "<": ("dưới", "below"),
    "<=": ("tối đa", "at most"),
    ">": ("trên", "above"),
    ">=": ("từ", "at least"),
    "in": ("thuộc", "is one of"),
    "between": ("", ""),
}


def describe(rule: Rule, language: str) -> str:
    """The rule in words: why a script was chosen, for the desk and for who edits it."""
    match rule:
        case All(()):
            return pick(("mọi cuộc gọi", "every call"), language)
        case Some(()):
            return pick(("không cuộc gọi nào", "no call"), language)
        case All(parts):
            return pick((" và ", " and "), language).join(_inner(part, language) for part in parts)
        case Some(parts):
            return pick((" hoặc ", " or "), language).join(_inner(part, language) for part in parts)
        case Not(part):
            return pick(("không phải ", "not "), language) + f"({describe(part, language)})"
        case _:
            return _describe_condition(rule, language)


def _inner(rule: Rule, language: str) -> str:
    text = describe(rule, language)
    return f"({text})" if isinstance(rule, All | Some) and len(rule.parts) > 1 else text


def _describe_condition(rule: Condition, language: str) -> str:
    field = FIELDS[rule.field]
    words = [
        pick(field.words[str(value)], language) if str(value) in field.words else str(value)
        for value in _values(rule)
    ]
    if rule.op == "has":
        return pick((f"có cờ {words[0]}", f"flagged {words[0]}"), language)
    joint = "–" if rule.op == "between" else ", "
    told = pick(field.label, language), pick(_OPERATOR_WORDS[rule.op], language), joint.join(words)
    return " ".join(part for part in told if part)
