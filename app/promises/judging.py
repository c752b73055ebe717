"""How money meets promises (domain.md 6.1): first in, first out by due date; each đồng counts once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.promises.rules import JUDGED, UNFULFILLED, PromiseState

COUNTING: Final = JUDGED | {PromiseState.OPEN}
"""States whose promises take money; a moved or withdrawn one takes none."""


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise as it is judged; the window is half open: made at `opens`, too late from `ends` on."""

    id: UUID
    state: str
    amount_minor: int
    required_minor: int
    opens: datetime
    ends: datetime
    heard_until: datetime | None = None

    def is_heard_again(self, now: datetime) -> bool:
        """Whether money of its window that is told only now still counts for a promise not kept."""
        return self.state in UNFULFILLED and self.heard_until is not None and now < self.heard_until


@dataclass(frozen=True, slots=True)
class Paid:
    """Money on the same loan, at the instant from which it counts."""

    amount_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a promise comes to: its state, what was paid in its window, and what came too late."""

    id: UUID
    state: str
    in_window_minor: int
    late_minor: int


def judge(promises: Sequence[Promised], payments: Sequence[Paid], now: datetime) -> list[Judgement]:
    """Judge the promises of one loan; `promises` in the order of their due dates, payments of time.

    An open one is KEPT at once when enough was paid; at its window's end PARTLY_KEPT with something
    paid, BROKEN with nothing. One that was judged keeps its state: paying late mends nothing. Money
    that was paid in time and told late is not late: until `heard_until` it makes the state better,
    never worse.
    """
    counting = [promise for promise in promises if promise.state in COUNTING]
    in_window = {promise.id: 0 for promise in counting}
    late = {promise.id: 0 for promise in counting}
    for paid in payments:
        left = paid.amount_minor
        for promise in counting:
            if promise.opens <= paid.at < promise.ends:
                take = min(left, promise.amount_minor - in_window[promise.id])
                in_window[promise.id] += take
                left -= take
        for promise in counting:
            if promise.ends <= paid.at and promise.state != PromiseState.KEPT:
                gap = promise.amount_minor - in_window[promise.id] - late[promise.id]
                take = min(left, gap)
                late[promise.id] += take
                left -= take
    return [
        Judgement(p.id, _state(p, in_window[p.id], now), in_window[p.id], late[p.id])
        for p in counting
    ]


def _state(promise: Promised, paid_minor: int, now: datetime) -> str:
    heard_again = promise.is_heard_again(now)
    if promise.state != PromiseState.OPEN and not heard_again:
        return promise.state
    if paid_minor >= promise.required_minor:
        return PromiseState.KEPT
    if heard_again:
        return PromiseState.PARTLY_KEPT if paid_minor else promise.state
    if now < promise.ends:
        return PromiseState.OPEN
    return PromiseState.PARTLY_KEPT if paid_minor else PromiseState.BROKEN
