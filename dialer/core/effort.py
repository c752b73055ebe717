"""One campaign in the room: its settings beside what is going on in it. Mutable; moved by the room only."""

from collections import Counter, deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dialer.core.brain import Brain
from dialer.core.campaign import Campaign, Limits, Tally
from dialer.core.estimate import Estimates
from dialer.core.flow import Flow
from dialer.core.pacing import Because, Pace
from dialer.core.view import ONE_TO_ONE, Answer, Ended, Handled, Live, View

LATE_MS = 1_000  # a pop painted later than this after assignment is late (decisions.md 19)
ROUGH_MS = 50  # a paint whose instant is less certain than this is counted apart (decisions.md 18)
KEPT_POPS = 1_000  # of each campaign, for its percentiles
KEPT_TRIES = 8  # of the lines opened last: the next ones are like them
DAY_MS = 86_400_000
DRY_FOR_MS = 15_000  # an empty list is asked again after this long


Milliseconds = NDArray[np.int64]


def _no_pops() -> Milliseconds:
    return np.zeros(KEPT_POPS, np.int64)


@dataclass(slots=True)
class Pops:
    """How fast screens reached the glass."""

    n: int = 0  # painted, with a certain instant
    missed: int = 0  # not received within the limit (decisions.md 6)
    rough: int = 0  # painted, with an uncertain instant; not in the percentiles
    late: int = 0  # painted late, or never
    _ring: Milliseconds = field(default_factory=_no_pops, compare=False)

    @property
    def latest(self) -> Milliseconds:
        """The last `KEPT_POPS` of them, ms, in no order."""
        return self._ring[: min(self.n, KEPT_POPS)]

    def painted(self, pop_ms: int, error_ms: int) -> None:
        """One more paint, `pop_ms` after its assignment."""
        self.late += pop_ms > LATE_MS
        if error_ms > ROUGH_MS:
            self.rough += 1
            return
        self._ring[self.n % KEPT_POPS] = max(0, pop_ms)
        self.n += 1

    def never(self) -> None:
        """One that was published and not painted by the end of its call."""
        self.late += 1


@dataclass(slots=True)
class News:
    """What happened since pacing looked last."""

    lives: list[Live] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    lost: list[Answer] = field(default_factory=list)  # calls that nobody took in time
    walked: int = 0  # idle agents who left


def _no_pace() -> Pace:
    return Pace(0, Because.NOT_RUNNING)


@dataclass(slots=True)
class Effort:
    """A campaign, its day and its pace."""

    campaign: Campaign
    day: Tally
    day_ends_at: int
    leads_left: int
    stopped: bool = False  # by a person
    pending: int = 0  # lines asked for and not yet answered for
    dry_until: int = 0  # no lead was due: not asked again before
    ratio: float = ONE_TO_ONE
    decided_at: int = 0
    pace: Pace = field(default_factory=_no_pace)
    view: View | None = None  # what the pace rests on
    estimates: Estimates = field(default_factory=Estimates)
    brain: Brain = field(default_factory=Brain)
    news: News = field(default_factory=News)
    flow: Flow = field(default_factory=Flow)
    starved: bool = False  # at the last decision the carrier's calls per second cut it
    hung_up: int = 0  # today: people who left while they waited, before the limit
    tried: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT_TRIES))  # groups of late
    pops: Pops = field(default_factory=Pops)
    refused: Counter[str] = field(default_factory=Counter)  # today, by rule

    @classmethod
    def of(cls, campaign: Campaign) -> "Effort":
        """Begin with what the store counted today."""
        return cls(campaign, campaign.today, campaign.day_ends_at_ms, campaign.leads_left)

    def reload(self, campaign: Campaign) -> None:
        """Take changed settings. The day's own counts stay unless a new day has begun."""
        self.campaign = campaign
        self.leads_left = campaign.leads_left
        self.dry_until = 0
        if campaign.day_ends_at_ms > self.day_ends_at:
            self.begin_day(campaign.today, campaign.day_ends_at_ms)

    def turn_day(self, now: int) -> None:
        """Begin a new business day when the last one is over."""
        while now >= self.day_ends_at:
            self.begin_day(Tally(), self.day_ends_at + DAY_MS)

    def begin_day(self, tally: Tally, ends_at: int) -> None:
        """Set the day's counts."""
        self.day, self.day_ends_at = tally, ends_at
        self.brain = self.brain.next_day()
        self.hung_up = 0
        self.refused.clear()
        self.pops = Pops()

    @property
    def over_window(self) -> tuple[int, int]:
        """Answered and abandoned of the whole window that the law judges by, today included."""
        before = self.campaign.before
        return before.answered + self.day.answered, before.abandoned + self.day.abandoned

    @property
    def limits(self) -> Limits:
        """The campaign's limits; nothing may be abandoned while earlier days have overdrawn the window.

        What today alone has overdrawn is pacing's to bring back: its budget holds the whole day.
        """
        limits, before = self.campaign.limits, self.campaign.before
        share = limits.abandon_limit_pct / 100.0
        answered, abandoned = self.over_window
        overdrawn = before.abandoned > share * before.answered
        if not overdrawn or abandoned <= share * answered:
            return limits
        return replace(limits, abandon_limit_pct=0.0, abandon_target_pct=0.0)

    def take_news(self) -> News:
        """What happened since the last time; each piece is told once."""
        news, self.news = self.news, News()
        return news

    def count(self, *, dialed: int = 0, answered: int = 0, abandoned: int = 0) -> None:
        """Add to the day."""
        self.day = replace(
            self.day,
            dialed=self.day.dialed + dialed,
            answered=self.day.answered + answered,
            abandoned=self.day.abandoned + abandoned,
        )

    def count_promise(self, change: int) -> None:
        """One promise more, or one taken back."""
        self.day = replace(self.day, promises=max(0, self.day.promises + change))
