"""The written record of calls: opened with its lock and count, moved by moments, ended once.

Everything here happens inside the caller's transaction. Who may be called is compliance's verdict, one
storey up; which call comes next is the dialer's.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.calls import batches, moments, store
from app.calls.models import Call
from app.calls.moments import Noted
from app.calls.store import AgentNow, Ended, Tally
from app.values.ids import made_at_ms, new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from app.db import ReadSession, WriteSession

__all__ = ["AgentNow", "Call", "Ended", "Noted", "Tally"]

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
    await batches.unlock_customers(session, {target.customer_id: call_id})
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


async def note_moments(session: WriteSession, notes: Iterable[Noted]) -> None:
    """Write named instants of calls and their states from then on. The same again changes nothing.

    ASSIGNED starts the pop clock anew for its agent; RETURNED counts a pop that nobody received; of every
    other instant the first word counts. Receipts, the pop's leaving and detection's word may come after the
    call's end. An unknown word moves the state only.
    """
    for wave in moments.waves(notes):
        rows = [{"call": call, "born": created_at(call), **row} for call, row in wave.items()]
        await batches.move(session, rows)


async def note_leaf(session: WriteSession, call_id: UUID, leaf: str) -> None:
    """Write the outcome of a call, as corrected last."""
    await note_leaves(session, {call_id: leaf})


async def note_leaves(session: WriteSession, leaves: Mapping[UUID, str]) -> None:
    """Write the outcomes of calls."""
    await batches.name_outcomes(
        session,
        [
            {"b_call": call, "b_born": created_at(call), "b_leaf": leaf}
            for call, leaf in leaves.items()
        ],
    )


async def note_wrapped(session: WriteSession, ended: Iterable[tuple[UUID, datetime]]) -> None:
    """Write the ends of wrap-ups, by call; of each the first word counts."""
    await batches.end_wraps(
        session,
        [{"b_call": call, "b_born": created_at(call), "b_at": at} for call, at in ended],
    )


# --- a call ends -----------------------------------------------------------------


async def end_calls(session: WriteSession, endings: Sequence[Ending]) -> list[Ended | None]:
    """Write the ends, free the customers, settle the attempts. None, and nothing, for one done before."""
    found = [await _end_call(session, ending) for ending in endings]
    fresh = [
        (ended, ending.cause)
        for ended, ending in zip(found, endings, strict=True)
        if ended is not None and ended.customer_id is not None
    ]
    held = {ended.customer_id: ended.call_id for ended, _ in fresh if ended.customer_id is not None}
    await batches.unlock_customers(session, held)
    await batches.set_results(session, fresh)
    return found


async def _end_call(session: WriteSession, ending: Ending) -> Ended | None:
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
    return await store.end_call(session, ending.call_id, created_at(ending.call_id), values)


# --- agents ----------------------------------------------------------------------


async def note_agents(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Append agents' status, state and link, each from `row["at"]` on; the same again changes nothing.

    Rows are in order: changes of one agent within one millisecond keep theirs. Whoever leaves a wrap-up ends
    it.
    """
    if not rows:
        return
    first = {row["agent_id"]: row["at"] for row in reversed(rows)}
    wrapping: dict[UUID, UUID | None] = {**await batches.wrapping_up(session, first)}
    ended: list[tuple[UUID, datetime]] = []
    positions: Counter[tuple[UUID, datetime]] = Counter()
    changes = []
    for row in rows:
        agent, at = row["agent_id"], row["at"]
        if row["state"] in batches.WRAPPING:
            wrapping[agent] = row["call_id"]
        elif (call := wrapping.pop(agent, None)) is not None:
            ended.append((call, at))
        changes.append({"id": _change_id(row, positions[agent, at]), **row})
        positions[agent, at] += 1
    await note_wrapped(session, ended)
    await batches.add_state_changes(session, changes)


def _change_id(row: Mapping[str, Any], position: int) -> UUID:
    """The same for the same change; `position` orders those of one agent within one millisecond."""
    subject = "|".join(str(row[name]) for name in sorted(row))
    digest = hashlib.blake2b(subject.encode(), digest_size=8).digest()
    at_ms = (row["at"] - _EPOCH) // timedelta(milliseconds=1)
    return new_id(at_ms, (position % 1024).to_bytes(2, "big") + digest)


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
