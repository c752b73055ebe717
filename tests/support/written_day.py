"""A recorded day as the rows that a dialer would have written of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from app.calls.models import AgentStateChange, Attempt, Call
from app.people.models import User
from app.values.ids import new_id
from tests.support.rows import CHANCE, ZONE_TODAY, an_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from app.db import WriteSession
    from app.whatif.rules import RecordedCall, RecordedDay


async def write_day(
    session: WriteSession,
    campaign: UUID,
    day: RecordedDay,
    zero: datetime,
    business_on: date = ZONE_TODAY,
) -> list[UUID]:
    """Write calls, attempts and the agents' changes of a day that began at `zero`; returns the agents."""
    agents = {stay.agent: an_id() for stay in day.stays}
    users = [
        {
            "id": user, "username": f"agent-{user.hex[-8:]}", "full_name": "Nguyễn Văn An",
            "short_name": "An", "roles": ["AGENT"], "password_hash": "", "created_at": zero,
        }
        for user in agents.values()
    ]  # fmt: skip
    await session.execute(insert(User), users)
    calls = [_call(call, campaign, zero, agents) for call in day.calls]
    await session.execute(insert(Call), calls)
    await session.execute(insert(Attempt), [_attempt(row, business_on) for row in calls])
    changes = [row for n, user in agents.items() for row in _changes(day, n, user, campaign, zero)]
    await session.execute(insert(AgentStateChange), changes)
    return list(agents.values())


def _call(
    call: RecordedCall, campaign: UUID, zero: datetime, agents: dict[int, UUID]
) -> dict[str, Any]:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else zero + timedelta(seconds=seconds)

    dialled = zero + timedelta(seconds=call.dialled_s)
    return {
        "id": new_id(round(dialled.timestamp() * 1000), CHANCE.randbytes(10)),
        "created_at": dialled,
        "number": "",
        "campaign_id": campaign,
        "attempt_no": call.segment + 1,
        "state": "ENDED",
        "dialing_at": dialled,
        "ringing_at": at(call.ringing_s),
        "answered_at": at(call.answered_s),
        "waiting_at": at(call.waiting_s),
        "connected_at": at(call.connected_s),
        "ended_at": at(call.ended_s),
        "wrapped_at": at(call.wrapped_s),
        "agent_id": None if call.agent is None else agents[call.agent],
        "answered_by_human": call.person,
        "abandoned": call.abandoned,
        "cause": "CANCELLED" if call.cancelled else "NO_ANSWER",
    }


def _attempt(call: dict[str, Any], business_on: date) -> dict[str, Any]:
    return {
        "id": an_id(),
        "at": call["created_at"],
        "business_on": business_on,
        "customer_id": an_id(),
        "campaign_id": call["campaign_id"],
        "call_id": call["id"],
        "allowed": True,
    }


def _changes(
    day: RecordedDay, agent: int, user: UUID, campaign: UUID, zero: datetime
) -> Iterator[dict[str, Any]]:
    """Ready, in a call, in wrap-up, ready again; away when a stay is over and the last call wrapped up."""
    told: list[tuple[float, str, str]] = []
    for call in day.calls:
        if call.agent == agent and call.connected_s is not None:
            told.append((call.connected_s, "READY", "IN_CALL"))
            told += [(at, "READY", "WRAP_UP") for at in (call.ended_s,) if at is not None]
            told += [(at, "READY", "IDLE") for at in (call.wrapped_s,) if at is not None]
    for stay in day.stays:
        if stay.agent == agent:
            told.append((stay.from_s, "READY", "IDLE"))
            told.append((_left_at(day, agent, stay.until_s), "PAUSED", "IDLE"))
    for seconds, status, state in sorted(told, key=lambda each: each[0]):
        at = zero + timedelta(seconds=seconds)
        yield {
            "id": new_id(round(at.timestamp() * 1000), CHANCE.randbytes(10)),
            "at": at,
            "agent_id": user,
            "status": status,
            "state": state,
            "link": "UP",
            "mode": "AUTO",
            "campaign_id": campaign if state != "IDLE" else None,
        }


def _left_at(day: RecordedDay, agent: int, until_s: float) -> float:
    """When he left who had to at `until_s`: a call in hand is finished first."""
    ends = [
        call.wrapped_s
        for call in day.calls
        if call.agent == agent
        and call.connected_s is not None
        and call.wrapped_s is not None
        and call.connected_s < until_s < call.wrapped_s
    ]
    return max([until_s, *(end + 0.001 for end in ends)])
