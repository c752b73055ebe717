"""Laws of scripts: a rule is what it is written as, one piece is always first, nobody else hears of a debt."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.scripts.defaults import BOOK
from app.scripts.documents import from_document, to_document
from app.scripts.fields import FIELDS, FLAGS, OPERATORS, Field, Kind, Party, Situation
from app.scripts.pieces import Sort, a_book, choose, fits, fitting
from app.scripts.reading import RuleError, read, to_json
from app.scripts.rules import (
    EVERYBODY,
    All,
    Condition,
    Not,
    Rule,
    Some,
    bounds,
    describe,
    fields_of,
    holds,
)
from app.scripts.texts import TOLD_TO_THE_CUSTOMER_ONLY, fill, for_others
from tests.support.scripts import a_script

WORDS = st.sampled_from(["VIP", "Thẻ B3", "ưu tiên", "x"])
ORDER = {"<": ">=", ">": "<="}


def values_of(field: Field) -> st.SearchStrategy[Any]:
    if field.kind is Kind.NUMBER:
        return st.integers(-5, 400)
    return st.sampled_from(list(field.words)) if field.words else WORDS


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(list(FIELDS.values())))
    op = draw(st.sampled_from(OPERATORS[field.kind]))
    values = values_of(field)
    if op == "between":
        ends = draw(st.tuples(values, values))
        order = list(field.words)
        ranked = sorted(ends, key=lambda end: end if isinstance(end, int) else order.index(end))
        return Condition(field.name, op, tuple(ranked))
    if op == "in":
        return Condition(field.name, op, tuple(draw(st.lists(values, min_size=1, max_size=3))))
    return Condition(field.name, op, draw(values))


RULES: st.SearchStrategy[Rule] = st.recursive(
    conditions(),
    lambda parts: (
        parts.map(Not)
        | st.lists(parts, max_size=3).map(lambda some: All(tuple(some)))
        | st.lists(parts, max_size=3).map(lambda some: Some(tuple(some)))
    ),
    max_leaves=6,
)


def word(name: str) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from([*FIELDS[name].words, "ODD"])


SITUATIONS = st.builds(
    Situation,
    party=st.sampled_from(list(Party)),
    product=word("product"),
    bucket=word("bucket"),
    dpd=st.none() | st.integers(0, 400),
    risk=word("risk"),
    flags=st.frozensets(st.sampled_from([*FLAGS, "ODD"])),
    broken_promises=st.integers(0, 5),
    attempts_week=st.integers(1, 9),
    last_result=word("last_result"),
    last_outcome=word("last_outcome"),
    language=st.sampled_from(["vi", "en", "fr", ""]),
    segment=st.just("") | WORDS,
    campaign=st.just("") | WORDS,
    kind=word("kind"),
    salutation=word("salutation"),
)


@given(RULES)
def test_a_rule_is_read_back_as_it_was_written(rule: Rule) -> None:
    assert read(json.loads(json.dumps(to_json(rule)))) == (rule if rule != All(()) else EVERYBODY)
    assert describe(rule, "vi")
    assert describe(rule, "en")


@given(RULES, SITUATIONS)
def test_not_is_the_opposite_and_lists_are_and_and_or(rule: Rule, situation: Situation) -> None:
    verdict = holds(rule, situation)
    assert holds(Not(rule), situation) is not verdict
    assert holds(All((rule, EVERYBODY)), situation) is verdict
    assert holds(Some((rule,)), situation) is verdict


@given(conditions(), SITUATIONS)
def test_opposite_operators_disagree_on_all_that_is_known(
    condition: Condition, situation: Situation
) -> None:
    opposite = {"=": "!=", **ORDER}.get(condition.op)
    known = getattr(situation, condition.field)
    words = FIELDS[condition.field].words
    if opposite and known not in (None, "") and (not words or known in words):
        other = Condition(condition.field, opposite, condition.value)
        assert holds(condition, situation) is not holds(other, situation)


@given(RULES, SITUATIONS)
def test_what_a_party_says_surely_and_possibly_brackets_every_verdict(
    rule: Rule, situation: Situation
) -> None:
    surely, possibly = bounds(rule, situation.party)
    verdict = holds(rule, situation)
    assert verdict or not surely
    assert possibly or not verdict


@given(st.lists(RULES, max_size=6), SITUATIONS, st.randoms(use_true_random=False))
def test_the_same_piece_is_first_in_whatever_order_they_were_written(
    rules: list[Rule], situation: Situation, chance: Any
) -> None:
    pieces = [
        a_script(code=f"P{number}", priority=number % 3, when=rule)
        for number, rule in enumerate(rules)
    ]
    shuffled = list(pieces)
    chance.shuffle(shuffled)
    first = choose(a_book(1, pieces), Sort.SCRIPT, situation)
    assert first == choose(a_book(1, shuffled), Sort.SCRIPT, situation)
    if first is not None:
        others = fitting(a_book(1, pieces), Sort.SCRIPT, situation)
        assert all((first.priority, first.code) <= (p.priority, p.code) for p in others)


@given(SITUATIONS)
def test_everybody_is_spoken_to_and_only_the_customer_of_his_debt(situation: Situation) -> None:
    script = choose(BOOK, Sort.SCRIPT, situation)
    assert script is not None
    if situation.party == Party.CUSTOMER:
        return
    values = for_others(dict.fromkeys(TOLD_TO_THE_CUSTOMER_ONLY, "5.420.000"))
    said = [fill(text, values, "vi") for line in script.lines for text in line]
    assert not [text for text in said if "5.420.000" in text]


@given(RULES, SITUATIONS)
def test_a_rule_that_does_not_ask_who_it_is_never_speaks_to_others(
    rule: Rule, situation: Situation
) -> None:
    if "party" not in fields_of(rule) and situation.party != Party.CUSTOMER:
        assert not fits(a_script(when=rule), situation)


@given(RULES)
def test_a_piece_is_kept_as_it_is(rule: Rule) -> None:
    piece = a_script(when=rule)
    assert from_document(json.loads(json.dumps(to_document(piece)))) == piece


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "op", "value", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def told_of(document: object) -> tuple[str, ...]:
    """What is said of a document that is no rule; nothing of one that is."""
    try:
        read(document)
    except RuleError as fault:
        return fault.sentences
    return ()


@given(JSON)
def test_any_document_is_a_rule_or_is_refused_in_both_languages(document: object) -> None:
    assert all(told_of(document))
