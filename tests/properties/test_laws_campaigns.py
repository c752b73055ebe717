"""Laws of campaign filters, states and settings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.campaigns.filters import (
    FIELDS,
    All,
    Between,
    Compare,
    Filter,
    Kind,
    Not,
    OneOf,
    Some,
    describe,
    fields_of,
    to_json,
)
from app.campaigns.rules import MOVES, CampaignState, Change, moved
from app.campaigns.strategy import Settings, SettingsError, settings_document, settings_from
from app.campaigns.where import FilterError, from_json, parse, to_text

NUMBERS = [name for name, field in FIELDS.items() if field.kind in (Kind.NUMBER, Kind.AMOUNT)]
ORDERED = [name for name, field in FIELDS.items() if field.kind is Kind.ORDERED]
WORDS = [name for name, field in FIELDS.items() if field.kind is Kind.WORD]
TEXTS = [name for name, field in FIELDS.items() if field.kind is Kind.TEXT]
PLACES = st.sampled_from(["Hà Nội", "Đà Nẵng", "Quận 1", "Cà 'Mau'", "and", "in"])
OPS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
WHOLE = st.integers(-(10**12), 10**12)


def _words(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(FIELDS[name].words)


def _one_of(draw: st.DrawFn, *trees: Filter) -> Filter:
    return trees[draw(st.integers(0, len(trees) - 1))]


@st.composite
def conditions(draw: st.DrawFn) -> Filter:
    shape = draw(st.sampled_from(["number", "ordered", "word", "text"]))
    if shape == "number":
        name = draw(st.sampled_from(NUMBERS))
        low, high = sorted((draw(WHOLE), draw(WHOLE)))
        values = tuple(dict.fromkeys(draw(st.lists(WHOLE, min_size=1, max_size=4))))
        return _one_of(
            draw, Between(name, low, high), OneOf(name, values), Compare(name, draw(OPS), low)
        )
    if shape == "ordered":
        name = draw(st.sampled_from(ORDERED))
        first, second = sorted(
            (draw(_words(name)), draw(_words(name))), key=FIELDS[name].words.index
        )
        return _one_of(draw, Between(name, first, second), Compare(name, draw(OPS), first))
    name = draw(st.sampled_from(WORDS if shape == "word" else TEXTS))
    value = draw(_words(name) if shape == "word" else PLACES)
    return _one_of(
        draw, Compare(name, "=", value), Compare(name, "!=", value), OneOf(name, (value,))
    )


TREES: st.SearchStrategy[Filter] = st.recursive(
    conditions(),
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(All, st.lists(parts, min_size=2, max_size=4).map(tuple)),
        st.builds(Some, st.lists(parts, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=12,
)


@given(TREES)
def test_a_tree_survives_text_and_json(tree: Filter) -> None:
    assert parse(to_text(tree)) == tree
    assert from_json(json.loads(json.dumps(to_json(tree)))) == tree


@given(TREES)
def test_every_tree_can_be_said_and_tells_its_fields(tree: Filter) -> None:
    assert describe(tree, "vi")
    assert describe(tree, "en")
    assert fields_of(tree) <= set(FIELDS)


@given(st.text(alphabet="dpdrisk 0123.<>=!()',\"andorotHÀ;-", max_size=60))
def test_any_text_is_a_filter_or_an_error_that_helps(text: str) -> None:
    found = _tree_or_error(text)
    if isinstance(found, FilterError):
        assert 0 <= found.position <= len(text)
        assert found.fix
    else:
        assert parse(to_text(found)) == found


def _tree_or_error(text: str) -> Filter | FilterError:
    try:
        return parse(text)
    except FilterError as wrong:
        return wrong


@pytest.mark.parametrize("state", CampaignState)
@pytest.mark.parametrize("change", Change)
def test_every_change_moves_or_refuses(state: CampaignState, change: Change) -> None:
    assert moved(state, change) in {*CampaignState, None}
    assert (moved(state, change) is None) is (change not in MOVES[state])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*settings_document(settings_from({})), "odd"]), JSON))
def test_any_document_is_settings_or_an_error_that_names_the_field(
    document: dict[str, object],
) -> None:
    found = _settings_or_error(document)
    if isinstance(found, SettingsError):
        assert found.field in document
    else:
        assert settings_from(settings_document(found)) == found


def _settings_or_error(document: dict[str, object]) -> Settings | SettingsError:
    try:
        return settings_from(document)
    except SettingsError as wrong:
        return wrong
