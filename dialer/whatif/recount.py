"""The figures of the day that happened, counted from its record as a simulated day counts its own. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dialer.whatif.books import Books
from dialer.whatif.learn import is_live

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.whatif.rules import RecordedCall, RecordedDay, Stay


def recount(day: RecordedDay) -> Books:
    """The day's books. A stay that ended with a call is closed when that call was wrapped up."""
    books = Books(day.length_s)
    for call in day.calls:
        _count(books, call, day.length_s)
    handled = _handled(day)
    for agent, stays in _by_agent(day.stays).items():
        _floor(books, stays, handled.get(agent, []))
    return books


def _count(books: Books, call: RecordedCall, length_s: float) -> None:
    books.line(call.dialled_s, length_s if call.ended_s is None else call.ended_s)
    if is_live(call):
        at = next(t for t in (call.waiting_s, call.answered_s, call.dialled_s) if t is not None)
        books.person(at)
        if call.abandoned:
            books.abandoned(at)


def _by_agent(stays: Iterable[Stay]) -> dict[int, list[Stay]]:
    found = defaultdict(list)
    for stay in sorted(stays, key=lambda each: each.from_s):
        found[stay.agent].append(stay)
    return found


def _handled(day: RecordedDay) -> dict[int, list[tuple[float, float]]]:
    """By agent: from when until when each person and his wrap-up had him, in order."""
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for call in day.calls:
        if call.agent is None or call.connected_s is None:
            continue
        over = next((t for t in (call.wrapped_s, call.ended_s) if t is not None), day.length_s)
        found[call.agent].append((call.connected_s, over))
    for spans in found.values():
        spans.sort()
    return found


def _floor(books: Books, stays: Sequence[Stay], handled: Sequence[tuple[float, float]]) -> None:
    """Walk through one agent's day: what is not with a person is waiting for one."""
    for stay in stays:
        mine = [span for span in handled if stay.from_s <= span[0] < stay.until_s]
        free = stay.from_s
        for begun, over in mine:
            books.on_floor(free, begun, busy=False)
            books.connected(begun, free)
            books.on_floor(max(free, begun), over, busy=True)
            free = max(free, over)
        books.on_floor(free, stay.until_s, busy=False)
