"""Every SQL statement of the history: actions added and superseded, callbacks, published trees."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, case, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.history.models import Action, Callback, DispositionTree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

_MINUTE = literal(timedelta(minutes=1))


def add_action(session: WriteSession, values: dict[str, Any]) -> None:
    """Add an action."""
    session.add(Action(**values))


async def find_current(session: ReadSession, call_id: UUID) -> Action | None:
    """The action of a call that no other supersedes; None while it has no outcome."""
    found: Action | None = await session.scalar(
        select(Action)
        .where(Action.call_id == call_id, Action.superseded.is_(False))
        .order_by(Action.at.desc(), Action.id.desc())
        .limit(1)
    )
    return found


async def hold_current(session: WriteSession, call_id: UUID) -> Action | None:
    """As `find_current`, and nobody else may supersede it until this transaction ends."""
    found: Action | None = await session.scalar(
        select(Action)
        .where(Action.call_id == call_id, Action.superseded.is_(False))
        .order_by(Action.at.desc(), Action.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def mark_superseded(session: WriteSession, action_id: UUID, at: datetime) -> bool:
    """Mark an action as put right; False when somebody was faster."""
    marked = await session.execute(
        update(Action)
        .where(Action.id == action_id, Action.at == at, Action.superseded.is_(False))
        .values(superseded=True)
        .returning(Action.id)
    )
    return marked.first() is not None


async def list_for_customer(session: ReadSession, customer_id: UUID, limit: int) -> list[Action]:
    """What was done with a customer, newest first, corrections in place of what they correct."""
    rows = await session.scalars(
        select(Action)
        .where(Action.customer_id == customer_id, Action.superseded.is_(False))
        .order_by(Action.at.desc())
        .limit(limit)
    )
    return list(rows)


async def list_of_call(session: ReadSession, call_id: UUID) -> list[Action]:
    """Every action of a call, superseded ones too, in the order in which they were written."""
    rows = await session.scalars(
        select(Action).where(Action.call_id == call_id).order_by(Action.at, Action.id)
    )
    return list(rows)


def add_callback(session: WriteSession, values: dict[str, Any]) -> None:
    """Add a callback."""
    session.add(Callback(**values))


async def cancel_callback(session: WriteSession, callback_id: UUID) -> bool:
    """Cancel one callback, unless somebody began it: then False."""
    cancelled = await session.execute(
        update(Callback)
        .where(Callback.id == callback_id, Callback.state == "SCHEDULED")
        .values(state="CANCELLED")
        .returning(Callback.id)
    )
    return cancelled.first() is not None


async def cancel_callbacks(session: WriteSession, action_id: UUID) -> int:
    """Cancel what an action agreed, as far as nobody began it; returns how many."""
    cancelled = await session.execute(
        update(Callback)
        .where(Callback.action_id == action_id, Callback.state == "SCHEDULED")
        .values(state="CANCELLED")
        .returning(Callback.id)
    )
    return len(cancelled.all())


async def count_begun_callbacks(session: ReadSession, action_id: UUID) -> int:
    """How many callbacks of an action were taken up already."""
    counted = await session.scalar(
        select(func.count())
        .select_from(Callback)
        .where(Callback.action_id == action_id, Callback.state.not_in(["SCHEDULED", "CANCELLED"]))
    )
    return int(counted or 0)


async def take_due_callbacks(session: WriteSession, now: datetime, limit: int) -> list[Callback]:
    """Move callbacks whose time has come to DUE and return them; several workers share them out."""
    due = (
        select(Callback.id)
        .where(Callback.state == "SCHEDULED", Callback.at <= now)
        .order_by(Callback.at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.scalars(
        update(Callback).where(Callback.id.in_(due)).values(state="DUE").returning(Callback)
    )
    return list(rows)


async def miss_callbacks(session: WriteSession, before: datetime) -> list[Callback]:
    """Move callbacks that were due before an instant and never begun to MISSED, and return them."""
    rows = await session.scalars(
        update(Callback)
        .where(
            Callback.state == "DUE",
            Callback.at + cast(Callback.window_minutes, Float) * _MINUTE <= before,
        )
        .values(state="MISSED")
        .returning(Callback)
    )
    return list(rows)


async def meet_callbacks(session: WriteSession, customer_id: UUID) -> int:
    """A customer was spoken to: what was agreed and due is done. Returns how many."""
    met = await session.execute(
        update(Callback)
        .where(Callback.customer_id == customer_id, Callback.state == "DUE")
        .values(state="DONE")
        .returning(Callback.id)
    )
    return len(met.all())


async def put_away_callback(
    session: WriteSession, callback_id: UUID, user_id: UUID, now: datetime
) -> bool:
    """An agent has read that a callback of his was missed; False for one that was not, or not his."""
    read = await session.execute(
        update(Callback)
        .where(Callback.id == callback_id, Callback.user_id == user_id, Callback.state == "MISSED")
        .values(seen_at=now)
        .returning(Callback.id)
    )
    return read.first() is not None


async def snooze_callback(
    session: WriteSession, callback_id: UUID, user_id: UUID, until: datetime
) -> bool:
    """Remind an agent later of a callback of his; False for one that is over or not his.

    The call itself stays as it was agreed.
    """
    open_states = ["SCHEDULED", "DUE", "MISSED"]
    put_off = await session.execute(
        update(Callback)
        .where(Callback.id == callback_id, Callback.user_id == user_id)
        .where(Callback.state.in_(open_states), Callback.seen_at.is_(None))
        .values(snoozed_until=until)
        .returning(Callback.id)
    )
    return put_off.first() is not None


async def list_callbacks(session: ReadSession, user_id: UUID, limit: int) -> list[Callback]:
    """The next callbacks of an agent, soonest first."""
    rows = await session.scalars(
        select(Callback)
        .where(Callback.user_id == user_id, Callback.state.in_(["SCHEDULED", "DUE"]))
        .order_by(Callback.at)
        .limit(limit)
    )
    return list(rows)


async def publish_tree(
    session: WriteSession,
    *,
    version: int,
    nodes: Sequence[dict[str, Any]],
    at: datetime,
    by: UUID | None,
) -> bool:
    """Store a version of the tree; False when that version is published already."""
    published = await session.execute(
        insert(DispositionTree)
        .values(version=version, nodes=list(nodes), published_at=at, published_by=by)
        .on_conflict_do_nothing()
        .returning(DispositionTree.version)
    )
    return published.first() is not None


async def newest_tree(session: ReadSession) -> DispositionTree | None:
    """The newest published tree."""
    found: DispositionTree | None = await session.scalar(
        select(DispositionTree).order_by(DispositionTree.version.desc()).limit(1)
    )
    return found


async def erase(
    session: WriteSession, customer_id: UUID
) -> tuple[list[UUID], list[tuple[UUID, UUID | None]]]:
    """Take what people wrote out of a customer's actions and callbacks.

    Returns the ids of the actions, and each callback with the agent whom it was agreed with.
    """
    actions = await session.scalars(
        update(Action)
        .where(Action.customer_id == customer_id)
        .values(note="", details={}, effects=[])
        .returning(Action.id)
    )
    callbacks = await session.execute(
        update(Callback)
        .where(Callback.customer_id == customer_id)
        .values(
            reason="",
            state=case((Callback.state == "SCHEDULED", "CANCELLED"), else_=Callback.state),
        )
        .returning(Callback.id, Callback.user_id)
    )
    return list(actions), [(row.id, row.user_id) for row in callbacks]
