"""All that pacing remembers of one campaign from view to view: learned curves and the controller.

Plain data: `dump` gives what msgpack or JSON can carry, and a brain that was loaded from it decides as
the old one would have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialer.core.answering import Answering
from dialer.core.budget import Budget
from dialer.core.curves import Curves, Rates
from dialer.core.forecast import Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialer.core.campaign import Limits
    from dialer.core.view import Handled, View

FORMAT = 5
REDRAWN_S = 5.0  # rates and tables are drawn anew after so long
LONGEST_GAP_S = 5.0  # between views; what is longer counts as this
LEAVES_HALF_S, LEAVES_PRIOR, LEAVES_SHARE = 120.0, 20.0, 0.004  # of wrap-ups that end in a break


class Brain:
    """One campaign's memory."""

    def __init__(self) -> None:
        self.curves = Curves()
        self.answering = Answering()
        self.budget = Budget()
        self.now_s: float | None = None
        self.drawn_s: float | None = None
        self.left, self.done = LEAVES_SHARE * LEAVES_PRIOR, LEAVES_PRIOR  # wrap-ups, decayed
        self.seen = 0  # calls learned of since it began
        self.schooled = False  # it began with what earlier days taught
        self._rates: Rates | None = None
        self._tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """What forecasts read, as of the last time it was drawn."""
        if self._tables is None:
            if self._rates is None:
                self._rates = self.curves.rates([], [], 25.0)
            self._tables = Tables(self._rates)
        return self._tables

    @property
    def stay(self) -> float:
        """The share of agents who take another call after wrap-up."""
        return 1.0 - self.left / self.done

    def observe(self, view: View, limits: Limits) -> None:
        """Take in what happened since the last view. A view that is no later adds no time."""
        first = self.now_s is None
        elapsed = 0.0 if self.now_s is None else max(0.0, view.now_s - self.now_s)
        elapsed = min(elapsed, LONGEST_GAP_S)
        self.now_s = view.now_s
        for live in view.lives:
            self.curves.take_live(live)
        for ended in view.ended:
            self.curves.take_ended(ended)
        for work in view.handled:
            self.curves.take_handled(work)
        self.seen += len(view.lives) + len(view.ended)
        self._see_leaving(view.handled, elapsed)
        self.answering.watch(view.lines, view.lives, self.tables.live_rate, elapsed)
        if first:
            self.budget.begin(view)
        self.budget.steer(view, limits, elapsed, self.answering.common)
        if self.drawn_s is None or not 0.0 <= view.now_s - self.drawn_s < REDRAWN_S:
            self._draw(view)

    def _see_leaving(self, handled: Sequence[Handled], elapsed: float) -> None:
        keep = 0.5 ** (elapsed / LEAVES_HALF_S)
        usual = LEAVES_SHARE * LEAVES_PRIOR
        self.left = usual + (self.left - usual) * keep + sum(1 for w in handled if not w.stays)
        self.done = LEAVES_PRIOR + (self.done - LEAVES_PRIOR) * keep + len(handled)

    def _draw(self, view: View) -> None:
        if self.drawn_s is not None:
            self.curves.forget(min(60.0, abs(view.now_s - self.drawn_s)))
        self.drawn_s = view.now_s
        self._rates = self.curves.rates(view.lines, view.seats, view.ring_timeout_s)
        self._tables = Tables(self._rates)

    # --- keeping ---

    def dump(self) -> dict[str, Any]:
        """Everything, as plain dicts, lists and numbers."""
        return {
            "format": FORMAT,
            "curves": self.curves.dump(),
            "answering": self.answering.dump(),
            "budget": self.budget.dump(),
            "now_s": self.now_s,
            "drawn_s": self.drawn_s,
            "left": self.left,
            "done": self.done,
            "seen": self.seen,
            "schooled": self.schooled,
            "rates": None if self._rates is None else self._rates.dump(),
        }

    @classmethod
    def load(cls, plain: dict[str, Any]) -> Brain:
        """What `dump` gave. Raises `ValueError` when it is of another format: begin anew then."""
        if plain.get("format") != FORMAT:
            raise ValueError(f"a brain of format {plain.get('format')!r}, not {FORMAT}: begin anew")
        brain = cls()
        brain.curves = Curves.load(plain["curves"])
        brain.answering = Answering.load(plain["answering"])
        brain.budget = Budget.load(plain["budget"])
        brain.now_s, brain.drawn_s = plain["now_s"], plain["drawn_s"]
        brain.left, brain.done = plain["left"], plain["done"]
        brain.seen, brain.schooled = plain["seen"], plain["schooled"]
        brain._rates = None if plain["rates"] is None else Rates.load(plain["rates"])
        return brain

    def next_day(self) -> Brain:
        """A new day's brain: it begins with this one's curves and price, and with nothing spent."""
        brain = Brain()
        brain.curves = self.curves
        brain.budget = self.budget.next_day()
        brain.seen, brain.schooled = self.seen, self.schooled
        return brain
