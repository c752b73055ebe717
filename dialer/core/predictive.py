"""Predictive pacing: open lines as long as one more is unlikely to cost an abandoned call.

The forecast gives the chance that no agent is left at each instant ahead (`chance`); the budget gives
the price up to which that chance is accepted. After D. A. Samuelson, Predictive dialing for outbound
telephone call centers, Interfaces 29(5), 1999, with every call and agent by its own age.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from dialer.core.brain import Brain
from dialer.core.campaign import Limits
from dialer.core.chance import Crowd, crowd
from dialer.core.forecast import MOST, by_stage
from dialer.core.hazards import Floats
from dialer.core.view import Line, Stage, View

DEAR = 2.5  # times the price: a call in flight that costs more is taken back while it harms nobody
ABOUT_TO_RING_S = 2.0  # of set-up
RUNG_ENOUGH_S = 15.05  # the safe harbour's ring time (16 CFR 310.4(b)(4)(ii)), and a little
AT_ONCE = 32  # lines weighed together
PROMPT_S = 0.1  # the carrier's word is not later than this


class Forecast(NamedTuple):
    """The figures behind a decision, for people who ask why."""

    freed: float  # agents expected to become free before a call dialled now is answered
    arrivals: float  # live calls expected from the lines in flight
    chance: float  # P(a call dialled now finds no agent, or takes one from a later call)
    price: float  # up to which that is accepted
    target: float  # share of the live calls to come that may be abandoned
    answering: float  # how much more often than usual people answer just now
    live: float  # P(a call dialled now will be live)


class Foreseen(NamedTuple):
    """What predictive pacing would do, and why."""

    lines: int
    cancel: tuple[Hashable, ...]
    forecast: Forecast


def foresee(view: View, limits: Limits, brain: Brain, most: int) -> Foreseen:
    """How many lines to open, at most `most`, or which to take back; and the figures behind it."""
    tables, price = brain.tables, brain.budget.price
    factor = brain.answering.common * brain.answering.segments()
    lines = by_stage(view.lines)
    coming = tables.calls(lines, factor)
    busy = tables.busy(view.seats, brain.stay, limits.connect_threshold_ms / 1000)
    rows = np.concatenate((coming, busy))
    places = view.agents - view.waiting
    loose = _loose(lines, view.lag_s) if limits.take_back else []
    new = tables.new_call()
    if places <= 0 or new[-1] <= 0.0:
        found = _figures(coming, busy, brain, view, 1.0)
        return Foreseen(0, tuple(lines[at].call for at in loose), found)
    others = crowd(rows, places)
    first = others.cost(new)
    if price > 0.0 and (taken := _taken_back(rows, places, others, loose, price)):
        found = _figures(coming, busy, brain, view, first)
        return Foreseen(0, tuple(lines[at].call for at in taken), found)
    opened = _opened(view, others, new, factor, price, most)
    return Foreseen(opened, (), _figures(coming, busy, brain, view, first))


def _opened(view: View, others: Crowd, new: Floats, factor: Floats, price: float, most: int) -> int:
    """Open lines until one more costs more than the price."""
    opened = 0
    while opened < most:
        asked = range(opened, min(most, opened + AT_ONCE))
        rows = np.minimum(MOST, new * factor[[_segment(view, at) for at in asked]][:, None])
        admitted = others.admits(rows, new, price)
        opened += admitted
        if admitted < len(rows):
            break
    return opened


def _loose(lines: Sequence[Line], lag_s: float) -> list[int]:
    """Calls that may be taken back and harm nobody: about to ring, or having rung long enough.

    While a call does not ring, waiting costs nothing; so it is judged when it is about to. When the
    carrier's word comes late it may ring already, and is let ring.
    """
    return [
        at
        for at, line in enumerate(lines)
        if line.call is not None
        and (
            (line.stage is Stage.SETUP and line.for_s >= ABOUT_TO_RING_S and lag_s < PROMPT_S)
            or (line.stage is Stage.RINGING and line.for_s >= RUNG_ENOUGH_S)
        )
    ]


def _taken_back(
    rows: Floats, places: int, others: Crowd, loose: list[int], price: float
) -> list[int]:
    """Of the loose calls those that cost far more than a new one may, the dearest first."""
    taken: list[int] = []
    keep = np.ones(len(rows), bool)
    line = min(0.95, DEAR * price)
    while loose:
        costs = others.costs(rows[loose])
        dearest = int(np.argmax(costs))
        if costs[dearest] <= line:
            break
        at = loose.pop(dearest)
        taken.append(at)
        keep[at] = False
        others = crowd(rows[keep], places)
    return taken


def _segment(view: View, ahead: int) -> int:
    return view.coming[min(ahead, len(view.coming) - 1)] if view.coming else 0


def _figures(coming: Floats, busy: Floats, brain: Brain, view: View, chance: float) -> Forecast:
    half = busy.shape[1] // 2
    idle = float((1.0 - busy[:, half]).sum())
    return Forecast(
        freed=idle - view.free,
        arrivals=float(coming[:, -1].sum()),
        chance=chance,
        price=brain.budget.price,
        target=brain.budget.target,
        answering=brain.answering.common,
        live=float(brain.tables.new_call()[-1]),
    )
