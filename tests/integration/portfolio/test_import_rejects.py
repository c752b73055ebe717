"""`paceline import`: every row is loaded, or stands in `rejected.csv` and can be mended and loaded again.

Issue: "Each row is loaded or stands in `rejected.csv` with its original cells, line, field and reason,
so that the mended file can be loaded again."
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from app.errors import Invalid
from tests.integration.portfolio.conftest import HEADER, a_row

if TYPE_CHECKING:
    from tests.integration.portfolio.conftest import Desk


async def test_a_refused_row_stands_with_its_cells_line_field_and_reason(desk: Desk) -> None:
    rows = [a_row(account_no="A"), a_row(account_no="B", outstanding="nhiều", phone_1="12")]
    report = await desk.load(rows, language="en")
    assert (report.loaded, report.rejected) == (1, 1)
    (row,) = desk.rejected(report.rejected_path)
    assert row["rejected_line"] == "3"
    assert row["rejected_field"] == "phone_1; outstanding"
    assert "not a phone number" in row["rejected_reason"]
    assert "not an amount" in row["rejected_reason"]
    assert [row[name] for name in HEADER] == rows[1]


async def test_the_mended_file_loads_and_what_was_not_mended_stands_again(desk: Desk) -> None:
    bad = [a_row(account_no=name, outstanding="?") for name in ("A", "B")]
    first = await desk.load(bad)
    assert first.rejected_path is not None
    with first.rejected_path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    lines[1][lines[0].index("outstanding")] = "38900000"
    with first.rejected_path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)

    second = await desk.load_file(first.rejected_path)
    assert (second.loaded, second.rejected) == (1, 1)
    assert await desk.one("SELECT account_no FROM loans") == {"account_no": "A"}
    (row,) = desk.rejected(second.rejected_path)
    assert [row[name] for name in HEADER] == bad[1]
    assert list(row) == ["rejected_line", "rejected_field", "rejected_reason", *HEADER]


async def test_a_formula_is_text_in_the_books_and_guarded_in_the_rejected_file(desk: Desk) -> None:
    evil = "=HYPERLINK(0)"
    rows = [
        a_row(account_no="A", cif="K1", customer_name=evil),
        a_row(
            account_no="B", cif="K2", customer_name="@SUM(1)", phone_1="+84 912", due_amount="-1"
        ),
    ]
    report = await desk.load(rows)
    assert await desk.one("SELECT display FROM customers") == {"display": evil}
    (row,) = desk.rejected(report.rejected_path)
    assert row["customer_name"] == "'@SUM(1)"
    assert (row["phone_1"], row["due_amount"]) == ("'+84 912", "'-1")
    again = await desk.load_file(report.rejected_path or desk.folder)
    assert again.reasons == {("phone_1", "PHONE"): 1, ("due_amount", "AMOUNT_NEGATIVE"): 1}
    (row,) = desk.rejected(again.rejected_path)
    assert row["customer_name"] == "'@SUM(1)"


async def test_a_heading_of_a_strangers_making_is_guarded_and_guarded_once(desk: Desk) -> None:
    header = [*HEADER, "=cmd|' /C calc'!A0"]
    first = await desk.load([[*a_row(outstanding="?"), "x"]], header)
    (row,) = desk.rejected(first.rejected_path)
    assert list(row)[-1] == "'=cmd|' /C calc'!A0"
    second = await desk.load_file(first.rejected_path or desk.folder)
    (row,) = desk.rejected(second.rejected_path)
    assert list(row)[-1] == "'=cmd|' /C calc'!A0"


async def test_a_quote_that_never_closes_costs_its_own_line_only(desk: Desk) -> None:
    path = desk.write([a_row(account_no=f"A{n}", cif=f"K{n}") for n in range(100)])
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace("Nguyễn", '"Nguyễn', 1).replace("K4,", "K4,")
    path.write_text("\n".join(lines))
    report = await desk.load_file(path)
    assert (report.loaded, report.rejected) == (99, 1)
    assert report.reasons == {("", "QUOTE_OPEN"): 1}


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [(b"Nguy\xe3n", "NOT_UTF8"), (b"Nguy?n", "LETTERS_LOST"), ("Nguyá»…n".encode(), "MOJIBAKE")],
)
async def test_letters_that_a_code_page_broke_cost_their_own_line_only(
    desk: Desk, spoilt: bytes, code: str
) -> None:
    path = desk.write([a_row(account_no="A"), a_row(account_no="B", cif="K2")])
    path.write_bytes(path.read_bytes().replace("K2,Nguyễn".encode(), b"K2," + spoilt))
    report = await desk.load_file(path)
    assert (report.loaded, report.rejected) == (1, 1)
    assert report.reasons == {("customer_name", code): 1}
    assert spoilt in (report.rejected_path or path).read_bytes()


async def test_a_row_with_a_delimiter_too_many_is_refused_whole(desk: Desk) -> None:
    report = await desk.load([[*a_row(), "x", "y"], a_row()[:-1], a_row()])
    assert report.reasons == {("", "CELL_COUNT"): 2}
    assert report.loaded == 1


async def test_a_duplicate_names_the_line_that_it_repeats(desk: Desk) -> None:
    report = await desk.load([a_row(), a_row(account_no="HD2"), a_row(outstanding="9.000.000")])
    (row,) = desk.rejected(report.rejected_path)
    assert (row["rejected_line"], row["rejected_field"]) == ("4", "account_no")
    assert "2" in row["rejected_reason"]
    assert (await desk.one("SELECT outstanding_minor FROM loans WHERE account_no = 'HD1'")) == {
        "outstanding_minor": 38_900_000
    }


async def test_a_duplicate_is_found_far_down_a_long_file(desk: Desk) -> None:
    rows = [a_row(account_no=f"A{n}", cif=f"K{n}") for n in range(2_500)]
    report = await desk.load([*rows, a_row(account_no="A0", cif="K0", due_amount="7")])
    assert report.reasons == {("account_no", "DUPLICATE"): 1}
    (row,) = desk.rejected(report.rejected_path)
    assert row["rejected_line"] == "2502"


async def test_one_customer_under_two_names_is_refused(desk: Desk) -> None:
    report = await desk.load([a_row(), a_row(account_no="HD2", customer_name="Trần Văn B")])
    assert report.reasons == {("customer_name", "CONTRADICTS"): 1}


async def test_a_loan_does_not_change_hands_or_currency(desk: Desk) -> None:
    await desk.load([a_row()])
    report = await desk.load([a_row(cif="KH2", customer_name="Lê Lai")])
    assert report.reasons == {("cif", "OTHER_CUSTOMER"): 1}
    report = await desk.load([[*a_row(), "USD"]], (*HEADER, "currency"))
    assert report.reasons == {("currency", "OTHER_CURRENCY"): 1}
    assert (await desk.one("SELECT currency FROM loans")) == {"currency": "VND"}


async def test_a_row_that_the_database_minds_is_found_among_its_batch(desk: Desk) -> None:
    await desk.run("ALTER TABLE loans ADD CONSTRAINT odd CHECK (account_no <> 'BAD')")
    try:
        names = ["A", "B", "BAD", "C", "D"]
        report = await desk.load([a_row(account_no=n, cif=n) for n in names], language="en")
        assert (report.loaded, report.rejected) == (4, 1)
        (row,) = desk.rejected(report.rejected_path)
        assert row["account_no"] == "BAD"
        assert "the database refused" in row["rejected_reason"]
    finally:
        await desk.run("ALTER TABLE loans DROP CONSTRAINT odd")


async def test_no_refusal_leaves_no_file(desk: Desk) -> None:
    report = await desk.load([a_row()])
    assert report.rejected_path is None
    assert [path.name for path in desk.folder.iterdir()] == ["portfolio.csv"]


async def test_an_earlier_rejected_file_is_kept_aside(desk: Desk) -> None:
    await desk.load([a_row(account_no="A", outstanding="?")])
    await desk.load([a_row(account_no="B", outstanding="?")])
    (old,) = desk.rejected(desk.folder / "rejected.previous.csv")
    (new,) = desk.rejected(desk.folder / "rejected.csv")
    assert (old["account_no"], new["account_no"]) == ("A", "B")


async def test_a_rejected_file_that_cannot_be_written_is_one_sentence(desk: Desk) -> None:
    with pytest.raises(Invalid, match="cannot be written"):
        await desk.load([a_row(outstanding="?")], rejected=desk.folder / "nowhere" / "rejected.csv")
