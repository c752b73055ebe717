"""How a customer is to be treated: noted from outcomes, decided by people, each with its source.

What holds now stands on the customer too (`app.customers`), which every change here writes in the same
transaction. Everything is audited. Each note returns what undoes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app import outbox
from app.accounts import service as accounts
from app.accounts.rules import HoldKind
from app.audit import service as audit
from app.care import rules, store
from app.care.rules import DisputeKind, DisputeStatus, Source, StatusType
from app.care.store import Contested, Stated, Strained, Waiting
from app.customers import service as customers
from app.errors import Conflict, Invalid, NotFound
from app.people import service as people
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession

__all__ = ["Contested", "Origin", "Stated", "Strained", "Waiting"]

REASON_LIMIT: Final = 500  # characters


@dataclass(frozen=True, slots=True)
class Origin:
    """Who notes something, when and on what ground. `today` is the business day."""

    actor: Actor
    clock: Clock
    today: date
    source: Source
    call_id: UUID | None = None
    action_id: UUID | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a row that keep its origin."""
        return {
            "source": self.source,
            "user_id": self.actor.id,
            "call_id": self.call_id,
            "action_id": self.action_id,
        }

    def an_id(self) -> UUID:
        """A fresh id of this moment."""
        return new_id(self.clock.now_ms(), self.clock.token_bytes(RANDOM_BYTES))


# --- how they behave ---------------------------------------------------------------------


async def note_status(
    session: WriteSession, customer_id: UUID, status: str, origin: Origin
) -> UUID | None:
    """Note how a customer behaves; None when that is what was known, since when it was known.

    Raises Invalid for a word that is no status, NotFound for nobody.
    """
    if status not in set(StatusType):
        raise Invalid(f"{status!r} is no status of a customer.", field="status")
    now = origin.clock.now()
    # The customer's row is held first: of two who note at once the second sees the first's row.
    await customers.change(session, customer_id, {"cooperation": status}, origin.actor, now)
    known = await store.open_status(session, customer_id)
    if known is not None and known.type == status:
        return None
    if known is not None:
        await store.set_status_end(session, known.id, now)
    status_id = origin.an_id()
    await store.add_status(
        session,
        {
            "id": status_id,
            "customer_id": customer_id,
            "type": status,
            "since": now,
            "replaces_id": known.id if known else None,
            **origin.columns,
        },
    )
    return status_id


async def unnote_status(session: WriteSession, status_id: UUID, origin: Origin) -> None:
    """Take a status back that was noted by mistake: what it replaced holds again.

    Nothing happens when something else was noted since.
    """
    wrong = await store.find_status(session, status_id)
    if wrong is None or wrong.until is not None:
        return
    before = await store.find_status(session, wrong.replaces_id) if wrong.replaces_id else None
    await store.set_status_end(session, wrong.id, wrong.since)
    if before is not None:
        await store.set_status_end(session, before.id, None)
    level = {"cooperation": before.type if before else None}
    await customers.change(
        session, wrong.customer_id, level, origin.actor, origin.clock.now(), reason="corrected"
    )


async def promise_kept(session: WriteSession, customer_id: UUID, clock: Clock) -> None:
    """Whoever kept a promise is known for it, unless hardship or a dispute says more of them."""
    known = await store.open_status(session, customer_id)
    if known is None or known.type not in (StatusType.HARDSHIP, StatusType.DISPUTING):
        zone = (await people.organisation(session)).timezone
        origin = Origin(audit.SYSTEM, clock, clock.today(zone), Source.SYSTEM)
        await note_status(session, customer_id, StatusType.PROMISE_KEEPER, origin)


async def statuses_of(session: ReadSession, customer_id: UUID) -> list[Stated]:
    """How a customer behaved, newest first."""
    return await store.statuses_of(session, customer_id)


async def _status_over(session: WriteSession, customer_id: UUID, over: str, origin: Origin) -> None:
    """What a status told of is over: what was known before it holds anew, else nothing is known."""
    known = await store.open_status(session, customer_id)
    if known is None or known.type != over:
        return
    before = await store.find_status(session, known.replaces_id) if known.replaces_id else None
    again = before.type if before and before.type != over else StatusType.NEW
    await note_status(session, customer_id, again, origin)


# --- hardship ------------------------------------------------------------------------------


async def flag_hardship(
    session: WriteSession, customer_id: UUID, reason: str, origin: Origin
) -> UUID:
    """Note that a customer cannot pay as agreed; a hardship that went on is replaced by this one."""
    known, now = await store.open_hardship(session, customer_id), origin.clock.now()
    if known is not None:
        await store.change_hardship(
            session, known.id, ended_at=now, ended_by=origin.actor.id, decision="REPLACED"
        )
    hardship_id = origin.an_id()
    row = {
        "id": hardship_id,
        "customer_id": customer_id,
        "since": known.since if known else origin.today,
        "reason": reason[:REASON_LIMIT],
        "review_on": rules.first_review(origin.today),
        "noted_at": now,
        **origin.columns,
    }
    await store.add_hardship(session, row)
    await _tell_customer(session, customer_id, _flag(row), origin, "hardship noted")
    return hardship_id


async def unflag_hardship(
    session: WriteSession,
    hardship_id: UUID,
    before: Mapping[str, Any] | None,
    origin: Origin,
) -> None:
    """Take a hardship back that was noted by mistake; `before` is what stood on the customer."""
    known = await store.lock_hardship(session, hardship_id)
    if known is None or known.ended_at is not None:
        return
    await _end(session, known, "CORRECTED", "", origin)
    await _tell_customer(session, known.customer_id, before, origin, "corrected")


async def is_reviewed(session: WriteSession, hardship_id: UUID) -> bool:
    """Whether somebody has decided about a hardship, so that it is not taken back any more."""
    known = await store.lock_hardship(session, hardship_id)
    return known is None or known.ended_at is not None


async def review_hardship(
    session: WriteSession,
    hardship_id: UUID,
    *,
    again_on: date | None,
    comment: str,
    origin: Origin,
) -> Strained:
    """Decide about a hardship: it goes on until it is looked at `again_on`, or (None) it is over.

    When it is over the dialer may call again. Raises NotFound, Conflict when it was decided meanwhile,
    and Invalid for a day that will not do.
    """
    known = await store.lock_hardship(session, hardship_id)
    if known is None:
        raise NotFound("There is no such hardship.")
    if known.ended_at is not None:
        raise Conflict("This hardship has been decided meanwhile.", code="DECIDED")
    if again_on is None:
        await _end(session, known, "ENDED", comment, origin)
        await _tell_customer(session, known.customer_id, None, origin, comment)
        await accounts.release_holds(
            session,
            reason="hardship over",
            now=origin.clock.now(),
            customer_id=known.customer_id,
            kind=HoldKind.HARDSHIP_REVIEW,
        )
        await _status_over(session, known.customer_id, StatusType.HARDSHIP, origin)
    else:
        wrong = rules.check_review_day(again_on, origin.today)
        if wrong is not None:
            raise Invalid(wrong, code="REVIEW_DAY", field="again_on")
        await store.change_hardship(session, known.id, review_on=again_on, comment=comment)
        flag = _flag({**_columns(known), "review_on": again_on})
        await _tell_customer(session, known.customer_id, flag, origin, comment)
        _trace(
            session, origin, "reviewed", "hardship", known.id,
            before={"review_on": known.review_on.isoformat()},
            after={"review_on": again_on.isoformat()}, reason=comment,
        )  # fmt: skip
    return known


async def _end(
    session: WriteSession, known: Strained, decision: str, comment: str, origin: Origin
) -> None:
    await store.change_hardship(
        session,
        known.id,
        ended_at=origin.clock.now(),
        ended_by=origin.actor.id,
        decision=decision,
        comment=comment[:REASON_LIMIT],
    )
    _trace(
        session, origin, "ended", "hardship", known.id,
        before={"decision": None}, after={"decision": decision}, reason=comment,
    )  # fmt: skip


def _columns(known: Strained) -> dict[str, Any]:
    return {name: getattr(known, name) for name in ("since", "reason", "review_on", "source")}


def _flag(row: Mapping[str, Any]) -> dict[str, Any]:
    """The flag on the customer, as JSON has it."""
    return {
        "since": row["since"].isoformat(),
        "reason": row["reason"],
        "review_on": row["review_on"].isoformat(),
        "source": str(row["source"]),
    }


async def _tell_customer(
    session: WriteSession,
    customer_id: UUID,
    flag: Mapping[str, Any] | None,
    origin: Origin,
    reason: str,
) -> None:
    changes = {"hardship": flag}
    now = origin.clock.now()
    await customers.change(session, customer_id, changes, origin.actor, now, reason=reason)


# --- disputes ------------------------------------------------------------------------------


async def open_dispute(
    session: WriteSession,
    customer_id: UUID,
    *,
    kind: str,
    text: str,
    loan_id: UUID | None,
    origin: Origin,
) -> UUID:
    """Open a dispute; the caller places the hold that goes with it. Raises Invalid for another kind."""
    if kind not in set(DisputeKind):
        known = ", ".join(DisputeKind)
        raise Invalid(f"Say what is contested: {known}.", code="DISPUTE_KIND", field="dispute_kind")
    dispute_id = origin.an_id()
    due = rules.answer_due(origin.today)
    await store.add_dispute(
        session,
        {
            "id": dispute_id,
            "customer_id": customer_id,
            "loan_id": loan_id,
            "kind": kind,
            "text": text,
            "opened_at": origin.clock.now(),
            "due_on": due,
            **origin.columns,
        },
    )
    after = {"kind": kind, "status": DisputeStatus.OPEN, "due_on": due.isoformat()}
    _trace(session, origin, "opened", "dispute", dispute_id, after=after)
    _tell(session, "dispute.opened", dispute_id, customer_id, origin)
    return dispute_id


async def take_dispute_back(session: WriteSession, dispute_id: UUID, origin: Origin) -> None:
    """Take a dispute back that was opened by mistake; one that somebody took up stands."""
    known = await store.lock_dispute(session, dispute_id)
    if known is not None and known.status == DisputeStatus.OPEN:
        await _move(session, known, DisputeStatus.CORRECTED, "", origin)


async def is_taken_up(session: ReadSession, dispute_id: UUID) -> bool:
    """Whether somebody works on a dispute, or has decided it."""
    known = await store.find_dispute(session, dispute_id)
    return known is None or known.status != DisputeStatus.OPEN


async def undecided(session: ReadSession, customer_id: UUID) -> list[Contested]:
    """The customer's disputes that wait for a decision, oldest first."""
    return await store.undecided(session, customer_id)


async def decide_dispute(
    session: WriteSession, dispute_id: UUID, status: str, comment: str, origin: Origin
) -> Contested:
    """Take a dispute up (IN_REVIEW), or decide it (UPHELD, REJECTED, WITHDRAWN); returns it as it was.

    With the last one decided the hold on the customer is released and the dialer may call again.
    Raises NotFound, Invalid for a status that is no decision or a decision without its reason, and
    Conflict when it was decided meanwhile.
    """
    known = await store.lock_dispute(session, dispute_id)
    if known is None:
        raise NotFound("There is no such dispute.")
    if status not in rules.DECIDED | {DisputeStatus.IN_REVIEW}:
        raise Invalid(
            "Decide: IN_REVIEW, UPHELD, REJECTED or WITHDRAWN.",
            code="DISPUTE_STATUS",
            field="status",
        )
    if not rules.may_become(known.status, status):
        raise Conflict("This dispute has been decided meanwhile.", code="DECIDED")
    if status in rules.DECIDED and not comment.strip():
        raise Invalid(
            "Write down why: the customer will ask.", code="DECISION_REASON", field="comment"
        )
    await _move(session, known, DisputeStatus(status), comment, origin)
    if status in rules.DECIDED and not await store.undecided(session, known.customer_id):
        await accounts.release_holds(
            session,
            reason="dispute decided",
            now=origin.clock.now(),
            customer_id=known.customer_id,
            kind=HoldKind.DISPUTE_HOLD,
        )
        await _status_over(session, known.customer_id, StatusType.DISPUTING, origin)
    return known


async def _move(
    session: WriteSession, known: Contested, status: DisputeStatus, comment: str, origin: Origin
) -> None:
    done = status not in rules.UNDECIDED
    await store.change_dispute(
        session,
        known.id,
        status=status,
        resolution=comment[:REASON_LIMIT],
        resolved_at=origin.clock.now() if done else None,
        resolved_by=origin.actor.id if done else None,
    )
    _trace(
        session, origin, "decided" if done else "taken_up", "dispute", known.id,
        before={"status": known.status}, after={"status": status}, reason=comment,
    )  # fmt: skip
    if done:
        _tell(session, "dispute.decided", known.id, known.customer_id, origin)


# --- wishes --------------------------------------------------------------------------------


async def note_wishes(
    session: WriteSession, customer_id: UUID, wishes: Mapping[str, Any], origin: Origin
) -> dict[str, Any]:
    """Note when and how a customer wants to be reached: `channel`, `band`, `avoid`; the rest stays.

    Returns what stood there before, which undoes it.
    """
    person = await customers.find(session, customer_id)
    known = person.preference or {}
    today = origin.today.isoformat()
    after = {**known, **wishes, "since": today, "source": str(origin.source)}
    now = origin.clock.now()
    return await customers.change(session, customer_id, {"preference": after}, origin.actor, now)


# --- the care page -------------------------------------------------------------------------


async def waiting(session: ReadSession, most: int = 200) -> list[Waiting]:
    """Disputes and hardships that wait for a decision, the most urgent first."""
    return await store.waiting(session, most)


def _tell(
    session: WriteSession, kind: str, dispute_id: UUID, customer_id: UUID, origin: Origin
) -> None:
    body = {"dispute": str(dispute_id), "customer": str(customer_id)}
    outbox.record(session, outbox.Fact(origin.an_id(), kind, body, origin.clock.now()))


def _trace(  # noqa: PLR0913 - the columns of the trail
    session: WriteSession,
    origin: Origin,
    verb: str,
    entity: str,
    entity_id: UUID,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    audit.record(
        session,
        origin.actor,
        verb=verb,
        entity=entity,
        entity_id=entity_id,
        now=origin.clock.now(),
        before=before,
        after=after,
        reason=reason or None,
    )


async def erase(session: WriteSession, customer_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """Take what people wrote out of a customer's hardships and disputes. Their ids."""
    return await store.erase(session, customer_id)
