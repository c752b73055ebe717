"""Every SQL statement about customers and their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, null, select, text, update

from app.customers.models import Consent, Customer, Phone

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Person:
    """Who owes, as read in one row. `language` is vi or en; `kind` INDIVIDUAL or ORGANIZATION."""

    id: UUID
    cif: str
    kind: str
    family: str
    middle: str
    given: str
    display: str
    salutation: str
    language: str
    status: str
    segment: str
    province: str
    district: str
    timezone: str
    born_on: date | None
    national_id: str | None
    tax_code: str | None
    special_handling: tuple[str, ...]
    handling_instruction: str
    cooperation: str | None
    preference: dict[str, Any] | None
    hardship: dict[str, Any] | None
    risk_class: str
    do_not_contact: bool
    version: int


@dataclass(frozen=True, slots=True)
class Number:
    """A phone of a customer. `bands` counts by two-hour band: {"7": [right party, attempts]}."""

    id: UUID
    customer_id: UUID
    number: str
    raw: str
    label: str
    is_primary: bool
    verification: str
    verified_at: datetime | None
    dialable: bool
    attempts_180d: int
    rpc_180d: int
    bands: dict[str, Any]


ERASED = "erased-"  # before an id, where a value must stay unique
ERASED_NAME = "•••"
_NAMED_BY = (
    "family", "middle", "given", "search_key", "sort_key", "province", "district", "segment",
    "handling_instruction",
)  # fmt: skip
_KNOWN_BY = ("born_on", "national_id", "tax_code", "cooperation", "preference", "hardship")
_PERSON = tuple(Person.__dataclass_fields__)
_NUMBER = tuple(Number.__dataclass_fields__)


def _person(row: Customer) -> Person:
    values = {name: getattr(row, name) for name in _PERSON}
    return Person(**values | {"special_handling": tuple(row.special_handling)})


def _number(row: Phone) -> Number:
    return Number(**{name: getattr(row, name) for name in _NUMBER})


async def find(session: ReadSession, customer_id: UUID) -> Person | None:
    """One customer, or None."""
    row = await session.get(Customer, customer_id)
    return None if row is None else _person(row)


async def lock(session: WriteSession, customer_id: UUID) -> Person | None:
    """One customer, its row held until the transaction ends."""
    row = await session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    return None if row is None else _person(row)


async def numbers(session: ReadSession, customer_id: UUID) -> list[Number]:
    """A customer's numbers, the primary one first, then in the order they came."""
    rows = await session.scalars(
        select(Phone)
        .where(Phone.customer_id == customer_id)
        .order_by(Phone.is_primary.desc(), Phone.id)
    )
    return [_number(row) for row in rows]


async def by_cif(session: ReadSession, cif: str) -> Person | None:
    """The customer with this number at the bank."""
    row = await session.scalar(select(Customer).where(Customer.cif == cif))
    return None if row is None else _person(row)


async def by_number(session: ReadSession, number: str) -> list[Person]:
    """Customers who have a number (several may share one)."""
    rows = await session.scalars(
        select(Customer)
        .join(Phone, Phone.customer_id == Customer.id)
        .where(Phone.number == number)
        .order_by(Customer.id)
    )
    return [_person(row) for row in rows]


async def lock_number(session: WriteSession, phone_id: UUID) -> Number | None:
    """One number, its row held until the transaction ends."""
    row = await session.get(Phone, phone_id, with_for_update=True, populate_existing=True)
    return None if row is None else _number(row)


async def set_verification(
    session: WriteSession, phone_id: UUID, verification: str, now: datetime
) -> None:
    """Write a number's mark."""
    await session.execute(
        update(Phone)
        .where(Phone.id == phone_id)
        .values(verification=verification, verified_at=now, version=Phone.version + 1)
    )


async def count_success(
    session: WriteSession, phone_id: UUID, band: str | None, *, attempts: int, rpc: int
) -> None:
    """Add attempts and right-party contacts to a number and its two-hour band (None: outside all)."""
    counts = {"tries": attempts, "hit": rpc, "id": phone_id}
    await session.execute(
        text(
            "UPDATE phones SET attempts_180d = attempts_180d + :tries, rpc_180d = rpc_180d + :hit,"
            " version = version + 1 WHERE id = :id"
        ),
        counts,
    )
    if band is not None:
        await session.execute(
            text(
                "UPDATE phones SET bands = jsonb_set(bands, ARRAY[CAST(:band AS text)],"
                " jsonb_build_array(coalesce((bands->CAST(:band AS text)->>0)::int, 0) + :hit,"
                " coalesce((bands->CAST(:band AS text)->>1)::int, 0) + :tries)) WHERE id = :id"
            ),
            {**counts, "band": band},
        )


async def change(
    session: WriteSession, customer_id: UUID, changes: Mapping[str, Any], now: datetime
) -> None:
    """Write columns of one customer."""
    await session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(**changes, updated_at=now, version=Customer.version + 1)
    )


async def lock_by_cif(session: WriteSession, cifs: Collection[str]) -> dict[str, Person]:
    """Customers by their number at the bank, rows held in one order so that two writers never cross."""
    rows = await session.scalars(
        select(Customer).where(Customer.cif.in_(cifs)).order_by(Customer.id).with_for_update()
    )
    return {row.cif: _person(row) for row in rows}


async def cifs_of(session: ReadSession, customer_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers at the bank of many customers."""
    rows = await session.execute(
        select(Customer.id, Customer.cif).where(Customer.id.in_(customer_ids))
    )
    return {row.id: row.cif for row in rows}


async def languages(session: ReadSession, customer_ids: Collection[UUID | None]) -> dict[UUID, str]:
    """The language of each of these customers."""
    rows = await session.execute(
        select(Customer.id, Customer.language).where(Customer.id.in_(customer_ids))
    )
    return {row.id: row.language for row in rows}


async def numbers_of(
    session: ReadSession, customer_ids: Collection[UUID]
) -> dict[UUID, list[Number]]:
    """The numbers of many customers."""
    found: dict[UUID, list[Number]] = {}
    rows = await session.scalars(select(Phone).where(Phone.customer_id.in_(customer_ids)))
    for row in rows:
        found.setdefault(row.customer_id, []).append(_number(row))
    return found


async def add_customers(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many customers."""
    if rows:
        await session.execute(insert(Customer), list(rows))


async def add_numbers(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many numbers."""
    if rows:
        await session.execute(insert(Phone), list(rows))


async def erase(session: WriteSession, customer_id: UUID, now: datetime) -> list[UUID]:
    """Leave of a customer what counts and nothing that tells who it was; returns the numbers' ids."""
    await session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(
            **dict.fromkeys(_NAMED_BY, ""),
            **dict.fromkeys(_KNOWN_BY, null()),
            cif=f"{ERASED}{customer_id}",
            display=ERASED_NAME,
            salutation="NONE",
            special_handling=[],
            status="ERASED",
            do_not_contact=True,
            updated_at=now,
            version=Customer.version + 1,
        )
    )
    await session.execute(
        update(Consent).where(Consent.customer_id == customer_id).values(source="")
    )
    erased = await session.scalars(
        update(Phone)
        .where(Phone.customer_id == customer_id)
        .values(
            number=func.concat(ERASED, Phone.id),
            raw="",
            dialable=False,
            verification="DO_NOT_CONTACT",
            version=Phone.version + 1,
        )
        .returning(Phone.id)
    )
    return list(erased)
