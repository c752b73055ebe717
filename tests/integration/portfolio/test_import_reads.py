"""`paceline import`: what a file may look like, and what of it is refused by name.

Issue: "UTF-8 with and without BOM, UTF-16 (Excel's Unicode text); comma, semicolon, tab; `5.000.000`
and `5,000,000`; dates by a declared order, never guessed row by row; what Excel breaks is named."
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.errors import Invalid
from app.portfolio.service import DateOrder
from tests.integration.portfolio.conftest import HEADER, a_row

if TYPE_CHECKING:
    from tests.integration.portfolio.conftest import Desk

VIETNAMESE = (
    "Mã khách hàng", "Họ và tên", "Điện thoại", "Số hợp đồng", "Sản phẩm", "Dư nợ", "Nợ quá hạn",
    "Số tiền phải trả", "Ngày quá hạn lâu nhất",
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_a_file_loads_in_every_encoding_and_with_every_delimiter(
    desk: Desk, encoding: str, delimiter: str
) -> None:
    path = desk.write([a_row()], VIETNAMESE, encoding=encoding, delimiter=delimiter)
    report = await desk.load_file(path)
    assert (report.loaded, report.rejected) == (1, 0)
    assert report.delimiter == delimiter
    row = await desk.one(
        "SELECT c.display, c.search_key, p.number, l.outstanding_minor, l.overdue_minor,"
        " l.oldest_unpaid_due_on, l.status FROM customers c"
        " JOIN phones p ON p.customer_id = c.id JOIN loans l ON l.customer_id = c.id"
    )
    assert row == {
        "display": "Nguyễn Thị Thu Hà",
        "search_key": "nguyen thi thu ha",
        "number": "+84912345678",
        "outstanding_minor": 38_900_000,
        "overdue_minor": 5_420_000,
        "oldest_unpaid_due_on": date(2026, 10, 9),
        "status": "OVERDUE",
    }


@pytest.mark.parametrize("written", ["5.000.000", "5,000,000", "5000000", "5 000 000 ₫"])
async def test_an_amount_is_the_same_however_it_is_grouped(desk: Desk, written: str) -> None:
    await desk.load([a_row(overdue=written)])
    assert await desk.one("SELECT overdue_minor FROM loans") == {"overdue_minor": 5_000_000}


async def test_dates_are_read_by_the_declared_order_for_the_whole_file(desk: Desk) -> None:
    rows = [
        a_row(account_no="A", oldest_unpaid_on="05/10/2026"),
        a_row(account_no="B", oldest_unpaid_on="10/25/2026"),
    ]
    report = await desk.load(rows, dates=DateOrder.DMY)
    assert report.reasons == {("oldest_unpaid_on", "DATE_ORDER"): 1}
    found = await desk.one("SELECT oldest_unpaid_due_on FROM loans WHERE account_no = 'A'")
    assert found["oldest_unpaid_due_on"] == date(2026, 10, 5)
    report = await desk.load(rows, dates=DateOrder.MDY)
    assert report.rejected == 0
    found = await desk.one("SELECT oldest_unpaid_due_on FROM loans WHERE account_no = 'A'")
    assert found["oldest_unpaid_due_on"] == date(2026, 5, 10)


async def test_the_organisations_order_is_the_default(desk: Desk) -> None:
    await desk.run("UPDATE organisations SET date_order = 'mdy'")
    try:
        report = await desk.load([a_row(oldest_unpaid_on="10/09/2026")])
        assert report.dates is DateOrder.MDY
        found = await desk.one("SELECT oldest_unpaid_due_on FROM loans")
        assert found["oldest_unpaid_due_on"] == date(2026, 10, 9)
    finally:
        await desk.run("UPDATE organisations SET date_order = 'dmy'")


async def test_a_lost_leading_zero_is_restored_and_counted(desk: Desk) -> None:
    report = await desk.load([a_row(phone_1="912345678")])
    assert report.counts["zeros_restored"] == 1
    assert await desk.one("SELECT number, raw FROM phones") == {
        "number": "+84912345678",
        "raw": "912345678",
    }


@pytest.mark.parametrize(
    ("column", "cell", "code", "fix"),
    [
        ("phone_1", "8.49E+10", "EXCEL_SCIENTIFIC", "Text"),
        ("account_no", "1.23457E+15", "EXCEL_SCIENTIFIC", "Text"),
        ("outstanding", "5E+06", "EXCEL_SCIENTIFIC", "Text"),
        ("oldest_unpaid_on", "45992", "EXCEL_SERIAL", "2025-12-01"),
        ("oldest_unpaid_on", "########", "EXCEL_HASHES", "cột"),
        ("customer_name", "#NAME?", "EXCEL_ERROR", "#NAME?"),
    ],
)
async def test_what_excel_broke_is_refused_with_its_fix(
    desk: Desk, column: str, cell: str, code: str, fix: str
) -> None:
    report = await desk.load([a_row(**{column: cell})])
    assert report.reasons == {(column, code): 1}
    (row,) = desk.rejected(report.rejected_path)
    assert row["rejected_field"] == column
    assert row[column] == cell
    assert fix in row["rejected_reason"]
    assert await desk.all("SELECT 1 FROM loans") == []


async def test_several_phones_load_and_a_relatives_is_never_dialled(desk: Desk) -> None:
    header = (*HEADER, "phone_2", "phone_2_label", "phones")
    await desk.load([[*a_row(), "0987654321", "Mẹ", "0901111222; 024 3822 1234"]], header)
    rows = await desk.all("SELECT number, label, is_primary, dialable FROM phones ORDER BY id")
    by_number = {row.pop("number"): row for row in rows}
    assert by_number == {
        "+84912345678": {"label": "MOBILE", "is_primary": True, "dialable": True},
        "+84987654321": {"label": "RELATIVE", "is_primary": False, "dialable": False},
        "+84901111222": {"label": "MOBILE", "is_primary": False, "dialable": True},
        "+842438221234": {"label": "HOME", "is_primary": False, "dialable": True},
    }


async def test_a_customer_without_any_phone_loads(desk: Desk) -> None:
    report = await desk.load([a_row(phone_1="")])
    assert report.loaded == 1
    assert await desk.all("SELECT 1 FROM phones") == []


async def test_a_header_that_lacks_a_column_changes_nothing(desk: Desk) -> None:
    path = desk.write([a_row()[:-4]], HEADER[:-4])
    with pytest.raises(Invalid, match="outstanding") as refused:
        await desk.load_file(path)
    assert refused.value.field == "outstanding"
    assert await desk.all("SELECT 1 FROM customers") == []


async def test_a_file_that_is_not_there_is_one_sentence(desk: Desk) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        await desk.load_file(desk.folder / "missing.csv")


async def test_columns_that_mean_nothing_are_named(desk: Desk) -> None:
    report = await desk.load([[*a_row(), "x"]], (*HEADER, "Ghi chú nội bộ"))
    assert report.ignored_columns == ("Ghi chú nội bộ",)
    assert report.loaded == 1


async def test_days_past_due_stand_for_the_date_and_must_agree_with_it(desk: Desk) -> None:
    header = (*HEADER, "dpd")
    rows = [
        [*a_row(account_no="A", oldest_unpaid_on=""), "45"],
        [*a_row(account_no="B"), "45"],
        [*a_row(account_no="C"), "30"],
    ]
    report = await desk.load(rows, header)
    assert report.reasons == {("dpd", "DPD_DISAGREES"): 1}
    found = await desk.all("SELECT DISTINCT oldest_unpaid_due_on FROM loans")
    assert found == [{"oldest_unpaid_due_on": date(2026, 10, 9)}]
