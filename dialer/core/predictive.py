"""Predictive pacing: open lines as long as one more is unlikely to cost an abandoned call.

The forecast gives the chance that no agent is left at each instant ahead (`chance`); the budget gives
the price up to which that chance is accepted. After D. A. Samuelson, Predictive dialing for outbound
telephone call centers, Interfaces 29(5), 1999, with every call and agent by its own age.
"""

from typing import NamedTuple

import numpy as np

from dialer.core.brain import Brain
from dialer.core.campaign import Limits
from dialer.core.chance import crowd, price
from dialer.core.forecast import MOST, Tables
from dialer.core.hazards import Floats
from dialer.core.view import View


class Forecast(NamedTuple):
    """The figures behind a decision, for people who ask why."""

    freed: float  # agents expected to become free before a call dialled now is answered
    arrivals: float  # live calls expected from the lines in flight
    chance: float  # P(a call dialled now finds no agent, or takes one from a later call)
    price: float  # up to which that is accepted
    target: float  # share of the live calls to come that may be abandoned
    answering: float  # how much more often than usual people answer just now
    live: float  # P(a call dialled now will be live)


def foresee(view: View, limits: Limits, brain: Brain, most: int) -> tuple[int, Forecast]:
    """How many lines to open, at most `most`, and the figures behind it."""
    tables, budget = brain.tables, brain.budget
    factor = brain.answering.common * brain.answering.segments()
    coming = tables.calls(view.lines, factor)
    busy = tables.busy(view.seats, brain.stay, 0.0, limits.connect_threshold_ms / 1000)
    places = view.agents - view.waiting
    new, arrives, live = _new_call(tables)
    if places <= 0 or live <= 0.0:
        return 0, _figures(coming, busy, brain, view, (1.0, live))
    others = crowd(np.vstack((coming, busy)), places)
    cost = first = price(others.full(), arrives)
    lines = 0
    while lines < most and cost <= budget.price:
        others.add(np.minimum(MOST, new * factor[_segment(view, lines)]))
        lines += 1
        cost = price(others.full(), arrives)
    return lines, _figures(coming, busy, brain, view, (first, live))


def _new_call(tables: Tables) -> tuple[Floats, Floats, float]:
    """P(live within ...) of a new call, the density of its arrival, and P(live)."""
    row = tables.new_call()
    steps = np.diff(row, prepend=0.0)
    live = float(steps.sum())
    return row, steps / max(live, 1e-12), live


def _segment(view: View, ahead: int) -> int:
    return view.coming[min(ahead, len(view.coming) - 1)] if view.coming else 0


def _figures(
    coming: Floats, busy: Floats, brain: Brain, view: View, call: tuple[float, float]
) -> Forecast:
    half = busy.shape[1] // 2
    idle = float((1.0 - busy[:, half]).sum())
    return Forecast(
        freed=idle - view.free,
        arrivals=float(coming[:, -1].sum()),
        chance=call[0],
        price=brain.budget.price,
        target=brain.budget.target,
        answering=brain.answering.common,
        live=call[1],
    )
