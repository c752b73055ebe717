"""Writes what happened in the room, a batch in one fenced transaction, and reads it for a new room.

How a call is recorded is the business of `app.calls`, what becomes of a lead that of `app.campaigns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.breaks import service as breaks
from app.calls import service as calls
from app.calls.rules import Cause
from app.campaigns import service as campaigns
from app.customers import service as customers
from app.monitor import service as monitor
from app.monitor.rules import Change
from app.supervision import service as supervision
from dialer.core.live import LineOpened, LiveAgent, LiveCall
from dialer.core.monitor import MonitorChanged
from dialer.core.records import (
    AgentChanged,
    BreakOverran,
    CallEnded,
    CallMoment,
    DialingStopped,
)
from dialer.fence_postgres import fenced, in_ms, instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.campaigns.service import Seat, Terms
    from app.clock import Clock
    from app.db import Database, WriteSession
    from dialer.core.records import Record


class PostgresJournal:
    """Fulfils `dialer.journal.Journal`. `clock` gives the chance in new ids; time is passed in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def write(
        self,
        records: Sequence[Record],
        now_ms: int,  # noqa: ARG002 - every record carries its own instant
        fence: int,
    ) -> None:
        """Write all, in order, or none. See `Journal.write`.

        Records of one kind go together; what a call's moments are to each other and to its end is kept.
        """
        ends = [record for record in records if isinstance(record, CallEnded)]
        before, after = _around_ends(records)
        async with fenced(self._database, fence) as session:
            await calls.note_moments(session, before)
            await self._write_ends(session, ends)
            await calls.note_moments(session, after)
            await _write_agents(session, [r for r in records if isinstance(r, AgentChanged)])
            for record in records:
                match record:
                    case BreakOverran():
                        await _write_overrun(session, record)
                    case DialingStopped():
                        await _write_stop(session, record)
                    case MonitorChanged():
                        await monitor.note_change(session, _change(record), self._clock)

    async def restore(
        self, now_ms: int, fence: int
    ) -> tuple[Sequence[LiveAgent], Sequence[LiveCall]]:
        """Who was on the floor, and which calls were not ended. See `Journal.restore`."""
        now = instant(now_ms)
        async with fenced(self._database, fence) as session:
            await monitor.close_left(session, now)
            living = await calls.live_calls(session, now)
            contacts = await calls.contacts_of_live(session, now)
            seen = await calls.agents_now(session, now)
            engaged = [agent.call_id for agent in seen if agent.call_id is not None]
            known = _Known(
                seats=await campaigns.seats_of(session, [agent.agent_id for agent in seen]),
                terms=await campaigns.terms(session),
                contacts=contacts,
                disposed=await calls.disposed(session, engaged),
                limits_ms=await breaks.limits_ms(session),
                languages=await customers.languages(session, {row.customer_id for row in living}),
            )
        agents = [known.agent(agent) for agent in seen if agent.agent_id in known.seats]
        return agents, [known.call(call) for call in living if call.lead_id is not None]

    async def _write_ends(self, session: WriteSession, records: Sequence[CallEnded]) -> None:
        found = await calls.end_calls(session, [_ending(record) for record in records])
        landings = [
            (_landing(record, ended), ended)
            for record, ended in zip(records, found, strict=True)
            if ended is not None  # else it was written before
        ]
        await campaigns.land(session, landings, self._clock)


def _around_ends(records: Sequence[Record]) -> tuple[list[calls.Noted], list[calls.Noted]]:
    """The moments before the ends of their calls, and those after."""
    before: list[calls.Noted] = []
    after: list[calls.Noted] = []
    over: set[UUID] = set()
    for record in records:
        match record:
            case CallEnded():
                over.add(record.call)
            case CallMoment():
                (after if record.call in over else before).append(_noted(record))
    return before, after


def _noted(record: CallMoment) -> calls.Noted:
    return calls.Noted(
        record.call,
        record.moment,
        instant(record.at_ms),
        record.state,
        record.agent,
        record.error_ms,
        record.said,
    )


def _ending(record: CallEnded) -> calls.Ending:
    return calls.Ending(
        call_id=record.call,
        at=instant(record.at_ms),
        cause=record.cause,
        by=record.by,
        abandoned=record.abandoned,
        answered=record.answered,
        agent_id=record.agent,
        held_ms=record.held_ms,
    )


def _landing(record: CallEnded, ended: calls.Ended) -> campaigns.Landing:
    return campaigns.Landing(
        lead_id=record.lead,
        campaign_id=record.campaign,
        loan_id=ended.loan_id,
        cause=Cause(record.cause),
        retry_at=None if record.retry_at_ms is None else instant(record.retry_at_ms),
        at=instant(record.at_ms),
    )


async def _write_agents(session: WriteSession, records: Sequence[AgentChanged]) -> None:
    await calls.note_agents(session, [_state_change(record) for record in records])
    for record in records:
        if record.status == "OFFLINE":
            why = record.reason or ""
            await supervision.tell_left(session, record.agent, why, instant(record.at_ms))


def _state_change(record: AgentChanged) -> dict[str, Any]:
    return {
        "at": instant(record.at_ms),
        "agent_id": record.agent,
        "status": record.status,
        "state": record.state,
        "link": record.link,
        "reason": record.reason,
        "call_id": record.call,
        "campaign_id": record.campaign,
        "deadline_at": None if record.deadline_ms is None else instant(record.deadline_ms),
        "extends_left": record.extends_left,
        "cause": record.because,
        "mode": record.mode,
    }


async def _write_overrun(session: WriteSession, record: BreakOverran) -> None:
    await breaks.tell_overrun(
        session,
        agent=record.agent,
        reason=record.reason,
        limit_ms=record.limit_ms,
        overrun=record.overrun,
        at=instant(record.at_ms),
    )


async def _write_stop(session: WriteSession, record: DialingStopped) -> None:
    """A stop only. Resuming is written by the deed itself: its echo may come after a newer stop."""
    if not record.stopped:
        return
    await campaigns.note_stop(
        session,
        record.campaign,
        by=record.by,
        reason=record.reason,
        now=instant(record.at_ms),
    )


def _change(record: MonitorChanged) -> Change:
    return Change(
        by=record.by,
        call=record.call,
        agent=record.agent,
        at=instant(record.at_ms),
        before=record.before,
        since=None if record.since_ms is None else instant(record.since_ms),
        after=record.after,
        visible=record.visible,
        why=record.why,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the records of agents and calls leave out."""

    seats: Mapping[UUID, Seat]
    terms: Mapping[UUID, Terms]
    contacts: Mapping[UUID, int]
    disposed: set[UUID]
    limits_ms: Mapping[str, int]
    languages: Mapping[UUID, str]

    def agent(self, seen: calls.AgentNow) -> LiveAgent:
        seat = self.seats[seen.agent_id]
        return LiveAgent(
            agent=seen.agent_id,
            name=seat.name,
            team=seat.team_id,
            campaigns=frozenset(seat.campaigns),
            wrapup_multiplier=seat.wrapup_multiplier,
            status=seen.status,
            reason=seen.reason,
            status_since_ms=in_ms(seen.status_since),
            state=seen.state,
            state_since_ms=in_ms(seen.state_since),
            call=seen.call_id,
            deadline_ms=_ms(seen.deadline_at),
            extends_left=seen.extends_left,
            disposed=seen.call_id in self.disposed,
            mode=seen.mode,
            limit_ms=self.limits_ms.get(seen.reason or "") if seen.status == "PAUSED" else None,
            desk_phone=seat.desk_phone,
        )

    def call(self, row: calls.Call) -> LiveCall:
        campaign, lead = _certain(row.campaign_id), _certain(row.lead_id)
        terms = self.terms.get(campaign)
        line = LineOpened(
            call=row.id,
            campaign=campaign,
            lead=lead,
            customer=_certain(row.customer_id),
            number=row.number,
            caller_id=terms.caller_id if terms is not None else "",
            attempt_no=row.attempt_no,
            attempts_today=self.contacts.get(row.id, 1),
            cap=terms.cap if terms is not None else 0,
            loan=row.loan_id,
            language=self.languages.get(_certain(row.customer_id), "vi"),
        )
        return LiveCall(
            line=line,
            state=row.state,
            agent=row.agent_id,
            dialed_at_ms=in_ms(row.dialing_at or row.created_at),
            answered_at_ms=_ms(row.answered_at),
            assigned_at_ms=_ms(row.assigned_at),
            connected_at_ms=_ms(row.connected_at),
        )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else in_ms(at)


def _certain(identifier: UUID | None) -> UUID:
    """A call that the dialer opened names its customer, campaign and lead."""
    if identifier is None:
        raise ValueError("a dialled call lacks its customer, campaign or lead")
    return identifier
