"""The day's abandoned calls as a budget, and the price at which a further call is still opened.

The price is P(one more live call costs an abandoned one) that is accepted. It is held nearly constant,
for time is worth the same all day: a slow integral moves it until what is abandoned meets the target,
and what is left of the budget for the live calls still expected scales it. Nothing here brakes: a brake
wastes the day (VICIdial's adaptive modes are the example).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any

from dialer.core.campaign import Limits
from dialer.core.view import Handled, View

FIRST_PRICE = 0.05
GAIN = 0.03  # of log price, for each abandoned call too many or too few
LEAST_PRICE, MOST_PRICE = 0.005, 0.6
RESERVE = 1.5  # abandoned calls kept back from the limit
SHORT = 0.5  # of the target: with less left for each call to come the budget is said to bind
USUAL_PER_S = 0.85 / 111.0  # live calls of an agent, before anything is known
USUAL_FOR_S = 600.0  # what is usual counts as if it had been seen for so long
PACE_HALF_S = 3_600.0  # what the live calls' pace was before is forgotten with this half-life


@dataclass(slots=True)
class Budget:
    """The controller's state and what it judges by."""

    log_price: float = log(FIRST_PRICE)
    answered: int = 0  # as of the last view
    abandoned: int = 0
    handled: float = 4.0  # calls that agents finished, with a prior
    machines: float = 0.0  # of those: no person
    lives: float = 0.0  # live calls, decayed
    seconds: float = 0.0  # of dialling, decayed
    target: float = 0.0  # share of the live calls to come that may be abandoned
    price: float = FIRST_PRICE
    short: bool = False  # less is left for each call to come than the target

    def begin(self, view: View) -> None:
        """Take what the day has had before this brain as given."""
        self.answered, self.abandoned = view.answered, view.abandoned

    def learn(self, handled: Sequence[Handled]) -> None:
        """Agents tell which calls were machines after all."""
        self.handled += len(handled)
        self.machines += sum(1 for work in handled if not work.person)

    def steer(self, view: View, limits: Limits, elapsed_s: float) -> None:
        """Set the price for this tick, `elapsed_s` after the last one."""
        limit = min(limits.abandon_target_pct, limits.abandon_limit_pct) / 100.0
        hard = limits.abandon_limit_pct / 100.0
        persons = 1.0 - self.machines / self.handled
        live = view.answered * persons
        lost = view.hung_up + (view.abandoned - view.hung_up) * persons
        more = max(0, view.answered - self.answered)
        worse = max(0, view.abandoned - self.abandoned)
        self.answered, self.abandoned = view.answered, view.abandoned
        coming = self._coming(view, more * persons, elapsed_s)
        left = min(limit * (live + coming), hard * (live + coming) - RESERVE) - lost
        wanted = left / coming
        self.target = min(max(wanted, 0.2 * limit), 3.0 * limit)
        self.log_price += GAIN * (more * self.target - worse)
        self.log_price = min(max(self.log_price, log(LEAST_PRICE)), log(MOST_PRICE))
        scale = min(2.0, max(0.3, self.target / limit)) if limit > 0.0 else 0.0
        self.short = wanted < SHORT * limit
        self.price = 0.0 if wanted <= 0.0 else min(0.9, exp(self.log_price) * scale)

    def _coming(self, view: View, lives: float, elapsed_s: float) -> float:
        """Live calls still expected today, by their pace so far."""
        keep = 0.5 ** (elapsed_s / PACE_HALF_S)
        self.lives = self.lives * keep + lives
        self.seconds = self.seconds * keep + elapsed_s
        usual = view.agents * USUAL_PER_S * USUAL_FOR_S
        per_s = (self.lives + usual) / (self.seconds + USUAL_FOR_S)
        return max(1.0, per_s * max(1.0, view.left_s))

    @property
    def spent(self) -> bool:
        """Whether nothing is left for the calls to come: no line beyond one for each free agent."""
        return self.price <= 0.0

    def dump(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "Budget":
        """What `dump` gave."""
        return cls(**plain)
