"""What pacing saw and decided, as plain data that can be kept and read again: a page a second.

Instants in a page are milliseconds from `origin_ms`, the beginning of its minute, so that what stands still
reads the same from second to second. No page names a customer, a call or an agent. The reader's half is
`app.pacing`; `view_of` gives a replay what pacing saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from math import inf
from typing import Any
from uuid import UUID

from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import Pace
from dialer.core.view import Answer, Doing, Ended, Handled, Line, Live, Seat, Stage, View

Page = dict[str, Any]
# What is told in a way of its own; every other figure of a view is written as it is.
TOLD = frozenset(
    {"mode", "now_s", "seats", "lines", "lives", "ended", "handled", "lost", "walked", "coming"}
    | {"left_s", "since_ms"}
)
FIGURES = tuple(each.name for each in fields(View) if each.name not in TOLD)
MOST_COMING = 64  # segments of coming leads that are written down
DIGITS = 4  # of a figure of the forecast
SHARES = 1_000  # an agent's share is written in thousandths
CALL_BITS = 2**32 - 1  # of a call's id, to tell the calls of one second apart


def page_of(view: View, limits: Limits, pace: Pace, origin_ms: int) -> Page:
    """One decision with what it rests on.

    `later`: lines that were opened after it in the same second. `news`: what happened since the page before.
    """
    now_ms = round(view.now_s * 1000)
    at = now_ms - origin_ms
    placed = {
        line.call.int & CALL_BITS: _line(line, at)
        for line in view.lines
        if isinstance(line.call, UUID)
    }
    return {
        "mode": view.mode.value,
        **{name: _short(getattr(view, name)) for name in FIGURES},
        "since_ms": view.since_ms if view.mode is Mode.RATIO else 0,
        "closes_at": at + _ms(view.left_s) if view.left_s > 0.0 else None,
        "limits": _limits(limits),
        "coming": list(view.coming[:MOST_COMING]),
        "seats": {n: _seat(seat, at) for n, seat in enumerate(view.seats)},
        "lines": placed,
        "asked": len(view.lines) - len(placed),
        "news": news_of(view),
        "pace": _pace(pace),
        "later": 0,
    }


def news_of(view: View) -> list[Any]:
    """What happened since the view before: calls live and ended, work done, idle agents gone, calls lost."""
    if not (view.lives or view.ended or view.handled or view.walked or view.lost):
        return []
    return [
        [[_short(value) for value in live] for live in view.lives],
        [[_short(value) for value in ended] for ended in view.ended],
        [[_short(value) for value in _flat(work)] for work in view.handled],
        view.walked,
        [[_short(value) for value in answer] for answer in view.lost],
    ]


def joined(earlier: Sequence[Any], later: Sequence[Any]) -> list[Any]:
    """The news of two views, one after the other."""
    if not (earlier and later):
        return [*earlier, *later]
    return [a + b for a, b in zip(earlier, later, strict=True)]


def view_of(page: Mapping[str, Any], at_ms: int, origin_ms: int) -> View:
    """What pacing saw at `at_ms`, but for which call is which."""
    at = at_ms - origin_ms
    lives, ended, handled, walked, lost = page["news"] or ((), (), (), 0, ())
    lines = [
        Line(call, Stage(stage), (at - dialed) / 1000, (at - since) / 1000, segment)
        for call, (stage, dialed, since, segment) in page["lines"].items()
    ]
    return View(
        mode=Mode(page["mode"]),
        now_s=at_ms / 1000,
        **{name: page[name] for name in FIGURES if name in page},
        since_ms=page["since_ms"],
        left_s=0.0 if page["closes_at"] is None else (page["closes_at"] - at) / 1000,
        coming=page["coming"],
        seats=[_sat(row, at) for row in page["seats"].values()],
        lines=[*lines, *[Line(None, Stage.SETUP, 0.0, 0.0)] * page["asked"]],
        lives=[Live(*row) for row in lives],
        ended=[Ended(*row) for row in ended],
        handled=[_unflat(row) for row in handled],
        walked=walked,
        lost=[Answer(*row) for row in lost],
    )


def limits_of(page: Mapping[str, Any]) -> Limits:
    """The limits that held."""
    return Limits(**page["limits"])


def _flat(work: Handled) -> tuple[Any, ...]:
    return work[:-1] if work.answer is None else (*work[:-1], *work.answer)


def _unflat(row: Sequence[Any]) -> Handled:
    talk, wrap, person, stays, *answer = row
    return Handled(talk, wrap, person, stays, Answer(*answer) if answer else None)


@lru_cache(maxsize=1_000)
def _limits(limits: Limits) -> dict[str, Any]:
    return asdict(limits)


def _line(line: Line, at: int) -> list[int]:
    return [line.stage.value, at - _ms(line.age_s), at - _ms(line.for_s), line.segment]


def _seat(seat: Seat, at: int) -> list[Any]:
    leaves = None if seat.leaves_in_s == inf else at + _ms(seat.leaves_in_s)
    if seat.leaves_in_s <= 0.0:
        leaves = 0  # after this call: the instant is not known
    return [
        seat.doing.value,
        at - _ms(seat.for_s),
        _ms(seat.talked_s),
        round(SHARES * seat.share),
        leaves,
    ]


def _sat(row: Sequence[Any], at: int) -> Seat:
    doing, since, talked, share, leaves = row
    left = inf if leaves is None else max(0.0, (leaves - at) / 1000)
    return Seat(Doing(doing), (at - since) / 1000, talked / 1000, share / SHARES, left)


def _pace(pace: Pace) -> dict[str, Any]:
    told = {"lines": pace.lines, "because": pace.because.value, "cancelled": len(pace.cancel)}
    if pace.forecast is not None:
        told |= {name: _short(value) for name, value in pace.forecast._asdict().items()}
    return told


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _short(value: Any) -> Any:
    """A figure in so many digits as anybody will read; whatever is no figure as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
