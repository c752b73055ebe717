"""When each call in flight will be live, when each agent will be free: chances over the next half minute.

One row for each call or agent, one column for each instant of `AHEAD_S`. Calls go through set-up,
ringing and detection as competing risks by their age there; an agent's talk and wrap-up are survival
curves by the time already spent. All rows together are what the next call competes with (`chance`).
"""

from collections.abc import Sequence
from math import inf

import numpy as np

from dialer.core.curves import CHECK_S, DIAL_S, SETUP_S, SHORT_S, TALK_EDGES, WRAP_S, Rates
from dialer.core.hazards import Floats, after, incidence, onward, survival
from dialer.core.view import Doing, Line, Seat, Stage

HORIZON_S = 30
AHEAD_S = np.array([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 19, 22, 26, 30])
SPAN_S = HORIZON_S + 6  # agents matter this much longer: a person waits for them
MOST = 0.97  # no call is surer than this to become a person before it was answered


class Tables:
    """Chances by state and age, drawn once from rates and read by every forecast until the next."""

    def __init__(self, rates: Rates) -> None:
        live, alive = incidence(rates.ring_live, rates.ring_else)
        n = len(live)
        checked = onward(live, alive) @ after(rates.live_check, n)  # by seconds from now
        by_age = np.cumsum(checked, axis=1)[:, :HORIZON_S]
        from_ring = np.append(checked[0], np.zeros(HORIZON_S))[:HORIZON_S]
        self.live_rate = rates.ring_live
        self.ringing = np.vstack((by_age, np.zeros(HORIZON_S)))[:, AHEAD_S - 1]
        rings, unrung = incidence(rates.setup_rings, rates.setup_ends)
        soon = onward(rings, unrung) @ after(from_ring, HORIZON_S)[:SETUP_S]
        self.setup = np.cumsum(soon, axis=1)[:, AHEAD_S - 1]
        self.live_left = _left(rates.live_check)
        self.dead_left = _left(rates.dead_check)
        self.live_if_answered = rates.live_if_answered
        self.wrap = survival(rates.wrap)
        self.short_wrap = survival(rates.short_wrap)
        self.talk = _freed(rates, self.wrap, self.short_wrap)

    # --- calls ---

    def new_call(self) -> Floats:
        """P(live within ...) of a call dialled now, were answers as usual."""
        row: Floats = self.setup[0]
        return row

    def calls(self, lines: Sequence[Line], factor: Floats) -> Floats:
        """P(live within ...) of each of these lines, in the order of `by_stage`.

        `factor`: how much more often than usual people answer, by segment.
        """
        parts = [
            self._unanswered(self.setup, lines, Stage.SETUP, factor),
            self._unanswered(self.ringing, lines, Stage.RINGING, factor),
            self._answered([x for x in lines if x.stage is Stage.ANSWERED]),
        ]
        return np.concatenate(parts)

    def _unanswered(
        self, table: Floats, lines: Sequence[Line], stage: Stage, factor: Floats
    ) -> Floats:
        those = [x for x in lines if x.stage is stage]
        ages = [min(len(table) - 1, int(x.for_s)) for x in those]
        more = factor[[x.segment for x in those]]
        return np.minimum(MOST, table[ages] * more[:, None])

    def _answered(self, lines: list[Line]) -> Floats:
        """By Bayes: silence so far speaks for the slower of person and machine."""
        if not lines:
            return np.empty((0, len(AHEAD_S)))
        spent = np.array([min(CHECK_S, int(x.for_s)) for x in lines])
        dial = [min(DIAL_S - 1, max(0, int(x.age_s - x.for_s))) for x in lines]
        live = self.live_if_answered[dial] * self.live_left[spent]
        dead = (1.0 - self.live_if_answered[dial]) * self.dead_left[spent]
        then = np.minimum(CHECK_S, spent[:, None] + AHEAD_S)
        told = 1.0 - self.live_left[then] / self.live_left[spent][:, None]
        found: Floats = (live / (live + dead))[:, None] * told
        return found

    # --- agents ---

    def busy(self, seats: Sequence[Seat], stay: float, wait_s: float) -> Floats:
        """P(not free within ... and `wait_s` more) of each agent, in the order idle, talk, wrap-up.

        `stay`: the share who take another call after wrap-up.
        """
        then = np.minimum(AHEAD_S + int(wait_s), SPAN_S - 1)
        order = sorted(seats, key=_doing)
        idle = np.zeros((sum(1 for s in seats if s.doing is Doing.IDLE), len(AHEAD_S)))
        rows = np.concatenate(
            (idle, self._talking(seats, stay, then), self._wrapping(seats, stay, then))
        )
        share = np.array([s.share for s in order])
        leaves = np.array([s.leaves_in_s for s in order])
        if share.min(initial=1.0) < 1.0:
            rows = 1.0 - share[:, None] * (1.0 - rows)
        if leaves.min(initial=inf) <= then[-1]:
            rows[leaves[:, None] <= then] = 1.0
        return rows

    def _talking(self, seats: Sequence[Seat], stay: float, then: Floats) -> Floats:
        ages = np.array([s.for_s for s in seats if s.doing is Doing.TALK])
        bins = np.maximum(0, np.searchsorted(TALK_EDGES, ages, side="right") - 1)
        rows: Floats = 1.0 - stay * self.talk[bins][:, then]
        return rows

    def _wrapping(self, seats: Sequence[Seat], stay: float, then: Floats) -> Floats:
        those = [s for s in seats if s.doing is Doing.WRAP]
        if not those:
            return np.empty((0, len(AHEAD_S)))
        short = np.array([s.talked_s < SHORT_S for s in those])
        spent = np.array([min(WRAP_S - 1, int(s.for_s)) for s in those])
        at = np.minimum(spent[:, None] + then, WRAP_S)
        now = np.where(short, self.short_wrap[spent], self.wrap[spent])
        later = np.where(short[:, None], self.short_wrap[at], self.wrap[at])
        rows: Floats = 1.0 - stay * (1.0 - later / np.maximum(now, 1e-9)[:, None])
        return rows


def by_stage(lines: Sequence[Line]) -> list[Line]:
    """Those that have no person yet, in the order of their stages."""
    return sorted((x for x in lines if x.stage is not Stage.QUEUED), key=_stage)


def _stage(line: Line) -> Stage:
    return line.stage


def _doing(seat: Seat) -> Doing:
    return seat.doing


def _left(density: Floats) -> Floats:
    """P(not decided yet) after so many whole seconds of detection."""
    left: Floats = np.append(1.0, 1.0 - np.cumsum(density)).clip(1e-6)
    return left


def _freed(rates: Rates, wrap: Floats, short_wrap: Floats) -> Floats:
    """P(talk and wrap-up both over within column seconds), by bin of the talk so far."""
    ends = np.exp(-rates.talk[:, None] * np.arange(SPAN_S)) * (1.0 - np.exp(-rates.talk))[:, None]
    done = [1.0 - curve[:SPAN_S] for curve in (wrap, short_wrap)]
    long, short = (ends @ after(each, SPAN_S) for each in done)
    brief = (TALK_EDGES < SHORT_S - 2.0)[:, None]
    freed = np.where(brief, short, long)
    return np.hstack((np.zeros((len(freed), 1)), freed[:, :-1]))
