"""The statements that the dialer's journal makes many times a second: a batch of each in one round trip.

For the tables themselves: a batch for entities would be made one by one. A call's row is found by id and month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import (
    Boolean,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.functions import coalesce

from app.calls import moments
from app.calls.models import AgentStateChange, Attempt, Call, CustomerLock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Column, Table, Update
    from sqlalchemy.sql.base import ReadOnlyColumnCollection

    from app.calls.store import Ended
    from app.db import ReadSession, WriteSession

_CALLS: Final = cast("Table", Call.__table__)
_ATTEMPTS: Final = cast("Table", Attempt.__table__)
_LOCKS: Final = cast("Table", CustomerLock.__table__)
_CHANGES: Final = cast("Table", AgentStateChange.__table__)
WRAPPING: Final = ("WRAP_UP", "WRAP_OVER")


def _moving() -> Update:
    """One change of `moments` to one call. What it has not is null, and a row keeps its own instead.

    Only a call that goes on takes a state, an agent and the instants of its progress.
    """
    row: ReadOnlyColumnCollection[str, Column[Any]] = _CALLS.c
    told = {
        name: bindparam(f"b_{name}", type_=row[name if name in row else "agent_id"].type)
        for name in moments.NOTHING.keys() - {"by", "is_human", "is_machine"}
    }
    is_human, is_machine = (
        bindparam(f"b_is_{who}", type_=Boolean()) for who in ("human", "machine")
    )
    alive = row.ended_at.is_(None)
    assigned = and_(
        alive, coalesce(row.assigned_at < told["assigned_at"], told["assigned_at"].is_not(None))
    )
    returned = and_(alive, row.agent_id == told["returned_by"])
    fresh = {word: row[column].is_(None) for word, column in moments.ONCE.items()}
    moves = case(
        {**fresh, "ASSIGNED": assigned, "RETURNED": returned},
        value=bindparam("b_by", type_=Text()), else_=told["state"].is_not(None),
    )  # fmt: skip
    once = {
        column: coalesce(row[column], case((alive, told[column])))
        for column in moments.ONCE.values()
    }
    his = case((told["published_by"] == told["agent_id"], told["published_at"]))
    return (
        update(_CALLS)
        .where(row.id == bindparam("b_call"), row.created_at == bindparam("b_born"))
        .values(
            **once | {"connected_at": case((returned, null()), else_=once["connected_at"])},
            state=case((and_(alive, moves), told["state"]), else_=row.state),
            answered_by_human=or_(row.answered_by_human, and_(alive, is_human)),
            machine=or_(row.machine, and_(alive, is_machine)),
            assigned_at=case((assigned, told["assigned_at"]), else_=row.assigned_at),
            agent_id=case((assigned, told["agent_id"]), (returned, null()), else_=row.agent_id),
            published_at=case(
                (assigned, his),
                (row.agent_id == told["published_by"], coalesce(row.published_at, told["published_at"])),
                else_=row.published_at,
            ),
            received_at=case(
                (assigned, told["received_at"]), else_=coalesce(row.received_at, told["received_at"])
            ),
            painted_at=case(
                (assigned, told["painted_at"]), else_=coalesce(row.painted_at, told["painted_at"])
            ),
            painted_error_ms=case(
                (or_(assigned, row.painted_at.is_(None)), told["painted_error_ms"]),
                else_=row.painted_error_ms,
            ),
            pops_unacknowledged=row.pops_unacknowledged + case((returned, 1), else_=0),
            message=coalesce(told["message"], row.message),
            verdict=case((row.judged_at.is_(None), told["verdict"]), else_=row.verdict),
            judged_at=coalesce(row.judged_at, told["judged_at"]),
        )
    )  # fmt: skip


_MOVE: Final = _moving()
_UNLOCK: Final = delete(_LOCKS).where(
    _LOCKS.c.customer_id == bindparam("b_customer"), _LOCKS.c.call_id == bindparam("b_call")
)
_RESULT: Final = (
    update(_ATTEMPTS)
    .where(
        _ATTEMPTS.c.customer_id == bindparam("b_customer"),
        _ATTEMPTS.c.at == bindparam("b_at"),
        _ATTEMPTS.c.call_id == bindparam("b_call"),
    )
    .values(result=bindparam("b_result"))
)
_NAMED: Final = (
    update(_CALLS)
    .where(_CALLS.c.id == bindparam("b_call"), _CALLS.c.created_at == bindparam("b_born"))
    .values(leaf=bindparam("b_leaf"))
)
_WRAPPED: Final = (
    update(_CALLS)
    .where(
        _CALLS.c.id == bindparam("b_call"),
        _CALLS.c.created_at == bindparam("b_born"),
        _CALLS.c.wrapped_at.is_(None),
    )
    .values(wrapped_at=bindparam("b_at"))
)


async def move(session: WriteSession, changes: Sequence[Mapping[str, Any]]) -> None:
    """Make a change of each of these calls (`call`, `born`, and what `moments` says): all in one round trip."""
    rows = [{f"b_{name}": value for name, value in change.items()} for change in changes]
    await session.execute(_MOVE, rows)


async def name_outcomes(session: WriteSession, leaves: Sequence[Mapping[str, Any]]) -> None:
    """Write the outcomes (`b_leaf`) of calls (`b_call`, `b_born`), ended or not."""
    if leaves:
        await session.execute(_NAMED, list(leaves))


async def unlock_customers(session: WriteSession, held: Mapping[UUID, UUID]) -> None:
    """Free these customers, each if the call beside him has him."""
    rows = [{"b_customer": customer, "b_call": call} for customer, call in held.items()]
    if rows:
        await session.execute(_UNLOCK, rows)


async def set_results(session: WriteSession, results: Sequence[tuple[Ended, str]]) -> None:
    """Note what became of the attempts of ended calls."""
    rows = [
        {
            "b_customer": ended.customer_id,
            "b_at": ended.created_at,
            "b_call": ended.call_id,
            "b_result": result,
        }
        for ended, result in results
    ]
    if rows:
        await session.execute(_RESULT, rows)


async def wrapping_up(session: ReadSession, at: Mapping[UUID, datetime]) -> dict[UUID, UUID]:
    """The calls whose wrap-up agents were in, each at his instant, by his last change before it."""
    asked = (
        func.unnest(
            literal(list(at), ARRAY(Uuid())),
            literal(list(at.values()), ARRAY(DateTime(timezone=True))),
        )
        .table_valued("agent_id", "at", joins_implicitly=True)
        .render_derived()
    )
    last = (
        select(AgentStateChange.state, AgentStateChange.call_id)
        .where(AgentStateChange.agent_id == asked.c.agent_id, AgentStateChange.at <= asked.c.at)
        .order_by(AgentStateChange.at.desc(), AgentStateChange.id.desc())
        .limit(1)
        .lateral()
    )
    rows = await session.execute(
        select(asked.c.agent_id, last.c.call_id).where(
            last.c.state.in_(WRAPPING), last.c.call_id.is_not(None)
        )
    )
    return {row.agent_id: row.call_id for row in rows}


async def end_wraps(session: WriteSession, ended: Sequence[Mapping[str, Any]]) -> None:
    """Write the ends of wrap-ups (`b_call`, `b_born`, `b_at`); of each the first word counts."""
    if ended:
        await session.execute(_WRAPPED, list(ended))


async def add_state_changes(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append what agents chose or were seen doing; the same row again is passed over."""
    await session.execute(insert(_CHANGES).on_conflict_do_nothing(), list(rows))
