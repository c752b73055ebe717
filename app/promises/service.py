"""Promises to pay: made at a desk or taken over from a file, moved, withdrawn. `jobs` has them judged.

Terms (grace, threshold, tolerance) are copied into the promise when it is made, so that a later change
of the rules judges no old promise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app import outbox
from app.accounts import service as accounts
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound, Refused
from app.payments import service as payments
from app.people import service as people
from app.promises import judging, rules, store
from app.promises.listings import (
    Listing,
    Outcome,
    copied_terms,
    reference_of,
    terms_in,
    write_listings,
)
from app.promises.store import Pledge
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from app.accounts.service import Account
    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession

__all__ = ["Listing", "Outcome", "Pledge", "reference_of", "write_listings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What somebody promises: how much of which loan, by which day, by which way (None: not said)."""

    customer_id: UUID
    loan_id: UUID
    amount_minor: int
    currency: str
    due_on: date
    method: str | None = None
    case_id: UUID | None = None


async def find(session: ReadSession, promise_id: UUID) -> Pledge:
    """The promise. Raises NotFound."""
    pledge = await store.find(session, promise_id)
    if pledge is None:
        raise NotFound("there is no such promise")
    return pledge


async def of_customer(session: ReadSession, customer_id: UUID, limit: int = 30) -> list[Pledge]:
    """A customer's promises, the latest due date first."""
    return await store.of_customer(session, customer_id, limit)


async def open_on(session: ReadSession, loan_ids: Collection[UUID]) -> list[Pledge]:
    """Promises that run on these loans, the earliest due date first."""
    return await store.open_on(session, loan_ids)


async def make_promise(
    session: WriteSession,
    terms: Terms,
    *,
    actor: Actor,
    clock: Clock,
    action_id: UUID | None = None,
    supersedes_id: UUID | None = None,
) -> Pledge:
    """Write a promise down, after the entry checks. Audited; the caller places the hold that goes with it.

    Raises Invalid (with its field) for an amount or a day that cannot be promised, NotFound for a loan
    that is not the customer's, Refused for a closed one.
    """
    loan = await accounts.lock_loan(session, terms.loan_id)
    today = clock.today(await _zone(session))
    already = await store.open_total(session, terms.loan_id)
    _check_loan(loan, terms)
    _check_offer(loan, terms, already, today)
    row = _row(terms, actor, clock, action_id, supersedes_id)
    await store.add(session, [row])
    after = {"amount_minor": terms.amount_minor, "due_on": terms.due_on.isoformat()}
    _trace(session, actor, "made", row["id"], clock.now(), after=after)
    made = await store.find(session, row["id"])
    if made is None:
        raise NotFound("the promise was not written")
    return made


async def cancel(
    session: WriteSession, promise_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> Pledge:
    """Withdraw a promise that runs (a corrected outcome); returns it as it was. Audited.

    Raises Conflict when it does not run any more: a judged promise is history.
    """
    pledge = await _running(session, promise_id)
    changes = {"state": "CANCELLED", "cancel_reason": reason, "judged_at": now}
    await store.change(session, promise_id, "OPEN", changes)
    _trace(
        session, actor, "cancelled", promise_id, now, before={"state": "OPEN"},
        after={"state": "CANCELLED"}, reason=reason,
    )  # fmt: skip
    return pledge


async def reschedule(
    session: WriteSession,
    promise_id: UUID,
    terms: Terms,
    *,
    actor: Actor,
    clock: Clock,
    action_id: UUID | None = None,
) -> Pledge:
    """Move a running promise to other terms; the old one is neither kept nor broken. Audited.

    Raises Refused after its due date or once it was moved as often as may be, and what `make_promise`
    raises; then nothing is changed.
    """
    old = await _running(session, promise_id)
    today = clock.today(await _zone(session))
    if today > old.due_on:
        raise Refused("its due date is past: it is judged, not moved", rule="RESCHEDULE_LATE")
    if await _times_moved(session, old) >= rules.DEFAULT_TERMS.max_reschedules:
        raise Refused("this promise was moved before", rule="RESCHEDULED_BEFORE")
    now = clock.now()
    await store.change(session, promise_id, "OPEN", {"state": "RESCHEDULED", "judged_at": now})
    _trace(
        session, actor, "rescheduled", promise_id, now,
        before={"state": "OPEN"}, after={"state": "RESCHEDULED"},
    )  # fmt: skip
    return await make_promise(
        session, terms, actor=actor, clock=clock, action_id=action_id, supersedes_id=promise_id
    )


async def has_money(session: ReadSession, promise_id: UUID) -> bool:
    """Whether money has come in on the promise's loan since it was made: then it is not taken back."""
    pledge = await find(session, promise_id)
    paid = await payments.posted_since(session, [pledge.loan_id], pledge.created_at)
    return bool(paid) or pledge.paid_in_window_minor > 0


def _check_loan(loan: Account, terms: Terms) -> None:
    if loan.customer_id != terms.customer_id:
        raise NotFound("this customer has no such loan", field="loan")
    if loan.closed_at is not None:
        raise Refused("the loan is closed", rule="LOAN_CLOSED", field="loan")
    if loan.currency != terms.currency:
        raise Invalid(f"the loan is kept in {loan.currency}", code="CURRENCY", field="currency")


def _check_offer(loan: Account, terms: Terms, already: int, today: date) -> None:
    offer = rules.Offer(terms.amount_minor, terms.due_on, loan.outstanding_minor, already)
    for objection in rules.entry_objections(offer, today, terms_in(terms.currency)):
        if not objection.warning:
            raise Invalid(objection.why_en, code=objection.code, field=objection.field)


async def _zone(session: ReadSession) -> str:
    house = await people.find_organisation(session)
    return house.timezone if house is not None else "Asia/Ho_Chi_Minh"


async def _running(session: WriteSession, promise_id: UUID) -> Pledge:
    pledge = await store.lock(session, promise_id)
    if pledge is None:
        raise NotFound("there is no such promise")
    if pledge.state != "OPEN":
        raise Conflict(f"the promise is {pledge.state} already", rule="PROMISE_ENDED")
    return pledge


async def _times_moved(session: ReadSession, pledge: Pledge) -> int:
    moved = 0
    before = pledge.supersedes_id
    while before is not None:
        moved += 1
        before = (await find(session, before)).supersedes_id
    return moved


def _row(
    terms: Terms, actor: Actor, clock: Clock, action_id: UUID | None, supersedes_id: UUID | None
) -> dict[str, Any]:
    return {
        **asdict(terms),
        "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
        **copied_terms(terms.currency),
        "created_at": clock.now(),
        "created_by": actor.id,
        "action_id": action_id,
        "supersedes_id": supersedes_id,
    }


def _trace(  # noqa: PLR0913 - the columns of the trail
    session: WriteSession,
    actor: Actor,
    verb: str,
    promise_id: UUID,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    audit.record(
        session, actor, verb=verb, entity="promise", entity_id=promise_id, now=now,
        before=before, after=after, reason=reason,
    )  # fmt: skip


# --- judgement ------------------------------------------------------------------------


async def loans_with_promises(session: ReadSession, after: UUID | None, limit: int) -> list[UUID]:
    """Loans on which a promise runs, in the order of their ids, from beyond `after`."""
    return await store.open_loans(session, after, limit)


async def judge(session: WriteSession, loan_ids: Collection[UUID], zone: str, clock: Clock) -> int:
    """Judge the promises of these loans by what was paid; returns how many ended. Audited and told.

    A promise that somebody withdrew meanwhile is left as they left it. One that was judged not kept is
    judged again while money of its window may still be told (decision record 14).
    """
    pledges = await store.on_loans(session, loan_ids)
    if not pledges:
        return 0
    since = min(pledge.created_at for pledge in pledges)
    paid = await payments.posted_since(session, loan_ids, since)
    holidays = await _holidays(session)
    by_id = {pledge.id: pledge for pledge in pledges}
    ended = 0
    # In one order everywhere: an import and the clockwork may judge the same loans at once.
    for loan_id in sorted({pledge.loan_id for pledge in pledges}):
        promised = [_promised(p, zone, holidays) for p in pledges if p.loan_id == loan_id]
        found = judging.judge(
            promised,
            [judging.Paid(p.amount_minor, p.paid_at) for p in paid if p.loan_id == loan_id],
            clock.now(),
        )
        again = {each.id for each in promised if each.is_heard_again(clock.now())}
        for judgement in found:
            ended += await _write_judgement(
                session, by_id[judgement.id], judgement, clock, again=judgement.id in again
            )
    return ended


async def _holidays(session: ReadSession) -> frozenset[date]:
    house = await people.find_organisation(session)
    return frozenset(date.fromisoformat(day) for day in house.holidays) if house else frozenset()


def _promised(pledge: Pledge, zone: str, holidays: Collection[date]) -> judging.Promised:
    ends = rules.window_end(pledge.due_on, pledge.grace_days, ZoneInfo(zone))
    terms = rules.Terms(pledge.grace_days, pledge.threshold_pct, pledge.tolerance_minor)
    return judging.Promised(
        pledge.id,
        pledge.state,
        pledge.amount_minor,
        rules.required_minor(pledge.amount_minor, terms),
        pledge.created_at,
        ends,
        rules.hearing_end(ends, holidays),
    )


async def _write_judgement(
    session: WriteSession,
    pledge: Pledge,
    judgement: judging.Judgement,
    clock: Clock,
    *,
    again: bool,
) -> bool:
    """Write what has changed; True when the promise ended with it, or, heard `again`, ended better."""
    changes: dict[str, Any] = {}
    more = judgement.in_window_minor > pledge.paid_in_window_minor
    if (pledge.state == "OPEN" and judgement.in_window_minor != pledge.paid_in_window_minor) or (
        again and more
    ):
        changes["paid_in_window_minor"] = judgement.in_window_minor
    if judgement.late_minor > pledge.paid_late_minor or (
        again and more and judgement.late_minor != pledge.paid_late_minor
    ):
        changes["paid_late_minor"] = judgement.late_minor
    ended = judgement.state != pledge.state
    if ended:
        changes |= {"state": judgement.state, "judged_at": clock.now()}
    if not changes or not await store.change(session, pledge.id, pledge.state, changes):
        return False
    if ended:
        _trace(
            session, audit.SYSTEM, "judged", pledge.id, clock.now(),
            before={"state": pledge.state}, after={"state": judgement.state},
            reason="paid in time, told later" if again else None,
        )  # fmt: skip
        _tell(session, pledge, judgement.state, clock)
    return ended


def _tell(session: WriteSession, pledge: Pledge, state: str, clock: Clock) -> None:
    """Record the fact, for those above who listen: `promise.kept`, `promise.broken`..."""
    outbox.record(
        session,
        outbox.Fact(
            id=new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
            kind=f"promise.{state.lower()}",
            body={
                "promise": str(pledge.id),
                "customer": str(pledge.customer_id),
                "loan": str(pledge.loan_id),
            },
            recorded_at=clock.now(),
        ),
    )


async def erase(session: WriteSession, customer_id: UUID) -> list[UUID]:
    """Take the references off a customer's promises; what was promised and kept stays. Their ids."""
    return await store.erase(session, customer_id)
