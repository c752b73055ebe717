"""Reading `--where`: what is understood, and errors that name position, field and fix."""

import re
from pathlib import Path

import pytest

from app.campaigns.filters import (
    EVERYBODY,
    FIELDS,
    All,
    Between,
    Compare,
    Filter,
    Not,
    OneOf,
    Some,
    fields_of,
    to_json,
)
from app.campaigns.where import FilterError, from_json, parse, to_text

DPD = Between("dpd", 10, 60)
CARD = Compare("product", "=", "CREDIT_CARD")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", EVERYBODY),
        ("   ", EVERYBODY),
        ("dpd 10..60", DPD),
        ("dpd = 10..60", DPD),
        ("DPD 10 .. 60", DPD),
        ("dpd 10..60 and product = credit_card", All((DPD, CARD))),
        ("dpd 10..60 AND product==CREDIT_CARD", All((DPD, CARD))),
        ("dpd 10..60 or product = CREDIT_CARD", Some((DPD, CARD))),
        (
            "dpd 10..60 or product = CREDIT_CARD and risk >= HIGH",
            Some((DPD, All((CARD, Compare("risk", ">=", "HIGH"))))),
        ),
        (
            "(dpd 10..60 or product = CREDIT_CARD) and risk >= HIGH",
            All((Some((DPD, CARD)), Compare("risk", ">=", "HIGH"))),
        ),
        ("not dpd 10..60", Not(DPD)),
        ("not (not dpd 10..60)", Not(Not(DPD))),
        ("bucket B2..B4", Between("bucket", "B2", "B4")),
        ("bucket in (B2, b3, B2)", OneOf("bucket", ("B2", "B3"))),
        ("province in (Hà Nội, 'Đà Nẵng', Huế)", OneOf("province", ("Hà Nội", "Đà Nẵng", "Huế"))),
        ("district in (Quận 1, Thủ Đức)", OneOf("district", ("Quận 1", "Thủ Đức"))),
        ('province = "Thừa Thiên  Huế"', Compare("province", "=", "Thừa Thiên Huế")),
        ("district = 3", Compare("district", "=", "3")),
        ("overdue >= 5_000_000", Compare("overdue", ">=", 5_000_000)),
        ("language <> en", Compare("language", "!=", "en")),
        ("broken_promises<2", Compare("broken_promises", "<", 2)),
        ("days_since_contact > 7", Compare("days_since_contact", ">", 7)),
        ("stage <= MID", Compare("stage", "<=", "MID")),
        ("dpd in (1, 2)", OneOf("dpd", (1, 2))),
    ],
)
@pytest.mark.req("S0c-042")
def test_filters_are_read(text: str, tree: Filter) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "field", "says"),
    [
        ("dpt 10..60", 0, "dpt", "Fields are dpd, bucket"),
        ("dpd 10..60 product = AUTO", 11, None, "Join conditions"),
        ("dpd 60..10", 4, "dpd", "dpd 10..60"),
        ("dpd", 3, "dpd", "ends too early"),
        ("dpd >=", 6, "dpd", "ends too early"),
        ("dpd 10", 4, "dpd", "Write dpd 10..60"),
        ("dpd )", 4, "dpd", "Write dpd 10..60"),
        ("dpd >= many", 7, "dpd", "whole number"),
        ("product = YACHT", 10, "product", "It is one of MORTGAGE"),
        ("product > AUTO", 8, "product", "has no order"),
        ("province A..B", 10, "province", "has no order"),
        ("province = ''", 11, "province", "Write province = '…'"),
        ("product = (", 10, "product", "Write product = MORTGAGE"),
        ("dpd in 1, 2", 7, "dpd", "dpd in (a, b)"),
        ("dpd in (1, 2", 12, "dpd", "Close the list"),
        ("(dpd 10..60", 11, None, "Close the parenthesis"),
        ("and dpd 10..60", 0, None, "Begin a condition with a field"),
        ("dpd 10..60 and", 14, None, "ends too early"),
        ("dpd 10..60; drop table", 10, None, "cannot be read"),
        ("province = 'Huế", 11, None, "cannot be read"),
        ("dpd = 1.5", 7, None, "cannot be read"),
        ("dpd = 10abc", 6, None, "cannot be read"),
    ],
)
def test_an_error_names_the_place_the_field_and_the_fix(
    text: str, position: int, field: str | None, says: str
) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)

    assert (caught.value.position, caught.value.field) == (position, field)
    assert says in str(caught.value)
    assert caught.value.fix


def test_a_filter_is_not_nested_without_end() -> None:
    with pytest.raises(FilterError, match="Nest at most 50"):
        parse("(" * 51 + "dpd = 1" + ")" * 51)
    assert parse("(" * 49 + "dpd = 1" + ")" * 49) == Compare("dpd", "=", 1)


def test_a_filter_has_a_length() -> None:
    with pytest.raises(FilterError, match="longer than 4000"):
        parse("dpd = 1 and " * 400)


@pytest.mark.parametrize(
    "tree",
    [
        EVERYBODY,
        DPD,
        All((DPD, Not(Some((CARD, OneOf("province", ("Hà Nội", "Cà 'Mau'"))))))),
    ],
)
def test_json_and_text_lead_back_to_the_tree(tree: Filter) -> None:
    assert from_json(to_json(tree)) == tree
    assert parse(to_text(tree)) == tree


def test_an_empty_document_is_everybody() -> None:
    assert from_json({}) == EVERYBODY


@pytest.mark.parametrize(
    "document",
    [
        {"all": "dpd"},
        {"not": 3},
        {"field": "dpd"},
        {"field": "dpd or due", "op": "=", "value": 1},
        {"field": "dpd", "op": "or", "value": 1},
        {"field": "province", "op": "=", "value": "'\""},
    ],
)
def test_a_document_that_is_no_filter_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(FilterError, match="no filter"):
        from_json(document)


def test_the_page_about_campaigns_has_an_example_of_every_field() -> None:
    page = (Path(__file__).parents[4] / "docs" / "campaigns.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| `([^`]+)` \|$", page, re.MULTILINE)
    assert {name for name, _ in rows} == set(FIELDS)
    for name, example in rows:
        assert fields_of(parse(example)) == {name}
    for whole in (
        *re.findall(r"--where '([^']+)'", page),
        *re.findall(r"^    (dpd .*)$", page, re.MULTILINE),
    ):
        assert parse(whole) != EVERYBODY
