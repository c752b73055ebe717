"""One row of a file into one customer, loan, payment and promise, or into everything wrong with it.

Pure: what the row contradicts elsewhere (in the file, in the database) is checked in `service`.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import available_timezones

from app.portfolio import cells
from app.portfolio.cells import DateOrder
from app.portfolio.columns import BY_NAME, CHOICES, COLUMNS, PHONE_COLUMNS, Column, Kind, Layout
from app.portfolio.reasons import Fault, UnreadableError, reason, refuse
from app.values.money import EXPONENTS
from app.values.numbering import PLANS
from app.values.phone import Phone, PhoneKind, read_phone, zones_of

SCHEME: Final = "1"
"""Part of every digest: raise it when the same cells come to mean something else."""

_PHONE_BREAKS: Final = re.compile(r"[;,|/\n]")
_ZERO_LOST: Final = re.compile(r"'?(?:[35789]\d{8}|2\d{9}|1[2689]\d{8})(?:\.0)?", re.ASCII)
_ID_LENGTHS: Final = (9, 12)
_ZEROS_LOST_OF_ID: Final = (10, 11)
_LARGEST_DPD: Final = 20_000
_ZONES: Final = {zone.lower(): zone for zone in available_timezones()}
_NAMES: Final = frozenset({"customer_name", "province", "district"})

MONEY_COLUMNS: Final = {
    "principal": "principal_minor",
    "outstanding": "outstanding_minor",
    "overdue": "overdue_minor",
    "due_amount": "due_minor",
}
STATE_DATES: Final = {
    "next_due_on": "next_due_on",
    "oldest_unpaid_on": "oldest_unpaid_due_on",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a whole file is read by: its date order, the books' currency, the business date, the country."""

    order: DateOrder
    currency: str
    today: date
    home: str = "VN"  # the legal profile: of which country numbers are, when they do not say


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """The last payment on a loan; `reference` is empty when the file gives none."""

    amount_minor: int
    paid_on: date
    method: str
    reference: str


@dataclass(frozen=True, slots=True)
class PromiseTold:
    """A promise on a loan; `made_on` is None when the file does not say."""

    amount_minor: int
    due_on: date
    made_on: date | None
    method: str | None
    reference: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row understood. `customer` and `loan` hold only what the file tells.

    `mended` counts cells whose zeros were brought back.
    """

    cif: str
    account_no: str
    name: str
    customer: dict[str, Any]
    phones: tuple[tuple[Phone, str], ...]
    loan: dict[str, Any]
    payment: PaymentTold | None
    promise: PromiseTold | None
    mended: int


@dataclass(slots=True)
class _Reading:
    """The values of a row while it is read, and what is wrong with it so far."""

    terms: Terms
    currency: str
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    mended: int = 0

    def fault(self, name: str, code: str, **values: object) -> None:
        """Note one thing wrong."""
        self.faults.append(Fault(name, reason(code, **values)))


def tidy(cell: str) -> str:
    """A cell without the white space around it, also the kinds that spreadsheets leave."""
    return cell.strip(" \t\r\n\u00a0\u200b\ufeff")


def digest_of(row: Sequence[str], layout: Layout, terms: Terms) -> str:
    """What a row says, whatever the order of its columns: equal digests write the same."""
    told = [f"{name}={tidy(row[place])}" for name, place in sorted(layout.places.items())]
    told += [SCHEME, terms.order, terms.currency, *([terms.home] if terms.home in PLANS else [])]
    return hashlib.blake2b(
        "\x1f".join(told).encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def probable_zone(entry: Entry, terms: Terms, usual: str) -> str:
    """Where a customer lives of whom the file does not say: where his number is from, if it tells one zone.

    Only where the country has several; the verdict looks at each zone of the number anyway.
    """
    first = next((phone.e164 for phone, _ in entry.phones if phone.dialable), None)
    zones = zones_of(first) if terms.home in PLANS else ()
    return zones[0] if len(zones) == 1 else usual


def identity_of(row: Sequence[str], layout: Layout) -> str:
    """Who a row says its customer is: rows of one file that share a cif must agree on this."""
    names = ("customer_name", "birth_date", "national_id", "tax_code")
    told = [cells.fold(row[layout.places[name]]) for name in names if name in layout.places]
    return hashlib.blake2b("\x1f".join(told).encode(), digest_size=8).hexdigest()


def read_row(row: Sequence[str], layout: Layout, terms: Terms) -> Entry | list[Fault]:
    """Read every known cell; an entry, or all the faults together."""
    reading = _Reading(terms, _currency(row, layout, terms))
    for name, place in layout.places.items():
        column = BY_NAME[name]
        text = tidy(row[place])
        try:
            reading.values[name] = _read_cell(column, text, reading)
        except UnreadableError as error:
            reading.faults.append(Fault(name, error.reason))
    phones = _phones(reading)
    loan = _loan(reading, layout)
    payment = _payment(reading)
    promise = _promise(reading)
    _consent(reading)
    if reading.faults:
        return reading.faults
    values = reading.values
    customer = {
        column.name: values[column.name]
        for column in COLUMNS[:_CUSTOMER_COLUMNS]
        if values.get(column.name) is not None
    }
    return Entry(
        cif=values["cif"],
        account_no=values["account_no"],
        name=values["customer_name"],
        customer=customer,
        phones=phones,
        loan=loan,
        payment=payment,
        promise=promise,
        mended=reading.mended,
    )


_CUSTOMER_COLUMNS: Final = next(
    index for index, column in enumerate(COLUMNS) if column.name == "phone_1"
)


def _currency(row: Sequence[str], layout: Layout, terms: Terms) -> str:
    """The row's currency, needed before its amounts; the organisation's when the row gives none."""
    place = layout.places.get("currency")
    text = tidy(row[place]).upper() if place is not None else ""
    text = {"VNĐ": "VND", "Đ": "VND", "₫": "VND", "$": "USD"}.get(text, text)
    return text or terms.currency


def _read_cell(column: Column, text: str, reading: _Reading) -> Any:
    """The value of a cell, None when it is empty."""
    if not text:
        if column.required:
            raise refuse("REQUIRED")
        return None
    if text[0] == "#":
        cells.check_excel(text)
    return _READERS[column.kind](column, text, reading)


def _read_code(column: Column, text: str, reading: _Reading) -> str:
    if column.name != "currency":
        return cells.read_code(text, column.limit)
    if reading.currency not in EXPONENTS:
        raise refuse("CURRENCY", choices=", ".join(EXPONENTS))
    return reading.currency


def _read_text(column: Column, text: str, _: _Reading) -> str:
    if "?" in text and column.name in _NAMES:
        raise refuse("LETTERS_LOST")
    return cells.read_text(text, column.limit)


def _read_choice(column: Column, text: str, _: _Reading) -> str:
    return cells.read_choice(text, CHOICES[column.choices])


def _read_words(column: Column, text: str, _: _Reading) -> tuple[str, ...]:
    words = [word for word in re.split(r"[,;|]", text) if word.strip()]
    return tuple(sorted({cells.read_choice(word, CHOICES[column.choices]) for word in words}))


def _read_amount(_: Column, text: str, reading: _Reading) -> int:
    currency = reading.currency if reading.currency in EXPONENTS else reading.terms.currency
    return cells.read_amount(text, currency, EXPONENTS[currency])


def _read_date(_: Column, text: str, reading: _Reading) -> date:
    return cells.read_date(text, reading.terms.order)


def _read_whole(_: Column, text: str, __: _Reading) -> int:
    return cells.read_whole(text, 0, _LARGEST_DPD)


def _read_national_id(_: Column, text: str, reading: _Reading) -> str:
    cells.check_scientific(text)
    digits = re.sub(r"[\s.']", "", text.removesuffix(".0"))
    if not re.fullmatch(r"\d+", digits, re.ASCII):
        raise refuse("NATIONAL_ID")
    if len(digits) in _ZEROS_LOST_OF_ID:
        reading.mended += 1
        digits = digits.zfill(12)
    if len(digits) not in _ID_LENGTHS:
        raise refuse("NATIONAL_ID")
    return digits


def _read_phone(text: str, reading: _Reading) -> Phone:
    """A number that a campaign could dial, or one from abroad, kept and never dialled."""
    cells.check_scientific(text)
    bare = text.removeprefix("'").strip()
    home = reading.terms.home
    if home in PLANS:
        bare = bare.removesuffix(".0")
    elif _ZERO_LOST.fullmatch(bare):
        reading.mended += 1
        bare = f"0{bare.removesuffix('.0')}"
    elif re.fullmatch(r"\d{10,12}\.0", bare, re.ASCII):
        bare = bare.removesuffix(".0")
    phone = read_phone(bare, home)
    if phone.e164 is None and phone.kind is not PhoneKind.FOREIGN:
        raise refuse("PHONE")
    return Phone(text, phone.e164, phone.country, phone.kind, phone.dialable)


def _read_zone(_: Column, text: str, __: _Reading) -> str:
    zone = _ZONES.get(text.strip().lower().replace(" ", "_"))
    if zone is None:
        raise refuse("ZONE")
    return zone


def _read_phones(_: Column, text: str, reading: _Reading) -> tuple[Phone, ...]:
    """The numbers of a cell: people write several into one, whatever its header says."""
    cells.check_scientific(text)  # before a decimal comma is taken for a break
    parts = [tidy(part) for part in _PHONE_BREAKS.split(text)]
    return tuple(_read_phone(part, reading) for part in parts if part)


_READERS: Final[dict[Kind, Callable[[Column, str, _Reading], Any]]] = {
    Kind.CODE: _read_code,
    Kind.TEXT: _read_text,
    Kind.CHOICE: _read_choice,
    Kind.AMOUNT: _read_amount,
    Kind.DATE: _read_date,
    Kind.WHOLE: _read_whole,
    Kind.PHONES: _read_phones,
    Kind.NATIONAL_ID: _read_national_id,
    Kind.WORDS: _read_words,
    Kind.ZONE: _read_zone,
}


def _phones(reading: _Reading) -> tuple[tuple[Phone, str], ...]:
    """All numbers of the row, each once, in the order of the columns."""
    values = reading.values
    found: dict[str, tuple[Phone, str]] = {}
    for n in range(1, PHONE_COLUMNS + 1):
        for phone in values.get(f"phone_{n}") or ():
            label = values.get(f"phone_{n}_label") or _label_of(phone)
            found.setdefault(phone.e164 or phone.raw, (phone, label))
    for phone in values.get("phones") or ():
        found.setdefault(phone.e164 or phone.raw, (phone, _label_of(phone)))
    return tuple(found.values())


def _label_of(phone: Phone) -> str:
    return "HOME" if phone.kind is PhoneKind.LANDLINE else "MOBILE"


def _loan(reading: _Reading, layout: Layout) -> dict[str, Any]:
    """The columns of a loan that the file has; an empty cell of these means none, not unknown."""
    values = reading.values
    told: dict[str, Any] = {"currency": reading.currency}
    if values.get("product") is not None:
        told["product"] = values["product"]
    told |= {
        column: values.get(name) or 0
        for name, column in MONEY_COLUMNS.items()
        if name in layout.places
    }
    told |= {
        column: values.get(name) for name, column in STATE_DATES.items() if name in layout.places
    }
    if values.get("opened_on") is not None:
        told["opened_on"] = values["opened_on"]
    _age(reading, told)
    for name in ("birth_date", "opened_on", "last_payment_on", "promise_made_on"):
        if values.get(name) is not None and values[name] > reading.terms.today:
            reading.fault(name, "DATE_FUTURE")
    return told


def _age(reading: _Reading, told: dict[str, Any]) -> None:
    """Since when the loan is overdue: by date, or by days counted back from the business date."""
    dpd, today = reading.values.get("dpd"), reading.terms.today
    since = told.get("oldest_unpaid_due_on")
    if dpd is not None and since is None:
        if dpd:
            since = told["oldest_unpaid_due_on"] = today - timedelta(days=dpd)
        else:
            told["oldest_unpaid_due_on"] = None
    elif dpd is not None and since is not None:
        counted = max(0, (today - since).days)
        if counted != dpd:
            reading.fault("dpd", "DPD_DISAGREES", dpd=dpd, counted=counted)
    if "overdue_minor" not in told and since is not None and since < today:
        told["overdue_minor"] = min(told.get("due_minor", 0), told.get("outstanding_minor", 0))
    overdue = told.get("overdue_minor", 0)
    unread = _has_fault(reading, "outstanding", "overdue")
    if overdue > told.get("outstanding_minor", overdue) and not unread:
        reading.fault("overdue", "OVERDUE_ABOVE")
    if overdue and since is None and not _has_fault(reading, "oldest_unpaid_on", "dpd", "overdue"):
        reading.fault("overdue", "OVERDUE_NO_DATE")


def _has_fault(reading: _Reading, *names: str) -> bool:
    return any(fault.field in names for fault in reading.faults)


def _payment(reading: _Reading) -> PaymentTold | None:
    values = reading.values
    amount, paid_on = values.get("last_payment_amount"), values.get("last_payment_on")
    if not amount and paid_on is None:  # an amount of 0 without a day: never paid
        if values.get("last_payment_ref") is not None:
            reading.fault("last_payment_ref", "TOGETHER", other="last_payment_amount")
        return None
    if not _together(reading, "last_payment_amount", "last_payment_on"):
        return None
    if not amount or paid_on is None:
        reading.fault("last_payment_amount", "AMOUNT_ZERO")
        return None
    method = values.get("last_payment_method") or "BANK_TRANSFER"
    return PaymentTold(amount, paid_on, method, values.get("last_payment_ref") or "")


def _consent(reading: _Reading) -> None:
    """A yes or no counts only with how the bank knows it."""
    _together(reading, "consent", "consent_source", needed=False)


def _promise(reading: _Reading) -> PromiseTold | None:
    values = reading.values
    amount, due_on = values.get("promise_amount"), values.get("promise_due_on")
    if not amount and due_on is None:
        if values.get("promise_ref") is not None:
            reading.fault("promise_ref", "TOGETHER", other="promise_amount")
        return None
    if not _together(reading, "promise_amount", "promise_due_on"):
        return None
    if not amount or due_on is None:
        reading.fault("promise_amount", "AMOUNT_ZERO")
        return None
    made_on = values.get("promise_made_on")
    if made_on is not None and made_on > due_on:
        reading.fault("promise_made_on", "PROMISE_ORDER")
    return PromiseTold(
        amount, due_on, made_on, values.get("promise_method"), values.get("promise_ref") or ""
    )


def _together(reading: _Reading, one: str, two: str, *, needed: bool = True) -> bool:
    """Whether two cells stand together; notes the one that is missing, unless unreadable.

    Not `needed`: both may be empty.
    """
    if _has_fault(reading, one, two):
        return False
    if not needed and reading.values.get(one) is None and reading.values.get(two) is None:
        return False
    for name, other in ((one, two), (two, one)):
        if reading.values.get(name) is None:
            reading.fault(name, "TOGETHER", other=other)
            return False
    return True
