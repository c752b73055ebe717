"""From rows of the books to a recorded day. Pure.

A day begins with its first dial and ends a minute after its last, so that what lies before and after the
campaign's hours is not taken for idleness.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from app.whatif.rules import Absence, Earlier, RecordedCall, RecordedDay, Span, Stay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.values.period import Period
    from app.whatif.rules import DaySettings

QUIET_S: Final = (
    120.0  # without a dial for so long while somebody was free: nothing could be dialled
)
LAST_S: Final = 60.0  # beyond the last dial
FIRST, AGAIN = "FIRST", "AGAIN"
SEGMENTS: Final = (FIRST, AGAIN)  # leads never tried before answer otherwise than the others
_ENGAGED: Final = frozenset({"RESERVED", "DIALING", "IN_CALL", "HELD"})
_AFTERWARDS: Final = frozenset({"WRAP_UP", "WRAP_OVER"})


class CallRow(NamedTuple):
    """A call of the campaign, as the books have it."""

    dialled_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    waiting_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    wrapped_at: datetime | None
    agent_id: UUID | None
    answered_by_human: bool
    abandoned: bool
    cause: str | None
    attempt_no: int


class ChangeRow(NamedTuple):
    """An agent's change, as the books have it; rows of one agent follow each other in time."""

    agent_id: UUID
    at: datetime
    status: str
    state: str
    link: str
    mode: str
    campaign_id: UUID | None


def day_from(
    calls: Sequence[CallRow],
    changes: Sequence[ChangeRow],
    campaign: UUID,
    settings: DaySettings,
    earlier: Sequence[tuple[datetime, DaySettings]] = (),
    planned: Mapping[UUID, Sequence[Period]] | None = None,
) -> RecordedDay | None:
    """The day of one campaign; None when nobody was dialled. Calls come in the order of dialling.

    `earlier`: settings and the instant until which they held, in order. `planned`: when agents were to be
    away, in order for each; those who were not there are passed over.
    """
    if not calls:
        return None
    zero = calls[0].dialled_at
    length_s = (calls[-1].dialled_at - zero).total_seconds() + LAST_S
    names = _Names()
    told = tuple(_call(row, zero, names) for row in calls)
    stays = tuple(_stays(changes, campaign, zero, length_s, names))
    return RecordedDay(
        length_s=length_s,
        calls=told,
        stays=stays,
        settings=settings,
        closed=tuple(_closed(told, stays, length_s)),
        segments=SEGMENTS,
        begins_ms=round(zero.timestamp() * 1000),
        earlier=tuple(
            Earlier((until - zero).total_seconds(), held) for until, held in earlier if until > zero
        ),
        planned=tuple(_planned(planned or {}, zero, names)),
    )


class _Names:
    """Numbers for agents: the simulation has no use for who they are."""

    def __init__(self) -> None:
        self._known: dict[UUID, int] = {}

    def of(self, agent: UUID) -> int:
        return self._known.setdefault(agent, len(self._known))

    def known(self, agents: Iterable[UUID]) -> Iterator[tuple[UUID, int]]:
        """Those of `agents` that have a number, with it."""
        return ((agent, self._known[agent]) for agent in agents if agent in self._known)


def _planned(
    planned: Mapping[UUID, Sequence[Period]], zero: datetime, names: _Names
) -> Iterator[Absence]:
    for agent, number in names.known(planned):
        for away in planned[agent]:
            begins, ends = ((at - zero).total_seconds() for at in (away.start, away.end))
            if ends > 0.0:
                yield Absence(number, begins, ends)


def _call(row: CallRow, zero: datetime, names: _Names) -> RecordedCall:
    def after(at: datetime | None) -> float | None:
        return None if at is None else (at - zero).total_seconds()

    return RecordedCall(
        dialled_s=(row.dialled_at - zero).total_seconds(),
        segment=int(row.attempt_no > 1),
        ringing_s=after(row.ringing_at),
        answered_s=after(row.answered_at),
        waiting_s=after(row.waiting_at),
        connected_s=after(row.connected_at),
        ended_s=after(row.ended_at),
        wrapped_s=after(row.wrapped_at),
        agent=None if row.agent_id is None else names.of(row.agent_id),
        person=row.answered_by_human,
        abandoned=row.abandoned,
        cancelled=row.cause == "CANCELLED",
    )


# --- who was there ---------------------------------------------------------------


def _stays(
    changes: Sequence[ChangeRow], campaign: UUID, zero: datetime, length_s: float, names: _Names
) -> Iterator[Stay]:
    by_agent: dict[UUID, list[ChangeRow]] = defaultdict(list)
    for row in changes:
        by_agent[row.agent_id].append(row)
    for agent, rows in by_agent.items():
        for begun, over in _spans(rows, campaign, zero, length_s):
            if over > 0.0 and begun < length_s:
                yield Stay(names.of(agent), max(0.0, begun), min(length_s, over))


def _spans(
    rows: Sequence[ChangeRow], campaign: UUID, zero: datetime, length_s: float
) -> Iterator[tuple[float, float]]:
    """From when until when one agent was there for the campaign.

    Who left after a call asked for it during that call, nobody knows when: half of it is taken.
    """
    begun: float | None = None
    work: float | None = None  # since when he has the call that he has
    for row in rows:
        at = (row.at - zero).total_seconds()
        here = _is_here(row, campaign)
        if here and begun is None:
            begun = at
        elif not here and begun is not None:
            yield begun, at if work is None else (work + at) / 2
            begun = None
        busy = row.state in _ENGAGED or row.state in _AFTERWARDS
        work = (at if work is None else work) if busy and here else None
    if begun is not None:
        yield begun, length_s


def _is_here(row: ChangeRow, campaign: UUID) -> bool:
    elsewhere = row.state in _ENGAGED | _AFTERWARDS and row.campaign_id not in {None, campaign}
    there = row.status == "READY" and row.link == "UP" and row.mode == "AUTO"
    return there and not elsewhere


# --- when nothing could be dialled -----------------------------------------------


def _closed(
    calls: Sequence[RecordedCall], stays: Sequence[Stay], length_s: float
) -> Iterator[Span]:
    """Long silences in which somebody was free: a closed window, a dry list, a stopped campaign."""
    instants = [call.dialled_s for call in calls] + [length_s]
    for before, after in pairwise(instants):
        if after - before > QUIET_S and _free_throughout(calls, stays, before + 30.0, after - 30.0):
            yield Span(before + 1.0, after)


def _free_throughout(
    calls: Iterable[RecordedCall], stays: Iterable[Stay], begun: float, over: float
) -> bool:
    there = {stay.agent for stay in stays if stay.from_s <= begun and stay.until_s >= over}
    for call in calls:
        until = call.wrapped_s if call.wrapped_s is not None else call.ended_s
        if (
            call.connected_s is not None
            and call.connected_s < over
            and (until is None or until > begun)
        ):
            there.discard(-1 if call.agent is None else call.agent)
    return bool(there)
