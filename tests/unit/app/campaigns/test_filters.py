"""The filter tree: its JSON, and what it says in words."""

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
    describe,
    fields_of,
    to_json,
)

CARDS = All((Between("dpd", 10, 60), Compare("product", "=", "CREDIT_CARD")))
CARDS_VI = "số ngày quá hạn 10–60 và sản phẩm là CREDIT_CARD"
CARDS_EN = "days past due 10–60 and product is CREDIT_CARD"
FAR = Some((OneOf("province", ("Hà Nội", "Huế")), Compare("risk", ">=", "HIGH")))


def test_the_list_of_fields_is_closed() -> None:
    assert list(FIELDS) == [
        "dpd", "bucket", "product", "outstanding", "overdue", "due", "currency", "province",
        "district", "language", "segment", "risk", "days_since_payment", "days_since_contact",
        "broken_promises", "stage",
    ]  # fmt: skip


def test_a_tree_is_kept_as_json() -> None:
    assert to_json(All((CARDS, Not(FAR)))) == {
        "all": [
            {
                "all": [
                    {"field": "dpd", "op": "..", "low": 10, "high": 60},
                    {"field": "product", "op": "=", "value": "CREDIT_CARD"},
                ]
            },
            {
                "not": {
                    "any": [
                        {"field": "province", "op": "in", "values": ["Hà Nội", "Huế"]},
                        {"field": "risk", "op": ">=", "value": "HIGH"},
                    ]
                }
            },
        ]
    }


@pytest.mark.parametrize(
    ("tree", "vietnamese", "english"),
    [
        (EVERYBODY, "mọi khách", "everybody"),
        (
            CARDS,
            CARDS_VI,
            CARDS_EN,
        ),
        (
            All((CARDS, Not(FAR))),
            f"({CARDS_VI}) và không phải (tỉnh thành thuộc Hà Nội, Huế hoặc mức rủi ro từ HIGH)",
            f"({CARDS_EN}) and not (province one of Hà Nội, Huế or risk at least HIGH)",
        ),
        (
            Compare("overdue", "<", 5_000_000),
            "số tiền quá hạn dưới 5.000.000",
            "overdue below 5,000,000",
        ),
    ],
)
def test_a_filter_is_said_in_words(tree: Filter, vietnamese: str, english: str) -> None:
    assert describe(tree, "vi") == vietnamese
    assert describe(tree, "en") == english


def test_a_filter_tells_which_fields_it_looks_at() -> None:
    assert fields_of(All((CARDS, Not(FAR)))) == {"dpd", "product", "province", "risk"}
    assert fields_of(EVERYBODY) == frozenset()
