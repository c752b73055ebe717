"""Headers, in both languages, and the page that documents them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.errors import Invalid
from app.portfolio.cells import fold
from app.portfolio.columns import BY_NAME, CHOICES, COLUMNS, lay_out

REQUIRED = ["cif", "customer_name", "account_no", "product", "outstanding"]


def test_vietnamese_english_and_plain_headers_are_the_same() -> None:
    vietnamese = lay_out(["Mã KH", "HỌ TÊN", "Số hợp đồng", "Sản phẩm", "Dư nợ"])
    english = lay_out(["Customer ID", "Full name", "Loan number", "product", "Balance"])
    plain = lay_out(REQUIRED)
    assert vietnamese.places == english.places == plain.places


def test_no_two_columns_share_a_header() -> None:
    words = [fold(word) for column in COLUMNS for word in (column.name, *column.aliases)]
    doubled = {word for word in words if words.count(word) > 1}
    owners = {
        word: {c.name for c in COLUMNS if word in {fold(w) for w in (c.name, *c.aliases)}}
        for word in doubled
    }
    assert {word: names for word, names in owners.items() if len(names) > 1} == {}


def test_unknown_headers_are_named_and_empty_ones_passed_over() -> None:
    layout = lay_out([*REQUIRED, "Ghi chú", ""])
    assert layout.ignored == ("Ghi chú",)
    assert layout.width == 7
    assert not layout.is_mended


def test_the_three_columns_of_a_rejected_file_are_known() -> None:
    layout = lay_out(["rejected_line", "rejected_field", "rejected_reason", *REQUIRED])
    assert layout.extra == (0, 1, 2)
    assert layout.is_mended


@pytest.mark.parametrize(
    ("header", "code", "field"),
    [
        (REQUIRED[:-1], "COLUMN_MISSING", "outstanding"),
        ([*REQUIRED, "Mã KH"], "COLUMN_TWICE", "cif"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(header: list[str], code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        lay_out(header)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_every_choice_of_a_column_is_a_list_that_exists() -> None:
    for column in COLUMNS:
        assert not column.choices or CHOICES[column.choices]
    for words in CHOICES.values():
        assert all(word == fold(word) for word in words)


def test_the_page_documents_every_column_and_no_other() -> None:
    page = (Path(__file__).parents[4] / "docs" / "import.md").read_text(encoding="utf-8")
    documented = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    likewise = {name for name in BY_NAME if re.fullmatch(r"phone_[2-5](_label)?", name)}
    assert set(BY_NAME) - likewise <= documented
    for column in COLUMNS:
        row = next(
            (line for line in page.splitlines() if line.startswith(f"| `{column.name}` |")), ""
        )
        for alias in filter(str.strip, row.split("|")[2].split(",") if row else []):
            assert lay_out_name(alias) == column.name, alias


def lay_out_name(header: str) -> str:
    """The column that a header stands for."""
    (name,) = {
        c.name for c in COLUMNS if fold(header) in {fold(w) for w in (c.name, *c.aliases)}
    } or {""}
    return name
