"""A row into an entry, or all of its faults."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.portfolio.cells import DateOrder
from app.portfolio.columns import lay_out
from app.portfolio.rows import Entry, Terms, digest_of, identity_of, read_row

TERMS = Terms(DateOrder.DMY, "VND", date(2026, 11, 23))
USUAL = {
    "cif": "KH1",
    "customer_name": "Nguyễn Thị Thu Hà",
    "account_no": "HD1",
    "product": "Thẻ tín dụng",
    "outstanding": "9.000.000",
}


def read(**cells: str) -> Any:
    told = {**USUAL, **cells}
    return read_row(list(told.values()), lay_out(list(told)), TERMS)


def entry(**cells: str) -> Entry:
    found = read(**cells)
    assert isinstance(found, Entry), found
    return found


def faults(**cells: str) -> list[tuple[str, str]]:
    found = read(**cells)
    assert not isinstance(found, Entry)
    return [(fault.field, fault.reason.code) for fault in found]


def test_only_what_the_file_tells_is_in_the_entry() -> None:
    found = entry()
    assert found.customer == {"cif": "KH1", "customer_name": "Nguyễn Thị Thu Hà"}
    assert found.loan == {
        "currency": "VND",
        "product": "CREDIT_CARD",
        "outstanding_minor": 9_000_000,
    }
    assert (found.payment, found.promise, found.phones, found.mended) == (None, None, (), 0)


def test_consent_stands_together_with_its_source() -> None:
    told = entry(consent="Đồng ý", consent_source="hợp đồng").customer
    assert (told["consent"], told["consent_source"]) == ("GIVEN", "hợp đồng")
    assert entry(consent="rút lại", consent_source="thư").customer["consent"] == "WITHDRAWN"
    assert "consent" not in entry(consent="", consent_source="").customer
    assert faults(consent="yes") == [("consent_source", "TOGETHER")]
    assert faults(consent="có lẽ", consent_source="thư") == [("consent", "CHOICE")]


def test_an_empty_cell_of_a_loans_state_means_none() -> None:
    found = entry(overdue="", next_due_on="", oldest_unpaid_on="")
    assert found.loan["overdue_minor"] == 0
    assert found.loan["next_due_on"] is None


def test_required_cells_are_asked_for_all_at_once() -> None:
    assert faults(cif="", product=" ") == [("cif", "REQUIRED"), ("product", "REQUIRED")]


@pytest.mark.parametrize(
    ("cell", "number", "mended"),
    [
        ("0912345678", "+84912345678", 0),
        ("+84 912 345 678", "+84912345678", 0),
        ("84912345678.0", "+84912345678", 0),
        ("912345678", "+84912345678", 1),
        ("912345678.0", "+84912345678", 1),
        ("'912345678", "+84912345678", 1),
        ("2438221234", "+842438221234", 1),
        ("1234567890", "+84834567890", 1),
    ],
)
def test_a_phone_is_mended_only_by_its_zero(cell: str, number: str, mended: int) -> None:
    found = entry(phone_1=cell)
    assert (found.phones[0][0].e164, found.phones[0][0].raw, found.mended) == (number, cell, mended)


@pytest.mark.parametrize(
    ("cell", "code"), [("8.49E+10", "EXCEL_SCIENTIFIC"), ("123", "PHONE"), ("19001234", "PHONE")]
)
def test_a_phone_that_nobody_could_dial_is_refused(cell: str, code: str) -> None:
    assert faults(phone_1=cell) == [("phone_1", code)]


def test_a_number_from_abroad_is_kept_and_not_dialled() -> None:
    ((phone, _),) = entry(phone_1="+1 (555) 123-4567").phones
    assert (phone.e164, phone.dialable) == (None, False)


def test_a_number_in_two_columns_is_one_number() -> None:
    found = entry(phone_1="0912345678", phone_2="+84912345678", phones="0912345678 / 0987654321")
    assert [phone.e164 for phone, _ in found.phones] == ["+84912345678", "+84987654321"]


@pytest.mark.parametrize(
    ("cell", "number", "mended"),
    [("001187936710", "001187936710", 0), ("1187936710", "001187936710", 1),
     ("79058139478", "079058139478", 1), ("123456789", "123456789", 0)],
)  # fmt: skip
def test_an_identity_number_gets_its_zeros_back(cell: str, number: str, mended: int) -> None:
    found = entry(national_id=cell)
    assert (found.customer["national_id"], found.mended) == (number, mended)


@pytest.mark.parametrize("cell", ["12345", "A23456789012"])
def test_what_is_no_identity_number_is_refused(cell: str) -> None:
    assert faults(national_id=cell) == [("national_id", "NATIONAL_ID")]


def test_words_of_special_handling_are_known_in_both_languages() -> None:
    assert entry(special_handling="VIP, yếu thế").customer["special_handling"] == (
        "VIP",
        "VULNERABLE",
    )


@pytest.mark.parametrize(
    ("cell", "currency"), [("usd", "USD"), ("VNĐ", "VND"), ("", "VND"), ("$", "USD")]
)
def test_amounts_are_in_the_rows_currency(cell: str, currency: str) -> None:
    assert entry(currency=cell).loan["currency"] == currency


def test_an_unknown_currency_is_refused_once() -> None:
    assert faults(currency="XAU") == [("currency", "CURRENCY")]


def test_days_past_due_give_the_date() -> None:
    assert entry(dpd="45").loan["oldest_unpaid_due_on"] == date(2026, 10, 9)
    assert entry(dpd="0").loan["oldest_unpaid_due_on"] is None
    assert entry(dpd="45", oldest_unpaid_on="09/10/2026").loan["oldest_unpaid_due_on"] == date(
        2026, 10, 9
    )
    assert entry(dpd="0", oldest_unpaid_on="25/12/2026").loan["oldest_unpaid_due_on"] == date(
        2026, 12, 25
    )
    assert faults(dpd="44", oldest_unpaid_on="09/10/2026") == [("dpd", "DPD_DISAGREES")]


def test_without_a_column_for_it_what_is_due_of_a_late_loan_is_overdue() -> None:
    assert entry(dpd="5", due_amount="700.000").loan["overdue_minor"] == 700_000
    assert entry(dpd="5", due_amount="70.000.000").loan["overdue_minor"] == 9_000_000
    assert "overdue_minor" not in entry(oldest_unpaid_on="25/12/2026").loan


def test_arrears_agree_with_the_debt_and_have_a_day() -> None:
    assert faults(overdue="10.000.000", dpd="3") == [("overdue", "OVERDUE_ABOVE")]
    assert faults(overdue="1.000.000") == [("overdue", "OVERDUE_NO_DATE")]
    assert faults(overdue="1", oldest_unpaid_on="?") == [("oldest_unpaid_on", "DATE")]
    assert faults(overdue="10.000.000", dpd="3", outstanding="?") == [("outstanding", "AMOUNT")]


@pytest.mark.parametrize("column", ["birth_date", "opened_on"])
def test_a_day_that_must_be_past_is_not_in_the_future(column: str) -> None:
    assert faults(**{column: "24/11/2026"}) == [(column, "DATE_FUTURE")]
    entry(**{column: "23/11/2026"})


def test_a_payment_has_its_day_and_its_amount() -> None:
    paid = entry(last_payment_on="01/11/2026", last_payment_amount="500.000").payment
    assert paid is not None
    assert (paid.amount_minor, paid.paid_on, paid.method, paid.reference) == (
        500_000, date(2026, 11, 1), "BANK_TRANSFER", "",
    )  # fmt: skip
    assert entry(last_payment_amount="0", last_payment_on="").payment is None
    assert faults(last_payment_on="01/11/2026") == [("last_payment_amount", "TOGETHER")]
    assert faults(last_payment_amount="5") == [("last_payment_on", "TOGETHER")]
    assert faults(last_payment_amount="0", last_payment_on="01/11/2026") == [
        ("last_payment_amount", "AMOUNT_ZERO")
    ]
    assert faults(last_payment_ref="FT1") == [("last_payment_ref", "TOGETHER")]
    assert faults(last_payment_amount="?", last_payment_on="01/11/2026") == [
        ("last_payment_amount", "AMOUNT")
    ]


def test_a_promise_has_its_day_and_its_amount() -> None:
    told = entry(
        promise_amount="500.000", promise_due_on="30/11/2026", promise_made_on="20/11/2026"
    ).promise
    assert told is not None
    assert (told.amount_minor, told.due_on, told.made_on) == (
        500_000,
        date(2026, 11, 30),
        date(2026, 11, 20),
    )
    assert faults(promise_due_on="30/11/2026") == [("promise_amount", "TOGETHER")]
    assert faults(promise_ref="P1") == [("promise_ref", "TOGETHER")]
    assert faults(promise_amount="0", promise_due_on="30/11/2026") == [
        ("promise_amount", "AMOUNT_ZERO")
    ]
    assert faults(
        promise_amount="5", promise_due_on="01/11/2026", promise_made_on="02/11/2026"
    ) == [("promise_made_on", "PROMISE_ORDER")]


def test_the_digest_is_of_what_is_told_not_of_how() -> None:
    layout, turned = lay_out(list(USUAL)), lay_out(list(USUAL)[::-1])
    row = list(USUAL.values())
    same = digest_of(row, layout, TERMS)
    assert digest_of([f" {cell} " for cell in row[::-1]], turned, TERMS) == same
    assert digest_of([*row[:-1], "9.000.001"], layout, TERMS) != same
    assert digest_of(row, layout, Terms(DateOrder.MDY, "VND", TERMS.today)) != same


def test_the_identity_is_the_same_for_another_loan_of_the_same_person() -> None:
    layout = lay_out(list(USUAL))
    row = list(USUAL.values())
    assert identity_of([*row[:2], "HD2", *row[3:]], layout) == identity_of(row, layout)
    assert identity_of(["KH1", "Lê Lai", *row[2:]], layout) != identity_of(row, layout)


def test_several_numbers_in_one_cell_are_several_numbers() -> None:
    found = entry(phone_1="0912345678/0987654321; 0901111222", phone_1_label="Mẹ")
    assert [phone.e164 for phone, _ in found.phones] == [
        "+84912345678",
        "+84987654321",
        "+84901111222",
    ]
    assert {label for _, label in found.phones} == {"RELATIVE"}


def test_a_landline_is_taken_for_a_home_number() -> None:
    assert [label for _, label in entry(phone_1="02438221234").phones] == ["HOME"]


def test_a_name_whose_letters_were_lost_is_refused_and_a_question_elsewhere_is_not() -> None:
    assert faults(customer_name="Nguy?n") == [("customer_name", "LETTERS_LOST")]
    assert entry(handling_instruction="Gọi ai?").customer["handling_instruction"] == "Gọi ai?"


def test_what_excel_wrote_for_a_value_is_refused_in_any_column() -> None:
    assert faults(customer_name="#REF!") == [("customer_name", "EXCEL_ERROR")]
