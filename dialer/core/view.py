"""What pacing sees of one campaign at one instant: agents and calls one by one, and what ended since.

Plain data, made by whoever watches the floor: `dialing` in the product, the adapter in the referee, a
recorded day in a replay. Durations are seconds unless a name ends in `_ms`. A segment is a small number
of the caller's choice: leads alike in how often they answer.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import NamedTuple

from dialer.core.campaign import Mode

ONE_TO_ONE = 1.0  # lines for each free agent
ALL_DAY_S = 28_800.0


class Doing(IntEnum):
    """What an agent who counts is at."""

    IDLE = 0
    TALK = 1
    WRAP = 2


class Stage(IntEnum):
    """How far a call without an agent has come."""

    SETUP = 0  # asked for, or placed and not ringing yet
    RINGING = 1
    ANSWERED = 2  # person or machine is not known yet
    QUEUED = 3  # a person who waits for an agent


class Seat(NamedTuple):
    """An agent who counts: signed in to the campaign, not paused, link up."""

    doing: Doing
    for_s: float  # since it began
    talked_s: float = 0.0  # WRAP: how long the call was
    share: float = 1.0  # 0 to 1: what of him this campaign may count on when he is free
    leaves_in_s: float = inf  # until a planned break or the end of his shift


class Line(NamedTuple):
    """A call in flight: it has no agent yet."""

    call: Hashable  # handed back in `Pace.cancel`
    stage: Stage
    age_s: float  # since dialled
    for_s: float  # since the stage began
    segment: int = 0


class Live(NamedTuple):
    """A call found live: a person for an agent. Told once, when it begins to wait or is joined."""

    segment: int
    setup_s: float
    ring_s: float
    check_s: float  # from the answer until it was known to be live


class Ended(NamedTuple):
    """A call that ended without having been live."""

    segment: int
    setup_s: float  # until it rang, or ended
    ring_s: float | None = None  # until the answer, or the end; None: it never rang
    check_s: float | None = None  # from the answer to the end; None: never answered
    taken_back: bool = False  # by us: how it would have ended is not known


class Answer(NamedTuple):
    """How a call was answered: people are quicker than machines, and detection is quicker with them."""

    ring_s: float
    check_s: float  # from the answer until it was found live


class Handled(NamedTuple):
    """An agent's work on one call, wrap-up included, that ended."""

    talk_s: float
    wrap_s: float
    person: bool = True  # False: he found a machine
    stays: bool = True  # False: he left after it
    answer: Answer | None = None  # how the call was answered, if known


@dataclass(frozen=True, slots=True)
class View:
    """One campaign at one instant. `lines_left` and `calls_left` bound what may be opened now."""

    mode: Mode
    now_s: float  # any origin; never runs backwards
    running: bool = True
    stopped: bool = False
    window_open: bool = True
    stale: bool = False
    carrier_up: bool = True
    dry: bool = False
    seats: Sequence[Seat] = ()
    lines: Sequence[Line] = ()
    lives: Sequence[Live] = ()  # since the last view, like the next four
    ended: Sequence[Ended] = ()
    handled: Sequence[Handled] = ()
    lost: Sequence[Answer] = ()  # calls that nobody took in time
    walked: int = 0  # agents who left while they were idle
    dialed: int = 0  # today
    answered: int = 0  # today, live calls
    abandoned: int = 0  # today, of those
    hung_up: int = 0  # today, of the abandoned: people who left before the limit
    left_s: float = ALL_DAY_S  # of today's dialling
    lag_s: float = 0.0  # how old the carrier's word is when it comes
    ring_timeout_s: float = 25.0
    coming: Sequence[int] = ()  # segments of the next leads, the next one first; none: all alike
    lines_left: int | None = None  # None: as many as the limits leave
    calls_left: int | None = None  # by calls per second; None: no such cap
    answer_rate: float | None = None  # 0 to 1 (RATIO); None: nothing known
    ratio: float = ONE_TO_ONE  # lines per free agent at the last decision (RATIO)
    since_ms: int = 0  # the last decision (RATIO)

    @property
    def agents(self) -> int:
        """Agents who count."""
        return len(self.seats)

    @property
    def free(self) -> int:
        """Agents to whom a call of this campaign may be given now."""
        return sum(1 for s in self.seats if s.doing is Doing.IDLE and s.share >= 1.0)

    @property
    def in_flight(self) -> int:
        """Lines asked for or placed that have no agent."""
        return len(self.lines)

    @property
    def waiting(self) -> int:
        """People who wait for an agent."""
        return sum(1 for line in self.lines if line.stage is Stage.QUEUED)
