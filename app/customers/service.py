"""The person who owes: found, changed with a trace, numbers marked. Who may be called is compliance's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from app.audit import service as audit
from app.customers import consents, store
from app.customers.rules import Verification, Word, band_hour, parse_name
from app.customers.store import Number, Person
from app.errors import Invalid, NotFound
from app.values.ids import new_id
from app.values.text import name_sort_key, search_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.values.phone import Phone

__all__ = ["Number", "Person"]

CHANGEABLE: Final = frozenset(
    {
        "cooperation", "do_not_contact", "handling_instruction", "hardship", "language",
        "preference", "risk_class", "salutation", "segment", "special_handling", "status",
    }
)  # fmt: skip
THIRD_PARTIES: Final = frozenset({"RELATIVE", "REFERENCE", "EMPLOYER"})
"""Labels of numbers whose owner does not owe: kept, shown, never dialled (domain.md, C13)."""

_OPTIONAL: Final = (
    "kind", "salutation", "language", "segment", "province", "district", "timezone", "born_on",
    "national_id", "tax_code", "risk_class", "special_handling", "handling_instruction",
)  # fmt: skip
_DEFAULTS: Final[dict[str, Any]] = {
    "kind": "INDIVIDUAL", "salutation": "NONE", "language": "vi", "segment": "", "province": "",
    "district": "", "born_on": None, "national_id": None, "tax_code": None, "risk_class": "LOW",
    "special_handling": (), "handling_instruction": "",
}  # fmt: skip


async def find(session: ReadSession, customer_id: UUID) -> Person:
    """The customer. Raises NotFound."""
    person = await store.find(session, customer_id)
    if person is None:
        raise NotFound("there is no such customer")
    return person


async def numbers(session: ReadSession, customer_id: UUID) -> list[Number]:
    """The customer's phones, the primary one first."""
    return await store.numbers(session, customer_id)


async def find_known(session: ReadSession, cif: str) -> Person | None:
    """The customer with this number at the bank; None when nobody has it."""
    return await store.by_cif(session, cif)


async def find_by_number(session: ReadSession, number: str) -> list[Person]:
    """Who has this E.164 number: nobody, one, or several who share it."""
    return await store.by_number(session, number)


async def cifs_of(session: ReadSession, customer_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers at the bank of many customers."""
    return await store.cifs_of(session, customer_ids)


async def languages(session: ReadSession, customer_ids: Collection[UUID | None]) -> dict[UUID, str]:
    """In which language each of these customers is spoken to; unknown ones are left out."""
    return await store.languages(session, customer_ids)


async def mark_number(
    session: WriteSession, phone_id: UUID, mark: str, actor: Actor, now: datetime
) -> str:
    """Set a number's mark (a `Verification`) and return the one before, which undoes it. Audited.

    Raises NotFound for an unknown number and Invalid for an unknown mark.
    """
    if mark not in set(Verification):
        raise Invalid(f"{mark!r} is no mark of a number", field="verification")
    number = await store.lock_number(session, phone_id)
    if number is None:
        raise NotFound("there is no such number")
    if number.verification != mark:
        await store.set_verification(session, phone_id, mark, now)
        audit.record(
            session,
            actor,
            verb="marked",
            entity="phone",
            entity_id=phone_id,
            now=now,
            before={"verification": number.verification},
            after={"verification": mark},
        )
    return number.verification


async def count_attempt(
    session: WriteSession, phone_id: UUID, local_hour: int, *, rpc: bool
) -> None:
    """Count an attempt that rang, for success rate and best time; `local_hour` is 0-23 at the phone."""
    await store.count_success(session, phone_id, _band(local_hour), attempts=1, rpc=int(rpc))


async def recount_attempt(
    session: WriteSession, phone_id: UUID, local_hour: int, *, was: bool, rpc: bool
) -> None:
    """An attempt that was counted as `was` turned out to be `rpc`: the try stays, the contact is put right."""
    if was is not rpc:
        change = int(rpc) - int(was)
        await store.count_success(session, phone_id, _band(local_hour), attempts=0, rpc=change)


def _band(local_hour: int) -> str | None:
    band = band_hour(local_hour)
    return None if band is None else str(band)


async def change(
    session: WriteSession,
    customer_id: UUID,
    changes: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
) -> dict[str, Any]:
    """Change fields of `CHANGEABLE`; returns what they were before, which undoes it. Audited.

    Raises NotFound, and Invalid for a field that is not changed this way.
    """
    wrong = set(changes) - CHANGEABLE
    if wrong:
        raise Invalid(f"not changed here: {', '.join(sorted(wrong))}")
    person = await store.lock(session, customer_id)
    if person is None:
        raise NotFound("there is no such customer")
    before = {
        name: getattr(person, name) for name in changes if getattr(person, name) != changes[name]
    }
    if before:
        after = {name: changes[name] for name in before}
        await store.change(session, customer_id, after, now)
        _trace(session, actor, customer_id, now, before, after, reason)
    return before


@dataclass(frozen=True, slots=True)
class Listing:
    """A customer as a portfolio file tells of them. None means that the file does not say.

    `name` is normalised text in the order family, middle, given; `phones` are (number, label);
    `probable_zone` is where a new customer is taken to live of whom nothing is said.
    """

    cif: str
    name: str
    kind: str | None = None
    salutation: str | None = None
    language: str | None = None
    segment: str | None = None
    province: str | None = None
    district: str | None = None
    timezone: str | None = None
    born_on: date | None = None
    national_id: str | None = None
    tax_code: str | None = None
    risk_class: str | None = None
    special_handling: tuple[str, ...] | None = None
    handling_instruction: str | None = None
    consent: Word | None = None
    probable_zone: str = "Asia/Ho_Chi_Minh"
    phones: tuple[tuple[Phone, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_listings` did with one customer."""

    id: UUID
    created: bool
    changed: bool
    numbers_added: int


async def write_listings(
    session: WriteSession, listings: Iterable[Listing], actor: Actor, clock: Clock
) -> dict[str, Written]:
    """Create or update customers and add the numbers they lack, by cif; the last listing of a cif wins.

    What a file does not say is left alone; a number's mark and a customer's numbers are never taken
    away. Changes are audited with before and after; a creation is the import's own audit event.
    """
    merged = {listing.cif: listing for listing in listings}
    now = clock.now()
    known = await store.lock_by_cif(session, merged)
    ids = {cif: person.id for cif, person in known.items()}
    fresh = [listing for cif, listing in merged.items() if cif not in known]
    for listing in fresh:
        ids[listing.cif] = new_id(clock.now_ms(), clock.token_bytes(10))
    await store.add_customers(session, [_row(listing, ids[listing.cif], now) for listing in fresh])
    changed = set()
    for cif, person in known.items():
        if await _update(session, person, merged[cif], actor, now):
            changed.add(cif)
    added = await _add_numbers(session, merged.values(), ids, clock)
    said = {ids[cif]: listing.consent for cif, listing in merged.items() if listing.consent}
    if said:
        await consents.note(session, said, actor, clock)
    return {
        cif: Written(ids[cif], cif not in known, cif in changed, added.get(ids[cif], 0))
        for cif in merged
    }


async def _update(
    session: WriteSession, person: Person, listing: Listing, actor: Actor, now: datetime
) -> bool:
    told = _told(listing, listing.kind or person.kind)
    after = {name: value for name, value in told.items() if getattr(person, name) != value}
    if not after:
        return False
    before = {name: getattr(person, name) for name in after}
    keys = _keys(listing.name) if "display" in after else {}
    await store.change(session, person.id, {**after, **keys}, now)
    _trace(session, actor, person.id, now, before, after, None)
    return True


async def _add_numbers(
    session: WriteSession, listings: Iterable[Listing], ids: Mapping[str, UUID], clock: Clock
) -> dict[UUID, int]:
    known = await store.numbers_of(session, set(ids.values()))
    rows: list[dict[str, Any]] = []
    added: dict[UUID, int] = {}
    for listing in listings:
        customer_id = ids[listing.cif]
        had = {number.number for number in known.get(customer_id, ())}
        primary = any(number.is_primary for number in known.get(customer_id, ()))
        for phone, label in listing.phones:
            number = phone.e164 or phone.raw
            if number in had:
                continue
            had.add(number)
            dialable = phone.dialable and label not in THIRD_PARTIES
            rows.append(
                {
                    "id": new_id(clock.now_ms(), clock.token_bytes(10)),
                    "customer_id": customer_id,
                    "number": number,
                    "raw": phone.raw,
                    "label": label,
                    "is_primary": dialable and not primary,
                    "dialable": dialable,
                }
            )
            primary = primary or dialable
            added[customer_id] = added.get(customer_id, 0) + 1
    await store.add_numbers(session, rows)
    return added


def _row(listing: Listing, customer_id: UUID, now: datetime) -> dict[str, Any]:
    """A new customer's row; what is not told takes the default of a column."""
    kind = listing.kind or "INDIVIDUAL"
    return {
        **_DEFAULTS,
        "timezone": listing.probable_zone,
        **_told(listing, kind),
        **_keys(listing.name),
        "id": customer_id,
        "cif": listing.cif,
        "created_at": now,
        "updated_at": now,
    }


def _told(listing: Listing, kind: str) -> dict[str, Any]:
    """The columns a listing speaks of; an organisation's name has no parts."""
    organisation = kind == "ORGANIZATION"
    parsed = parse_name(listing.name)
    family, middle, given = (
        ("", "", "") if organisation else (parsed.family, parsed.middle, parsed.given)
    )
    told: dict[str, Any] = {
        "display": listing.name,
        "family": family,
        "middle": middle,
        "given": given,
    }
    for name in _OPTIONAL:
        value = getattr(listing, name)
        if value is not None:
            told[name] = value
    return told


def _keys(name: str) -> dict[str, str]:
    words = name.split()
    return {
        "search_key": " ".join(_search_word(word) for word in words),
        "sort_key": "".join(_sort_word(word) for word in [*words[-1:], *words[:-1]]),
    }


@lru_cache(maxsize=8192)  # a portfolio has few different words in its names
def _search_word(word: str) -> str:
    return search_key(word)


@lru_cache(maxsize=8192)
def _sort_word(word: str) -> str:
    return name_sort_key(word)


def _trace(
    session: WriteSession,
    actor: Actor,
    customer_id: UUID,
    now: datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str | None,
) -> None:
    audit.record(
        session,
        actor,
        verb="changed",
        entity="customer",
        entity_id=customer_id,
        now=now,
        before=_plain(before),
        after=_plain(after),
        reason=reason,
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON has them."""
    return {
        name: list(value)
        if isinstance(value, tuple)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else value
        for name, value in values.items()
    }


async def find_by_cif(session: WriteSession, cif: str) -> Person:
    """A customer by his number at the bank, held until the transaction ends. Raises NotFound."""
    found = (await store.lock_by_cif(session, [cif])).get(cif)
    if found is None:
        raise NotFound("there is no such customer")
    return found


async def erase(session: WriteSession, customer_id: UUID, now: datetime) -> list[UUID]:
    """Take away whatever tells who this was; returns the ids of his numbers. Audited by the caller."""
    return await store.erase(session, customer_id, now)
