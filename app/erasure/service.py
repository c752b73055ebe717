"""Erases a person over all slices, in one transaction; and what the moment's store still shows of him.

What counts stays: amounts, outcomes, verdicts, when and how often. What tells who it was goes: names,
numbers, notes, references, and the personal part of the trail with its salt, so that the chain still holds
and nobody can guess what stood there (docs/operations.md, "A person who asks to be forgotten").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.accounts import service as accounts
from app.audit import service as audit
from app.calls import service as calls
from app.campaigns import service as campaigns
from app.care import service as care
from app.customers import service as customers
from app.desk import service as desk
from app.errors import Invalid, Refused
from app.history import service as history
from app.monitor import notes as coaching
from app.payments import service as payments
from app.promises import service as promises
from app.supervision import service as supervision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.db import WriteSession
    from realtime.broker import Broker

DAY: Final = "day"  # of a desk's cards, the one with the next call that was agreed
WORD: Final = "erased-"  # before an id, where something unique stood
LEAST_REASON: Final = 3
MOST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done. `counts` are rows by what they were; `shown`: calls and callbacks, each by its agent."""

    customer: UUID
    counts: Mapping[str, int]
    shown: Sequence[tuple[UUID, UUID | None]]


async def erase_customer(
    session: WriteSession, cif: str, actor: Actor, now: datetime, *, reason: str, force: bool
) -> Erased:
    """Erase whoever is known by `cif`. Audited; `reason` is kept and must not name him.

    Raises NotFound, Invalid without a reason, Refused (LIVE_CALL) while somebody talks with him, and
    Refused (OPEN_DEBT) while he owes, unless `force` says that the law wants it all the same.
    """
    _bounded(reason)
    person = await customers.find_by_cif(session, cif)
    if await calls.is_in_call(session, person.id):
        raise Refused("A call to this customer goes on: erase when it is over.", rule="LIVE_CALL")
    owing = [loan for loan in await accounts.loans_of(session, person.id) if loan.outstanding_minor]
    if owing and not force:
        raise Refused(
            f"{len(owing)} open loan(s): what is needed to collect them is kept while they are open."
            " Erase all the same with --force.",
            rule="OPEN_DEBT",
            source="own policy: the contract is still being performed",
        )
    numbers = [number.number for number in await customers.numbers(session, person.id)]
    erased, trail = await _erase(session, person.id, numbers, now)
    await audit.erase(session, trail)
    counts = {f"{name}s": len(ids) for name, ids in trail.items() if name != "customer"}
    audit.record(
        session, actor, verb="erased", entity="customer", entity_id=person.id, now=now,
        after={**counts, "forced": force and bool(owing)}, reason=reason,
    )  # fmt: skip
    return Erased(person.id, counts, erased)


async def _erase(
    session: WriteSession, customer: UUID, numbers: Sequence[str], now: datetime
) -> tuple[Sequence[tuple[UUID, UUID | None]], dict[str, Sequence[UUID]]]:
    """Through every front door; returns what desks may show, and by entity the ids that the trail may name."""
    loans, cases, holds = await accounts.erase(session, customer, WORD)
    await campaigns.exclude_loans(session, loans, "ERASED")
    taken = await calls.erase(session, customer, numbers)
    actions, callbacks = await history.erase(session, customer)
    his_calls = [call for call, _ in taken]
    hardships, disputes = await care.erase(session, customer)
    await desk.erase(session, his_calls)
    trail: dict[str, Sequence[UUID]] = {
        "customer": [customer],
        "phone": await customers.erase(session, customer, now),
        "loan": loans,
        "case": cases,
        "hold": holds,
        "call": his_calls,
        "action": actions,
        "callback": [callback for callback, _ in callbacks],
        "hardship": hardships,
        "dispute": disputes,
        "floor_request": await supervision.erase(session, his_calls),
        "coaching_note": await coaching.erase(session, his_calls),
        "promise": await promises.erase(session, customer),
        "payment": await payments.erase(session, customer, WORD),
    }
    return [*taken, *callbacks], trail


async def forget_cards(broker: Broker, erased: Erased) -> int:
    """Take what desks still hold of him out of the moment's store; returns how many cards.

    A page that shows such a card loses it at once. The day's card may name whom to call next: the worker
    writes it anew.
    """
    forgotten = 0
    by_agent: dict[UUID, list[str]] = {}
    for thing, agent in erased.shown:
        if agent is not None:
            by_agent.setdefault(agent, [DAY]).append(str(thing))
    for agent, mine in by_agent.items():
        channel = f"agent:{agent}"
        shown = await broker.snapshot(channel)
        keys = [key for _, key, _ in shown.cards if any(word in key for word in mine)]
        await broker.forget(channel, keys)
        forgotten += len(keys)
    return forgotten


def _bounded(reason: str) -> None:
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        raise Invalid(
            f"Say why, in {LEAST_REASON} to {MOST_REASON} characters and without the name.",
            field="reason",
        )
