"""The written record of calls: opened with its lock and count, moved by moments, ended once.

Everything here happens inside the caller's transaction. Who may be called is compliance's verdict, one
storey up; which call comes next is the dialer's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import or_

from app.calls import store
from app.calls.models import Call
from app.calls.store import AgentNow, Ended, Tally
from app.values.ids import made_at_ms, new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

    from app.db import ReadSession, WriteSession

__all__ = ["AgentNow", "Call", "Ended", "Tally"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LIVE_FOR: Final = timedelta(
    hours=24
)  # no call lives longer; older open rows without a lock are a fault to look into
SHIFT: Final = timedelta(hours=36)  # how far back an agent's last state is looked for


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an attempt is for, and in which campaign."""

    customer_id: UUID
    loan_id: UUID | None
    phone_id: UUID
    number: str  # E.164
    campaign_id: UUID
    lead_id: UUID
    attempt_no: int  # of this campaign, from 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """A verdict that said no. `until` None: not by this campaign any more."""

    rule: str
    source: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended."""

    call_id: UUID
    at: datetime
    cause: str
    by: str
    abandoned: bool
    answered: bool  # by a person
    agent_id: UUID | None
    held_ms: int


def created_at(call_id: UUID) -> datetime:
    """The instant in a call's id, which its row carries too."""
    return _EPOCH + timedelta(milliseconds=made_at_ms(call_id))


# --- a call begins ---------------------------------------------------------------


async def lock_customer(
    session: WriteSession, target: Target, call_id: UUID, *, fence: int
) -> bool:
    """Take the customer for this call over all campaigns; False while another call has him."""
    return await store.lock_customer(
        session,
        {
            "customer_id": target.customer_id,
            "call_id": call_id,
            "campaign_id": target.campaign_id,
            "fence": fence,
            "since": created_at(call_id),
        },
    )


async def count_contact(
    session: WriteSession, customer_id: UUID, *, day: date, cap: int | None, now: datetime
) -> int | None:
    """Count one more contact of the day, over all means; the sum, or None when the cap is reached."""
    return await store.count_contact(session, customer_id, day, cap, now)


async def open_call(
    session: WriteSession, target: Target, call_id: UUID, *, day: date, fence: int
) -> None:
    """Write the attempt and the call, state CREATED. Lock and count come before, in this transaction."""
    at = created_at(call_id)
    await store.add_attempt(
        session,
        {**_attempt(target, at, day, fence, str(call_id)), "call_id": call_id, "allowed": True},
    )
    await store.add_call(
        session,
        {
            "id": call_id,
            "created_at": at,
            "customer_id": target.customer_id,
            "loan_id": target.loan_id,
            "phone_id": target.phone_id,
            "number": target.number,
            "campaign_id": target.campaign_id,
            "lead_id": target.lead_id,
            "attempt_no": target.attempt_no,
            "fence": fence,
        },
    )


async def refuse_call(
    session: WriteSession,
    target: Target,
    call_id: UUID,
    refusal: Refusal,
    *,
    day: date,
    fence: int,
) -> None:
    """Write the attempt that was not made, with its rule and source; free the customer."""
    await store.unlock_customer(session, target.customer_id, call_id)
    at = created_at(call_id)
    await store.add_attempt(
        session,
        {
            **_attempt(target, at, day, fence, str(call_id)),
            "allowed": False,
            "counts_to_cap": False,
            "rule": refusal.rule,
            "source": refusal.source,
            "until": refusal.until,
        },
    )


def _attempt(target: Target, at: datetime, day: date, fence: int, subject: str) -> dict[str, Any]:
    chance = hashlib.blake2b(subject.encode(), digest_size=10).digest()
    return {
        "id": new_id((at - _EPOCH) // timedelta(milliseconds=1), chance),
        "at": at,
        "business_on": day,
        "customer_id": target.customer_id,
        "phone_id": target.phone_id,
        "campaign_id": target.campaign_id,
        "fence": fence,
    }


# --- a call goes on --------------------------------------------------------------

_ONCE: Final = {
    "DIALED": Call.dialing_at,
    "RINGING": Call.ringing_at,
    "ANSWERED": Call.answered_at,
    "WAITING": Call.waiting_at,
    "CONNECTED": Call.connected_at,
}
# Who waits for an agent is a person, with or without detection.
_JUDGED: Final[dict[str, dict[str, Any]]] = {
    "PERSON": {"answered_by_human": True},
    "WAITING": {"answered_by_human": True},
    "MACHINE": {"machine": True},
}


async def note_moment(
    session: WriteSession,
    call_id: UUID,
    *,
    moment: str,
    at: datetime,
    state: str,
    agent_id: UUID | None = None,
    error_ms: int = 0,
) -> None:
    """Write a named instant of a call and its state from then on. The same again changes nothing.

    ASSIGNED starts the pop clock anew for its agent; RETURNED counts a pop that nobody received.
    Words are those of the dialer's journal; an unknown one moves the state only.
    """
    born = created_at(call_id)
    if moment in {"RECEIVED", "PAINTED"}:
        await _receipt(session, call_id, moment, at, error_ms)
        return
    if moment == "PUBLISHED":
        await _note_published(session, call_id, at, agent_id)
        return
    if moment == "ASSIGNED":
        fresh = or_(Call.assigned_at.is_(None), Call.assigned_at < at)
        values: dict[str, Any] = {
            "state": state, "agent_id": agent_id, "assigned_at": at,
            "published_at": None, "received_at": None, "painted_at": None, "painted_error_ms": None,
        }  # fmt: skip
        await store.stamp(session, call_id, born, values, fresh)
    elif moment == "RETURNED":
        lost: dict[str, Any] = {
            "state": state, "agent_id": None, "connected_at": None,
            "pops_unacknowledged": Call.pops_unacknowledged + 1,
        }  # fmt: skip
        await store.stamp(session, call_id, born, lost, Call.agent_id == agent_id)
    elif (column := _ONCE.get(moment)) is not None:
        await store.stamp(
            session,
            call_id,
            born,
            {"state": state, column.key: at, **_JUDGED.get(moment, {})},
            column.is_(None),
        )
    else:
        await store.stamp(session, call_id, born, {"state": state, **_JUDGED.get(moment, {})})


async def _receipt(
    session: WriteSession, call_id: UUID, moment: str, at: datetime, error_ms: int
) -> None:
    """A receipt may come after the call's end, and only its first counts."""
    if moment == "RECEIVED":
        await store.stamp_ended_too(
            session, call_id, created_at(call_id), {"received_at": at}, Call.received_at.is_(None)
        )
        return
    await store.stamp_ended_too(
        session,
        call_id,
        created_at(call_id),
        {"painted_at": at, "painted_error_ms": error_ms},
        Call.painted_at.is_(None),
    )


async def _note_published(
    session: WriteSession, call_id: UUID, at: datetime, agent_id: UUID | None
) -> None:
    """When the pop of the agent who has the call left for his browser; its first version counts."""
    his_first = (Call.agent_id == agent_id, Call.published_at.is_(None))
    await store.stamp_ended_too(
        session, call_id, created_at(call_id), {"published_at": at}, *his_first
    )


async def note_message(session: WriteSession, call_id: UUID, said: str) -> None:
    """Write what was played to somebody for whom nobody was free; a later message replaces it."""
    await store.stamp_ended_too(session, call_id, created_at(call_id), {"message": said})


async def note_verdict(session: WriteSession, call_id: UUID, verdict: str, at: datetime) -> None:
    """Write what detection took the called party for, in its own words, and when; its first word counts."""
    await store.stamp_ended_too(
        session,
        call_id,
        created_at(call_id),
        {"verdict": verdict, "judged_at": at},
        Call.judged_at.is_(None),
    )


async def note_leaf(session: WriteSession, call_id: UUID, leaf: str) -> None:
    """Write the outcome of a call, as corrected last."""
    await store.stamp_ended_too(session, call_id, created_at(call_id), {"leaf": leaf})


async def note_wrapped(session: WriteSession, call_id: UUID, at: datetime) -> None:
    """Write the end of the wrap-up; its first word counts."""
    await store.stamp_ended_too(
        session, call_id, created_at(call_id), {"wrapped_at": at}, Call.wrapped_at.is_(None)
    )


# --- a call ends -----------------------------------------------------------------


async def end_call(session: WriteSession, ending: Ending) -> Ended | None:
    """Write the end, free the customer, settle the attempt. None, and nothing, when done before."""
    values: dict[str, Any] = {
        "state": "ENDED",
        "ended_at": ending.at,
        "cause": ending.cause,
        "hangup_by": ending.by,
        "abandoned": ending.abandoned,
        "held_ms": ending.held_ms,
    }
    if ending.answered:  # a word that he did stands, whatever the last dialer knew of it
        values["answered_by_human"] = True
    if ending.agent_id is not None:
        values["agent_id"] = ending.agent_id
    ended = await store.end_call(session, ending.call_id, created_at(ending.call_id), values)
    if ended is None or ended.customer_id is None:
        return ended
    await store.unlock_customer(session, ended.customer_id, ending.call_id)
    await store.set_attempt_result(
        session, ended.customer_id, ended.created_at, ending.call_id, ending.cause
    )
    return ended


# --- agents ----------------------------------------------------------------------


async def note_agent(session: WriteSession, row: dict[str, Any], *, position: int) -> None:
    """Append an agent's status, state and link from `row["at"]` on; the same again changes nothing.

    `position` orders changes of one agent within one millisecond. Whoever leaves a wrap-up ends it.
    """
    if row["state"] not in {"WRAP_UP", "WRAP_OVER"}:
        wrapped = await store.wrapping_up(session, row["agent_id"], row["at"])
        if wrapped is not None:
            await note_wrapped(session, wrapped, row["at"])
    subject = "|".join(str(row[name]) for name in sorted(row))
    digest = hashlib.blake2b(subject.encode(), digest_size=8).digest()
    at_ms = (row["at"] - _EPOCH) // timedelta(milliseconds=1)
    identifier = new_id(at_ms, (position % 1024).to_bytes(2, "big") + digest)
    await store.add_state_change(session, {"id": identifier, **row})


async def agents_now(session: ReadSession, now: datetime) -> list[AgentNow]:
    """What each agent who is not OFFLINE was seen doing last, within the last shift."""
    return await store.agents_now(session, now - SHIFT)


async def reason_given(session: ReadSession, reason: str) -> bool:
    """Whether any agent was ever away for this reason."""
    return await store.reason_given(session, reason)


# --- what was -------------------------------------------------------------------


async def find_call(session: ReadSession, call_id: UUID) -> Call | None:
    """One call; None when there is none, or the id is no call's."""
    try:
        born = created_at(call_id)
    except ValueError:
        return None
    return await store.find_call(session, call_id, born)


async def at_desks(
    session: ReadSession, customer_ids: Collection[UUID], now: datetime
) -> list[UUID]:
    """Calls with these customers that an agent has or still wraps up."""
    return await store.at_desks(session, customer_ids, now - LIVE_FOR)


async def live_calls(session: ReadSession, now: datetime) -> Sequence[Call]:
    """Calls that have not ended. However old one is, it is among them while it holds its customer."""
    return await store.list_live(session, now - LIVE_FOR)


async def find_unplaced(
    session: ReadSession, lead_id: UUID, opened_at: datetime, fence: int
) -> UUID | None:
    """The call that was opened for a lead at this very instant and went no further; None without."""
    return await store.find_unplaced(session, lead_id, opened_at, fence)


async def contacts_of_live(session: ReadSession, now: datetime) -> dict[UUID, int]:
    """How often the customer of each live call was contacted that day, by call."""
    return await store.contacts_of_live(session, now - LIVE_FOR)


async def disposed(session: ReadSession, call_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these calls have an outcome."""
    if not call_ids:
        return set()
    return await store.disposed(session, [(call, created_at(call)) for call in call_ids])


async def contacts_on(
    session: ReadSession, customer_ids: Sequence[UUID], day: date
) -> dict[UUID, int]:
    """How often customers were contacted on a business day; those never are left out."""
    return await store.contacts_on(session, customer_ids, day)


async def tally(
    session: ReadSession, campaign_ids: Sequence[UUID], start: datetime, end: datetime
) -> dict[UUID, Tally]:
    """Dialled, answered by a person and abandoned, of calls created in [start, end), by campaign."""
    return await store.tally(session, campaign_ids, start, end)


async def refusals(session: ReadSession, campaign_id: UUID, day: date) -> dict[str, int]:
    """Refused dials of a campaign on a business day, by rule."""
    return await store.refusals(session, campaign_id, day)


async def is_in_call(session: ReadSession, customer_id: UUID) -> bool:
    """Whether a call to this customer goes on, or is being opened."""
    return await store.is_in_call(session, customer_id)


async def erase(
    session: WriteSession, customer_id: UUID, numbers: Sequence[str]
) -> list[tuple[UUID, UUID | None]]:
    """Take the numbers off a customer's calls; returns each with the agent who had it."""
    return await store.erase(session, customer_id, numbers)
