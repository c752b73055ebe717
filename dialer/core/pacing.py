"""How many lines to open now, and because of what. Pure: `decide(snapshot, limits)`.

Abandonment comes first: when its budget is spent, or something cannot be known, a free agent gets
one line and no more. Nothing here is an on/off brake but what makes dialling wrong altogether.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import floor, sqrt

from dialer.core.campaign import Limits, Mode

LEARNED = 50  # finished dials before PREDICTIVE trusts its answer rate
ONE_TO_ONE = 1.0


class Because(StrEnum):
    """Why this many. The first eight mean none at all."""

    MODE = "MODE"  # this mode opens no lines by itself
    NOT_RUNNING = "NOT_RUNNING"
    STOPPED = "STOPPED"  # by a person, or the process drains
    WINDOW_CLOSED = "WINDOW_CLOSED"
    STALE = "STALE"  # the room's own picture, Redis or the lease cannot be vouched for
    CARRIER_LOST = "CARRIER_LOST"
    LIST_DRY = "LIST_DRY"
    NO_AGENTS = "NO_AGENTS"
    PROGRESSIVE = "PROGRESSIVE"
    WARMING_UP = "WARMING_UP"  # too few calls today, or too few outcomes known
    FEW_AGENTS = "FEW_AGENTS"
    ABANDONMENT = "ABANDONMENT"  # the day's budget is spent
    RATIO = "RATIO"
    PREDICTIVE = "PREDICTIVE"
    CEILING = "CEILING"  # the ratio's ceiling cut it
    LINES = "LINES"  # the campaign's lines cut it


THROTTLES = frozenset({Because.STALE, Because.CARRIER_LOST, Because.ABANDONMENT})
# What no agent can do anything about: he is told, so that he does not wait in vain.
HINDRANCES = frozenset(
    {
        Because.NOT_RUNNING,
        Because.STOPPED,
        Because.WINDOW_CLOSED,
        Because.STALE,
        Because.CARRIER_LOST,
    }
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One campaign at one instant. Counts are of agents and calls of this campaign only."""

    mode: Mode
    running: bool = True
    stopped: bool = False
    window_open: bool = True
    stale: bool = False
    carrier_up: bool = True
    dry: bool = False
    free: int = 0  # agents to whom a call may be given now
    soon: int = 0  # agents expected to be free before a call dialled now is answered
    agents: int = 0  # signed in, not paused, link up
    in_flight: int = 0  # lines asked for or placed that have no agent yet
    waiting: int = 0  # of those: answered by a person
    dialed: int = 0  # today
    answered: int = 0  # today, by a person
    abandoned: int = 0  # today
    answer_rate: float | None = None  # 0 to 1; None: nothing known
    outcomes: int = 0  # samples behind it
    ratio: float = ONE_TO_ONE  # lines per free agent allowed at the last decision
    elapsed_ms: int = 0  # since then


@dataclass(frozen=True, slots=True)
class Pace:
    """Lines to open now, why, and the lines per free agent allowed (to be handed back next time)."""

    lines: int
    because: Because
    ratio: float = ONE_TO_ONE


def decide(snapshot: Snapshot, limits: Limits) -> Pace:
    """Decide how many lines to open at this tick.

    Returns at least 0 and at most `limits.lines` minus lines in flight, and never so many that lines
    in flight exceed `limits.ratio_ceiling` times the agents. More free agents never yield fewer
    lines; more abandoned calls never yield more. Source: decisions.md 20 to 23. Raises nothing.
    """
    if (closed := _closed(snapshot)) is not None:
        return Pace(0, closed)
    because, ratio, wanted = _wanted(snapshot, limits)
    lines = max(0, wanted - snapshot.in_flight)
    return _bounded(snapshot, limits, Pace(lines, because, ratio))


def abandoned_pct(answered: int, abandoned: int) -> float | None:
    """Abandoned in percent of answered by a person; None when nobody answered."""
    return 100.0 * abandoned / answered if answered else None


def budget_spent(snapshot: Snapshot, limits: Limits) -> bool:
    """Whether one more abandoned call would break the day's limit. Never before one is abandoned."""
    if snapshot.abandoned == 0:
        return False
    return 100.0 * (snapshot.abandoned + 1) > limits.abandon_limit_pct * (snapshot.answered + 1)


def _closed(s: Snapshot) -> Because | None:
    """Why no line may be opened at all; the order is the order in which a person should be told."""
    reasons = (
        (s.stopped, Because.STOPPED),
        (not s.running, Because.NOT_RUNNING),
        (s.mode not in {Mode.PROGRESSIVE, Mode.RATIO, Mode.PREDICTIVE}, Because.MODE),
        (not s.window_open, Because.WINDOW_CLOSED),
        (s.stale, Because.STALE),
        (not s.carrier_up, Because.CARRIER_LOST),
        (s.dry, Because.LIST_DRY),
        (s.agents == 0, Because.NO_AGENTS),
    )
    return next((because for holds, because in reasons if holds), None)


def _wanted(s: Snapshot, limits: Limits) -> tuple[Because, float, int]:
    """Why, the ratio and the lines that should be in flight in all, before the bounds."""
    because = _cautious(s, limits)
    if because is not None:
        return because, ONE_TO_ONE, s.free
    if s.mode is Mode.PREDICTIVE:
        lines = max(s.free, _predicted(s, limits))
        return Because.PREDICTIVE, lines / s.free if s.free else ONE_TO_ONE, lines
    ratio = _ratio(s, limits)
    return Because.RATIO, ratio, floor(s.free * ratio)


def _cautious(s: Snapshot, limits: Limits) -> Because | None:
    """Why a free agent gets one line and no more; None when he may get several."""
    if s.mode is Mode.PROGRESSIVE:
        return Because.PROGRESSIVE
    if budget_spent(s, limits):
        return Because.ABANDONMENT
    if s.mode is Mode.PREDICTIVE:
        return Because.WARMING_UP if s.outcomes < LEARNED else None
    if s.dialed < limits.warmup_calls:
        return Because.WARMING_UP
    return Because.FEW_AGENTS if s.agents < limits.min_agents else None


def _ratio(s: Snapshot, limits: Limits) -> float:
    """Lines per free agent: one answer for each, less what abandonment takes back.

    Falls at once, grows by `ratio_step` a second.
    """
    known = s.answer_rate or ONE_TO_ONE
    full = min(limits.ratio_ceiling, ONE_TO_ONE / known)
    eased = ONE_TO_ONE + (max(full, ONE_TO_ONE) - ONE_TO_ONE) * _headroom(s, limits)
    grown = max(s.ratio, ONE_TO_ONE) + limits.ratio_step * s.elapsed_ms / 1000
    return min(eased, grown)


def _headroom(s: Snapshot, limits: Limits) -> float:
    """1 up to the target, 0 from the limit on, straight between."""
    share = abandoned_pct(s.answered, s.abandoned) or 0.0
    span = limits.abandon_limit_pct - limits.abandon_target_pct
    if share <= limits.abandon_target_pct or span <= 0:
        return 1.0 if share <= limits.abandon_target_pct else 0.0
    return max(0.0, (limits.abandon_limit_pct - share) / span)


def _predicted(s: Snapshot, limits: Limits) -> int:
    """The most lines in flight whose expected share of abandoned calls stays within the target.

    People who wait already are certain and take their agents off the places. Each other line becomes
    a person with the answer rate (its upper standard bound), independently. With `places` agents
    for them, E[(X - places)+] grows by p * P(X >= places) with each line, so one pass over the
    binomial's lower tail suffices. Old and new lines are taken as alike, which errs to the careful
    side: a line that has rung long answers less often.
    """
    places = s.free + s.soon - s.waiting
    rate = s.answer_rate or 0.0
    chance = min(1.0, rate + sqrt(rate * (1 - rate) / max(s.outcomes, 1)))
    if places <= 0 or chance == 0.0:
        return 0
    allowed = limits.abandon_target_pct / 100 * _headroom(s, limits)
    most = min(limits.lines, floor(limits.ratio_ceiling * s.agents)) - s.waiting
    below = [1.0] + [0.0] * (places - 1)  # P(X = k), k < places
    overflow = 0.0
    for lines in range(1, most + 1):
        overflow += chance * max(0.0, 1.0 - sum(below))
        if overflow > allowed * chance * lines:
            return lines - 1 + s.waiting
        below = [
            p * (1 - chance) + (below[k - 1] * chance if k else 0.0) for k, p in enumerate(below)
        ]
    return max(0, most) + s.waiting


def _bounded(s: Snapshot, limits: Limits, pace: Pace) -> Pace:
    """Cut by the ratio's ceiling and by the campaign's lines."""
    by_ceiling = max(0, floor(limits.ratio_ceiling * s.agents) - s.in_flight)
    by_lines = max(0, limits.lines - s.in_flight)
    if pace.lines <= min(by_ceiling, by_lines):
        return pace
    if by_lines < by_ceiling:
        return Pace(by_lines, Because.LINES, pace.ratio)
    return Pace(by_ceiling, Because.CEILING, pace.ratio)
