"""The day's abandoned calls as a budget, and the price at which a further call is still opened.

The price is P(one more live call costs an abandoned one) that is accepted. It is held nearly constant,
for time is worth the same all day: a slow integral moves it until what is abandoned meets the target,
and what is left of the budget for the live calls still expected scales it. It is in proportion to the target:
a campaign with a third of the target begins at a third of the price, and one whose target is changed
goes on at the price that belongs to the new one. Nothing here brakes: a brake wastes the day (VICIdial's
adaptive modes are the example).

A day begins below its price, so that what is put by in the first hour keeps the share abandoned so far under
the target all day. The integral makes up for it call by call, in a large team within minutes; a small one
would need the whole day, and begins nearly at the price (decisions/0035).
"""

from dataclasses import dataclass, field
from math import exp, log
from typing import Any

from dialer.core.campaign import Limits
from dialer.core.people import People
from dialer.core.view import View

USUAL_TARGET = 0.03  # prices are told as they are at this one
FIRST_PRICE = 0.05  # before a day begins below it
CARE = 0.6  # of its price: at that a very large team begins the day
FEW = 3.3  # agents: a team of so many begins at twice that, were it not more than all
GAIN = 0.03  # of log price, for each abandoned call too many or too few
LEAST_PRICE, MOST_PRICE = 0.003, 0.7  # at the usual target, as the first
MOST_SURE = 0.9  # whatever the target, no price is higher
LEAST_SCALE, MOST_SCALE = 0.05, 3.0  # of the price, by what is left for each call to come
RESERVE = 1.5  # abandoned calls kept back from the limit,
RESERVE_S = 120.0  # or as many as it allows in so many seconds, if that is more (large teams)
DOUBT = 2.5  # standard errors of the number of people abandoned that are kept back besides
SHORT = 0.5  # of the target: with less left for each call to come the budget is said to bind
USUAL_PER_S = 0.85 / 111.0  # live calls of an agent, before anything is known
USUAL_FOR_S = 600.0  # what is usual counts as if it had been seen for so long
PACE_HALF_S = 3_600.0  # what the live calls' pace was before is forgotten with this half-life


@dataclass(slots=True)
class Budget:
    """The controller's state and what it judges by."""

    log_price: float = log(FIRST_PRICE)  # at the usual target
    people: People = field(default_factory=People)
    answered: int = 0  # as of the last view
    abandoned: int = 0
    lives: float = 0.0  # live calls, decayed
    seconds: float = 0.0  # of dialling, decayed
    target: float = 0.0  # share of the live calls to come that may be abandoned
    price: float = FIRST_PRICE
    short: bool = False  # less is left for each call to come than the target
    team: int = 0  # the most agents at once today

    def begin(self, view: View) -> None:
        """Take what the day has had before this brain as given."""
        self.answered, self.abandoned = view.answered, view.abandoned

    def steer(self, view: View, limits: Limits, elapsed_s: float, answering: float) -> None:
        """Set the price for this tick, `elapsed_s` after the last one. `answering` as of `People`."""
        aim = min(limits.abandon_target_pct, limits.abandon_limit_pct) / 100.0
        hard = limits.abandon_limit_pct / 100.0
        self.people.learn(view, answering)
        count = self.people.count(view)
        more = max(0, view.answered - self.answered)
        worse = max(0, view.abandoned - self.abandoned)
        self.answered, self.abandoned = view.answered, view.abandoned
        per_s = self._pace(view, more * count.share, elapsed_s)
        coming = max(1.0, per_s * max(1.0, view.left_s))
        kept = max(RESERVE, RESERVE_S * per_s * hard) + DOUBT * count.error
        whole = count.live + coming
        left = min(aim * whole, hard * whole - kept) - count.abandoned
        wanted = left / coming
        self.target = min(max(wanted, LEAST_SCALE * aim), MOST_SCALE * aim)
        self.log_price += GAIN * (more * self.target - worse)
        self.log_price = min(max(self.log_price, log(LEAST_PRICE)), log(MOST_PRICE))
        self.short = wanted < SHORT * aim
        spent = wanted <= 0.0 or aim <= 0.0
        self.team = max(self.team, view.agents)
        usual = exp(self.log_price) * _care(self.team)
        price = min(MOST_SURE, usual * self.target / USUAL_TARGET)
        self.price = 0.0 if spent else price

    def _pace(self, view: View, lives: float, elapsed_s: float) -> float:
        """Live calls a second, by the day so far."""
        keep = 0.5 ** (elapsed_s / PACE_HALF_S)
        self.lives = self.lives * keep + lives
        self.seconds = self.seconds * keep + elapsed_s
        usual = view.agents * USUAL_PER_S * USUAL_FOR_S
        return (self.lives + usual) / (self.seconds + USUAL_FOR_S)

    def next_day(self) -> "Budget":
        """A new day's: it begins below the price that this one has come to, with nothing spent."""
        return Budget(log_price=self.log_price + log(_care(self.team)))

    @property
    def spent(self) -> bool:
        """Whether nothing is left for the calls to come: no line beyond one for each free agent."""
        return self.price <= 0.0

    def dump(self) -> dict[str, Any]:
        """As plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "people"}
        return plain | {"people": self.people.dump()}

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "Budget":
        """What `dump` gave."""
        return cls(**(plain | {"people": People.load(plain["people"])}))


def _care(team: int) -> float:
    """The share of its price at which a team of so many begins a day."""
    return min(1.0, CARE * (1.0 + FEW / max(1, team)))
