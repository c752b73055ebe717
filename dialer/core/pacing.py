"""How many lines to open now, and because of what. Pure: `decide(view, limits, brain)`.

Abandonment comes first: when its budget is spent, or something cannot be known, a free agent gets
one line and no more. Nothing here is an on/off brake but what makes dialling wrong altogether. What
PREDICTIVE does is in `predictive`; docs/pacing.md has the mathematics.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.predictive import Forecast, foresee
from dialer.core.view import ONE_TO_ONE, View

LEARNED = 50  # calls of today, until which a campaign goes by the curves of earlier days
AT_ONCE = 20  # AGENTLESS: this part of the lines, one over it, is opened at one decision


class Because(StrEnum):
    """Why this many. The first eight mean none at all."""

    MODE = "MODE"  # agents have each call made themselves
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
    COLD_START = "COLD_START"  # as CHANCE, by the curves of earlier days: today's are not known yet
    AGENTLESS = "AGENTLESS"  # a recorded voice reminds: up to the lines, a few at a time
    CHANCE = "CHANCE"  # one more could find no agent, more likely than is accepted
    BUDGET = "BUDGET"  # as CHANCE, and the day's budget runs short: less is accepted
    AGENTS = "AGENTS"  # every agent who comes free soon is spoken for
    CEILING = "CEILING"  # the ratio's ceiling cut it
    LINES = "LINES"  # the campaign's lines cut it
    CALLS_PER_SECOND = "CALLS_PER_SECOND"  # the campaign's or the carrier's cap cut it


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
class Pace:
    """Lines to open now, why, and the lines per free agent allowed (to be handed back next time)."""

    lines: int
    because: Because
    ratio: float = ONE_TO_ONE
    cancel: tuple[Hashable, ...] = ()  # `Line.call` of calls to take back, none of them answered
    forecast: Forecast | None = None  # PREDICTIVE only


def decide(view: View, limits: Limits, brain: Brain) -> Pace:
    """Decide how many lines to open at this tick, and let `brain` learn from the view.

    Returns at least 0 and at most what lines, calls per second and `limits.ratio_ceiling` leave. More
    free agents never yield fewer lines; more abandoned calls never yield more. Each view is given once:
    what ended since the last one is learned. Source: decisions.md 20 to 23. Raises nothing.
    """
    brain.observe(view, limits)
    if (closed := _closed(view)) is not None:
        return Pace(0, closed)
    if view.mode is Mode.PREDICTIVE:
        return _predictive(view, limits, brain)
    if view.mode is Mode.AGENTLESS:
        return _agentless(view, limits)
    because, ratio, wanted = _wanted(view, limits)
    lines = max(0, wanted - view.in_flight)
    return _bounded(view, limits, Pace(lines, because, ratio))


def abandoned_pct(answered: int, abandoned: int) -> float | None:
    """Abandoned in percent of answered by a person; None when nobody answered."""
    return 100.0 * abandoned / answered if answered else None


def budget_spent(view: View, limits: Limits) -> bool:
    """Whether one more abandoned call would break the day's limit. Never before one is abandoned.

    A limit of 0 says that the time before today has spent it.
    """
    if limits.abandon_limit_pct <= 0:
        return True
    if view.abandoned == 0:
        return False
    return 100.0 * (view.abandoned + 1) > limits.abandon_limit_pct * (view.answered + 1)


def _closed(s: View) -> Because | None:
    """Why no line may be opened at all; the order is the order in which a person should be told."""
    reasons = (
        (s.stopped, Because.STOPPED),
        (not s.running, Because.NOT_RUNNING),
        (not s.window_open, Because.WINDOW_CLOSED),
        (s.stale, Because.STALE),
        (not s.carrier_up, Because.CARRIER_LOST),
        (s.dry, Because.LIST_DRY),
        (s.mode in {Mode.MANUAL, Mode.PREVIEW}, Because.MODE),
        (s.agents == 0 and s.mode is not Mode.AGENTLESS, Because.NO_AGENTS),
    )
    return next((because for holds, because in reasons if holds), None)


def _predictive(view: View, limits: Limits, brain: Brain) -> Pace:
    """As many as the forecast allows; never fewer than one for each free agent without one."""
    most, cut = _room(view, limits)
    foreseen = foresee(view, limits, brain, most)
    lines = max(foreseen.lines, min(most, view.free - view.in_flight))
    if lines == most and view.agents > view.waiting:
        because = cut
    elif view.agents <= view.waiting:
        because = Because.AGENTS
    elif brain.budget.spent:
        because = Because.ABANDONMENT
    elif brain.budget.short:
        because = Because.BUDGET
    else:
        because = Because.COLD_START if brain.schooled and brain.seen < LEARNED else Because.CHANCE
    ratio = max(ONE_TO_ONE, (view.in_flight + lines) / view.free) if view.free else ONE_TO_ONE
    return Pace(lines, because, ratio, foreseen.cancel, foreseen.forecast)


def _agentless(s: View, limits: Limits) -> Pace:
    """As many as there are lines, a part of them at a decision, so that the carrier is not flooded."""
    left = limits.lines - s.in_flight
    left = left if s.lines_left is None else min(left, s.lines_left)
    at_once = ceil(limits.lines / AT_ONCE)
    if s.calls_left is not None and s.calls_left < min(left, at_once):
        return Pace(max(0, s.calls_left), Because.CALLS_PER_SECOND)
    return Pace(0, Because.LINES) if left <= 0 else Pace(min(left, at_once), Because.AGENTLESS)


def _wanted(s: View, limits: Limits) -> tuple[Because, float, int]:
    """Why, the ratio and the lines that should be in flight in all, before the bounds."""
    because = _cautious(s, limits)
    if because is not None:
        return because, ONE_TO_ONE, s.free
    ratio = _ratio(s, limits)
    return Because.RATIO, ratio, floor(s.free * ratio)


def _cautious(s: View, limits: Limits) -> Because | None:
    """Why a free agent gets one line and no more; None when he may get several."""
    if s.mode is Mode.PROGRESSIVE:
        return Because.PROGRESSIVE
    if budget_spent(s, limits):
        return Because.ABANDONMENT
    if s.dialed < limits.warmup_calls:
        return Because.WARMING_UP
    return Because.FEW_AGENTS if s.agents < limits.min_agents else None


def _ratio(s: View, limits: Limits) -> float:
    """Lines per free agent: one answer for each, less what abandonment takes back.

    Falls at once, grows by `ratio_step` a second.
    """
    known = s.answer_rate or ONE_TO_ONE
    full = min(limits.ratio_ceiling, ONE_TO_ONE / known)
    eased = ONE_TO_ONE + (max(full, ONE_TO_ONE) - ONE_TO_ONE) * _headroom(s, limits)
    grown = max(s.ratio, ONE_TO_ONE) + limits.ratio_step * s.since_ms / 1000
    return min(eased, grown)


def _headroom(s: View, limits: Limits) -> float:
    """1 up to the target, 0 from the limit on, straight between."""
    share = abandoned_pct(s.answered, s.abandoned) or 0.0
    span = limits.abandon_limit_pct - limits.abandon_target_pct
    if share <= limits.abandon_target_pct or span <= 0:
        return 1.0 if share <= limits.abandon_target_pct else 0.0
    return max(0.0, (limits.abandon_limit_pct - share) / span)


def _room(s: View, limits: Limits) -> tuple[int, Because]:
    """How many lines may be opened at most, and what bounds them."""
    lines = limits.lines - s.in_flight
    bounds = [
        (floor(limits.ratio_ceiling * s.agents) - s.in_flight, Because.CEILING),
        (lines if s.lines_left is None else min(lines, s.lines_left), Because.LINES),
    ]
    if s.calls_left is not None:
        bounds.append((s.calls_left, Because.CALLS_PER_SECOND))
    most, because = min(bounds, key=_size)
    return max(0, most), because


def _size(bound: tuple[int, Because]) -> int:
    return bound[0]


def _bounded(s: View, limits: Limits, pace: Pace) -> Pace:
    """Cut by what `_room` leaves."""
    most, because = _room(s, limits)
    return pace if pace.lines <= most else Pace(most, because, pace.ratio)
