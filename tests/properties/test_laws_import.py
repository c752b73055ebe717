"""Laws of reading a file: what is written comes back, however it is written; guards are undone exactly."""

from __future__ import annotations

import csv
import io
from datetime import date
from zoneinfo import available_timezones

from hypothesis import given
from hypothesis import strategies as st

from app.portfolio.cells import LARGEST_MINOR, DateOrder, read_amount, read_date
from app.portfolio.reader import Sheet
from app.portfolio.reasons import UnreadableError
from app.values.phone import read_phone, zones_of
from app.values.sheet import guard, unguard

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
ORDERS = {
    DateOrder.DMY: "%d{0}%m{0}%Y",
    DateOrder.MDY: "%m{0}%d{0}%Y",
    DateOrder.YMD: "%Y{0}%m{0}%d",
}


@given(
    minor=st.integers(0, LARGEST_MINOR),
    group=st.sampled_from([".", ",", " ", "'", ""]),
    sign=st.sampled_from(["", " ₫", "đ", " VND"]),
)
def test_dong_come_back_from_every_way_of_writing_them(minor: int, group: str, sign: str) -> None:
    assert read_amount(f"{minor:,}".replace(",", group) + sign, "VND", 0) == minor


@given(
    minor=st.integers(0, 10**12),
    marks=st.sampled_from([(".", ","), (",", "."), ("", "."), (" ", ",")]),
)
def test_dollars_come_back_from_every_way_of_writing_them(
    minor: int, marks: tuple[str, str]
) -> None:
    group, point = marks
    whole = f"{minor // 100:,}".replace(",", group)
    assert read_amount(f"{whole}{point}{minor % 100:02d}", "USD", 2) == minor


@given(text=st.text(alphabet="0123456789.,' -+eE₫", max_size=14))
def test_no_text_is_read_as_an_amount_that_it_does_not_spell(text: str) -> None:
    """What is accepted has exactly the digits of the text, but for zeros behind its decimal mark."""
    try:
        minor = read_amount(text, "VND", 0)
    except UnreadableError:
        return
    digits = "".join(char for char in text if char.isdigit())
    assert digits.rstrip("0").startswith(str(minor).rstrip("0").lstrip("0")) or str(minor) in digits


AMERICAN = st.from_regex(r"[2-7][02-9][02-9][2-9][02-9][0-9]{5}", fullmatch=True)
BRITISH = st.from_regex(r"(20[78][0-9]{7}|7[1-57-9][0-9]{8}|1[2-9][0-9]{8})", fullmatch=True)
MARKS = st.sampled_from(["{}{}{}", "({}) {}-{}", "{}.{}.{}", "{} {} {}", "{}-{}-{}"])


@given(digits=AMERICAN, marks=MARKS, code=st.sampled_from(["", "+1 ", "1 ", "011 1 "]))
def test_american_numbers_come_back_with_the_places_where_they_may_ring(
    digits: str, marks: str, code: str
) -> None:
    written = code + marks.format(digits[:3], digits[3:6], digits[6:])
    phone = read_phone(written, "US")
    assert (phone.e164, phone.dialable) == (f"+1{digits}", True)
    assert set(zones_of(phone.e164)) <= available_timezones()
    assert not read_phone(written, "VN").dialable


@given(digits=BRITISH, marks=MARKS, code=st.sampled_from(["0", "+44 ", "+44 (0)", "0044 "]))
def test_british_numbers_come_back_with_the_places_where_they_may_ring(
    digits: str, marks: str, code: str
) -> None:
    phone = read_phone(code + marks.format(digits[:2], digits[2:6], digits[6:]), "UK")
    assert (phone.e164, phone.dialable) == (f"+44{digits}", True)
    assert "Europe/London" in zones_of(phone.e164)


@given(
    text=st.text(alphabet="0123456789+()-. x", max_size=20),
    home=st.sampled_from(["US", "UK", "VN"]),
)
def test_no_text_breaks_the_reading_and_what_is_dialled_is_of_that_country(
    text: str, home: str
) -> None:
    phone = read_phone(text, home)
    code = {"US": "+1", "UK": "+44", "VN": "+84"}[home]
    assert not phone.dialable or (phone.e164 or "").startswith(code)
    if phone.dialable and phone.e164:
        assert read_phone(phone.e164, home).e164 == phone.e164


@given(day=DAYS, order=st.sampled_from(list(DateOrder)), mark=st.sampled_from("/-."))
def test_a_day_comes_back_in_its_order(day: date, order: DateOrder, mark: str) -> None:
    written = day.strftime(ORDERS[order].format(mark))
    assert read_date(written, order) == day


@given(day=DAYS, order=st.sampled_from(list(DateOrder)))
def test_an_iso_day_is_the_same_in_every_order(day: date, order: DateOrder) -> None:
    assert read_date(day.isoformat(), order) == day


@given(
    day=DAYS, declared=st.sampled_from(list(DateOrder)), written=st.sampled_from(list(DateOrder))
)
def test_another_order_is_never_taken_for_the_declared_one(
    day: date, declared: DateOrder, written: DateOrder
) -> None:
    """Read in the declared order or refused: a day above twelve never turns into a month."""
    text = day.strftime(ORDERS[written].format("/"))
    try:
        found = read_date(text, declared)
    except UnreadableError:
        return
    assert found.strftime(ORDERS[declared].format("/")) == text


@given(cell=st.text())
def test_a_guard_is_undone_exactly(cell: str) -> None:
    assert unguard(guard(cell)) == cell
    assert not guard(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_what_a_writer_of_csv_writes_is_read_back(
    rows: list[tuple[str, str]], encoding: str, delimiter: str
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("left", "right"), *rows])
    sheet = Sheet(io.BytesIO(buffer.getvalue().encode(encoding)))
    read = list(sheet)
    assert all(row.broken is None for row in read)
    assert [tuple(row.cells) for row in read] == rows
