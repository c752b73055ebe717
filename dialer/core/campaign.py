"""What the room knows of a campaign: its settings, limits, windows and the day's counts.

Read-only here. Loading is the business of `dialer.leads`; the legal limits are already applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Mode(StrEnum):
    """How hard a campaign is dialled (decisions.md 23). In MANUAL and PREVIEW an agent has each call made."""

    MANUAL = "MANUAL"
    PREVIEW = "PREVIEW"
    PROGRESSIVE = "PROGRESSIVE"
    RATIO = "RATIO"
    PREDICTIVE = "PREDICTIVE"
    AGENTLESS = "AGENTLESS"


class CampaignState(StrEnum):
    """Where a campaign stands (domain.md 5.7). Lines are opened in RUNNING only.

    WINDOW_CLOSED and THROTTLED are observed by the room and never loaded from the store.
    """

    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    WINDOW_CLOSED = "WINDOW_CLOSED"
    THROTTLED = "THROTTLED"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"


class AbandonClock(StrEnum):
    """From when the connect threshold runs (decisions.md 22)."""

    ANSWER = "ANSWER"
    GREETING_END = "GREETING_END"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far pacing may go. Ratios are lines in flight per agent; shares are of answered calls."""

    lines: int = 200  # most lines in flight at once; 0 opens none
    calls_per_second: int | None = None  # most calls placed within any second; None: no cap
    ratio_ceiling: float = 3.0  # lines per agent signed in and not paused, never above
    ratio_step: float = 0.1  # most growth of the ratio in one second (RATIO)
    min_agents: int = 8  # fewer: one line per free agent (RATIO)
    warmup_calls: int = 100  # fewer dialled today: one line per free agent (RATIO)
    abandon_target_pct: float = 2.0  # where pacing steers to
    abandon_limit_pct: float = 3.0  # reached: one line per free agent
    connect_threshold_ms: int = 2_000  # an answered person waits no longer for an agent
    take_back: bool = True  # calls that do not ring yet may be taken back (PREDICTIVE)
    reserve_ms: int = 2_000  # a reservation not answered by then is given back
    receipt_ms: int = 600  # a pop not received by then means a lost link (decisions.md 6)


@dataclass(frozen=True, slots=True)
class Retry:
    """When to try the same person again after one result."""

    delay_s: int
    max_attempts: int  # attempts of this campaign in all; the one that reaches it is the last


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open span in which dialling is allowed, ms; campaign and legal windows intersected."""

    opens_at_ms: int
    closes_at_ms: int

    def holds(self, now: int) -> bool:
        """Whether `now` (ms) lies inside."""
        return self.opens_at_ms <= now < self.closes_at_ms


@dataclass(frozen=True, slots=True)
class Tally:
    """What one campaign did on one business day."""

    dialed: int = 0
    answered: int = 0  # by a person, whether or not an agent was reached
    abandoned: int = 0  # of the answered
    promises: int = 0  # shown on the wall only


@dataclass(frozen=True, slots=True)
class Message:
    """What a recorded voice says: a text by language, or a recording that the carrier has."""

    texts: Mapping[str, str] = field(default_factory=dict)
    sound: str = ""  # empty: the text is read out

    def said(self, language: str, number: str) -> str:
        """The text in a language, else in Vietnamese, with the number that the customer sees."""
        text = self.texts.get(language) or self.texts.get("vi", "")
        return text.replace("{number}", number)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Settings of one campaign as the store knew them at `loaded_at_ms`."""

    id: UUID
    name: str
    mode: Mode
    state: CampaignState
    loaded_at_ms: int
    windows: tuple[Window, ...]  # current and coming ones, in order, for at least a day ahead
    day_ends_at_ms: int  # the business day to which `today` belongs
    limits: Limits = field(default_factory=Limits)
    priority: int = 0  # higher is served first
    wrapup_s: int = 20
    extend_s: int = 30
    max_extends: int = 10
    ring_timeout_s: int = 25  # >= 15 (safe harbour)
    preview_s: int = 60  # how long an agent may look at an offer
    preview_dials: bool = False  # at its end the call is made; otherwise the lead is given back
    abandon_clock: AbandonClock = AbandonClock.GREETING_END
    amd: bool = False
    detection: str = (
        ""  # how a machine is told from a person, in the carrier's words; empty: its own way
    )
    caller_ids: tuple[str, ...] = ()
    message: Message = field(default_factory=Message)
    reminder: Message = field(default_factory=Message)  # AGENTLESS: said to whoever answers
    retry: Mapping[str, Retry] = field(default_factory=dict)  # by cause; missing: done
    today: Tally = field(
        default_factory=Tally
    )  # counted from the store, so a restart keeps the budget
    before: Tally = field(
        default_factory=Tally
    )  # of the window that the law judges by, today left out
    window_days: int = 30  # how long that window is; 1: rolling 24 hours
    leads_left: int = 0  # still to be called today
    carrier_calls_per_second: int | None = None  # of all campaigns together; None: no cap

    @classmethod
    def gone(cls, campaign: UUID) -> "Campaign":
        """What stands for a campaign that the store does not name any more: nameless, never dialled."""
        return cls(campaign, "", Mode.MANUAL, CampaignState.ARCHIVED, 0, (), 0)

    def window(self, now: int) -> Window | None:
        """The window that holds `now` (ms), None outside of all."""
        return next((w for w in self.windows if w.holds(now)), None)
