"""One cell into one value, and what spreadsheets do to cells."""

from __future__ import annotations

from datetime import date

import pytest

from app.portfolio import cells
from app.portfolio.cells import DateOrder
from app.portfolio.reasons import UnreadableError


def code_of(refused: pytest.ExceptionInfo[UnreadableError]) -> str:
    return refused.value.reason.code


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("5000000", 5_000_000),
        ("5.000.000", 5_000_000),
        ("5,000,000", 5_000_000),
        ("5 000 000", 5_000_000),
        ("5\u00a0000\u202f000", 5_000_000),
        ("5'000'000", 5_000_000),
        ("5.000.000,00", 5_000_000),
        ("5,000,000.0", 5_000_000),
        ("5000000.00", 5_000_000),
        ("5.000", 5_000),
        ("'5000", 5_000),
        ("+5000", 5_000),
        ("5.000.000 ₫", 5_000_000),
        ("VND 5,000,000", 5_000_000),
        ("5.000.000đ", 5_000_000),
        ("0", 0),
        ("99.999.999.999", 99_999_999_999),
    ],
)
def test_dong_are_read_however_they_are_written(written: str, minor: int) -> None:
    assert cells.read_amount(written, "VND", 0) == minor


@pytest.mark.parametrize(
    ("written", "minor"),
    [("145.50", 14_550), ("145,5", 14_550), ("$1,234.50", 123_450), ("1.234,50", 123_450),
     ("1,234", 123_400), ("0.5", 50), ("7", 700), ("1234.5000", 123_450)],
)  # fmt: skip
def test_dollars_keep_their_cents(written: str, minor: int) -> None:
    assert cells.read_amount(written, "USD", 2) == minor


@pytest.mark.parametrize(
    ("written", "currency", "exponent", "code"),
    [
        ("5E+06", "VND", 0, "EXCEL_SCIENTIFIC"),
        ("5,5E+06", "VND", 0, "EXCEL_SCIENTIFIC"),
        ("-5000", "VND", 0, "AMOUNT_NEGATIVE"),
        ("(5000)", "VND", 0, "AMOUNT_NEGATIVE"),
        ("1.5", "VND", 0, "AMOUNT_FRACTION"),
        ("1.234", "VND", 0, ""),
        ("0.001", "USD", 2, "AMOUNT_FRACTION"),
        ("5.000.00", "VND", 0, "AMOUNT_GROUPS"),
        ("50.00.000", "VND", 0, "AMOUNT_GROUPS"),
        ("1.000,000.000", "VND", 0, "AMOUNT_GROUPS"),
        ("abc", "VND", 0, "AMOUNT"),
        ("٥٠٠", "VND", 0, "AMOUNT"),
        ("99999999999999999", "VND", 0, "AMOUNT_LARGE"),
        ("", "VND", 0, "AMOUNT"),
    ],
)
def test_an_amount_is_refused_rather_than_guessed(
    written: str, currency: str, exponent: int, code: str
) -> None:
    if not code:
        assert cells.read_amount(written, currency, exponent) == 1_234
        return
    with pytest.raises(UnreadableError) as refused:
        cells.read_amount(written, currency, exponent)
    assert code_of(refused) == code


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("05/04/2026", DateOrder.DMY),
        ("5-4-2026", DateOrder.DMY),
        ("05.04.2026", DateOrder.DMY),
        ("04/05/2026", DateOrder.MDY),
        ("2026/04/05", DateOrder.YMD),
        ("2026.4.5", DateOrder.YMD),
        ("2026-04-05", DateOrder.DMY),
        ("2026-04-05", DateOrder.MDY),
        ("2026-04-05 00:00:00", DateOrder.DMY),
        ("05/04/2026 0:00", DateOrder.DMY),
        ("05/04/2026 12:00 AM", DateOrder.DMY),
        ("'05/04/2026", DateOrder.DMY),
    ],
)
def test_a_date_is_read_by_the_declared_order(written: str, order: DateOrder) -> None:
    assert cells.read_date(written, order) == date(2026, 4, 5)


@pytest.mark.parametrize(
    ("written", "order", "code"),
    [
        ("25/12/2026", DateOrder.MDY, "DATE_ORDER"),
        ("12/25/2026", DateOrder.DMY, "DATE_ORDER"),
        ("31/02/2026", DateOrder.DMY, "DATE_ORDER"),
        ("2026/12/25", DateOrder.DMY, "DATE"),
        ("25/12/2026", DateOrder.YMD, "DATE"),
        ("25/12/26", DateOrder.DMY, "DATE_YEAR"),
        ("26/12/25", DateOrder.YMD, "DATE_YEAR"),
        ("25/12-2026", DateOrder.DMY, "DATE"),
        ("25 Dec 2026", DateOrder.DMY, "DATE"),
        ("25/12/2026 14:30", DateOrder.DMY, "DATE_TIME"),
        ("01/01/1899", DateOrder.DMY, "DATE_RANGE"),
        ("01/01/2101", DateOrder.DMY, "DATE_RANGE"),
        ("45992", DateOrder.DMY, "EXCEL_SERIAL"),
        ("45992.5", DateOrder.YMD, "EXCEL_SERIAL"),
        ("4.6E+04", DateOrder.YMD, "EXCEL_SCIENTIFIC"),
    ],
)
def test_a_date_in_another_order_is_refused(written: str, order: DateOrder, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        cells.read_date(written, order)
    assert code_of(refused) == code


def test_a_day_number_is_refused_with_the_day_that_it_was() -> None:
    with pytest.raises(UnreadableError, match="2025-12-01"):
        cells.read_date("45992", DateOrder.DMY)


@pytest.mark.parametrize(
    ("seen", "code"),
    [("#N/A", "EXCEL_ERROR"), ("#name?", "EXCEL_ERROR"), ("#######", "EXCEL_HASHES")],
)
def test_what_excel_writes_instead_of_a_value_is_named(seen: str, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        cells.check_excel(seen)
    assert code_of(refused) == code


@pytest.mark.parametrize("fine", ["#1", "A#", ""])
def test_a_hash_mark_alone_is_text(fine: str) -> None:
    cells.check_excel(fine)


def test_text_is_composed_and_its_spaces_are_single() -> None:
    assert cells.read_text("  Ha\u0300   Nô\u0323i ", 20) == "Hà Nội"


@pytest.mark.parametrize(
    ("text", "code"),
    [("Nguyá»…n", "MOJIBAKE"), ("a\x07b", "CONTROL"), ("abcdef", "TOO_LONG")],
)
def test_text_that_cannot_be_kept_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        cells.read_text(text, 5 if code == "TOO_LONG" else 50)
    assert code_of(refused) == code


def test_a_mark_that_is_not_printed_but_harmless_is_kept() -> None:
    assert cells.read_text("a\u200db", 5) == "a\u200db"


def test_a_code_keeps_its_zeros_and_loses_a_guarding_apostrophe() -> None:
    assert cells.read_code("'00123", 10) == "00123"
    with pytest.raises(UnreadableError):
        cells.read_code("1.2E+15", 10)


@pytest.mark.parametrize(("text", "number"), [("45", 45), ("45.0", 45), ("0", 0)])
def test_a_whole_number_may_carry_a_spreadsheets_zero(text: str, number: int) -> None:
    assert cells.read_whole(text, 0, 100) == number


@pytest.mark.parametrize("text", ["4.5", "101", "-1", "x"])
def test_a_number_outside_its_range_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        cells.read_whole(text, 0, 100)


def test_a_word_is_known_without_its_marks() -> None:
    choices = {"the tin dung": "CREDIT_CARD", "auto": "AUTO"}
    assert cells.read_choice("Thẻ tín dụng", choices) == "CREDIT_CARD"
    with pytest.raises(UnreadableError, match="AUTO, CREDIT_CARD"):
        cells.read_choice("Vàng", choices)
