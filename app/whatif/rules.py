"""The words of replay: a recorded day, the settings to try on it, what came of them. Pure.

These structures travel between the process that knows the database and the one that simulates
(`python -m dialer.whatif`). Instants are seconds after the day's start, shares are 0 to 1.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

BIN_S: Final = 300.0  # the day is told in steps of five minutes
LEAST_SEEDS: Final = 20  # fewer runs make no honest band
MOST_SEEDS: Final = 100
OCCUPANCY_WITHIN: Final = (
    0.02  # the own settings, simulated, must come as near as this to what happened
)
ABANDONED_WITHIN: Final = 0.005
LEAST_PERSONS: Final = 50  # a day on which fewer people answered teaches nothing
LOW, HIGH = 0.05, 0.95  # of the band
QUESTION, PROGRESS, ANSWER = "question", "progress", "answer"  # files between the two processes
SECONDS, COMPARED = "seconds", "compared"  # the same, of a comparison
MOST_TOLD: Final = 10  # differences of each kind


class DaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a campaign is dialled: the part of its settings that pacing heeds. Percent as in the settings."""

    mode: str
    abandon_target_pct: float
    abandon_limit_pct: float
    ratio_ceiling: float
    lines: int
    ratio_step: float = 0.1
    min_agents: int = 8
    warmup_calls: int = 100
    connect_threshold_ms: int = 2_000
    ring_timeout_s: int = 25
    priority: int = 0
    clock_at_answer: bool = (
        False  # the legal clock runs from the answer, not from the greeting's end
    )
    amd: bool = False


class RecordedCall(msgspec.Struct, frozen=True, array_like=True):
    """One dial of the day and its instants; None is an instant that did not come."""

    dialled_s: float
    segment: int = 0
    ringing_s: float | None = None
    answered_s: float | None = None
    waiting_s: float | None = None  # judged a person: the abandonment clock begins
    connected_s: float | None = None
    ended_s: float | None = None  # None: it went on when the day was read
    wrapped_s: float | None = None
    agent: int | None = None
    person: bool = False
    abandoned: bool = False
    cancelled: bool = False  # given up by us before anybody answered


class Stay(msgspec.Struct, frozen=True, array_like=True):
    """An agent on the floor for this campaign. He leaves when free, from `until_s` on."""

    agent: int
    from_s: float
    until_s: float


class Absence(msgspec.Struct, frozen=True, array_like=True):
    """A planned break of an agent, or his time of going home; half-open. He may have gone earlier or later."""

    agent: int
    from_s: float
    until_s: float


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A half-open span of the day."""

    from_s: float
    until_s: float


class Earlier(msgspec.Struct, frozen=True):
    """Settings that held until they were changed in the middle of the day."""

    until_s: float
    settings: DaySettings


class RecordedDay(msgspec.Struct, frozen=True):
    """All that is known of one campaign's day. `settings` are those with which it ended."""

    length_s: float
    calls: tuple[RecordedCall, ...]
    stays: tuple[Stay, ...]
    settings: DaySettings
    closed: tuple[Span, ...] = ()  # when no line could be opened whatever pacing wished
    segments: tuple[str, ...] = ("",)
    earlier: tuple[Earlier, ...] = ()  # in order of time
    begins_ms: int = 0  # the instant of 0 s, in epoch ms
    planned: tuple[Absence, ...] = ()  # what the roster foretold, in order of time for each agent

    def settings_at(self, at_s: float) -> DaySettings:
        """What held at an instant of the day."""
        return next((each.settings for each in self.earlier if at_s < each.until_s), self.settings)


class Question(msgspec.Struct, frozen=True):
    """A day, the settings to try on it, and how often to run each."""

    day: RecordedDay
    asked: DaySettings
    seeds: int = LEAST_SEEDS
    first_seed: int = 1
    processes: int = 1


class Band(msgspec.Struct, frozen=True, array_like=True):
    """A figure of many runs: pooled over all, and where 90 % of the runs lie; None where nothing was seen."""

    pooled: float | None
    low: float | None
    high: float | None


class Step(msgspec.Struct, frozen=True):
    """Five minutes of a day. `wait_s` is the mean wait of an agent between two calls.

    `so_far` is the share of abandoned calls from the day's start to the end of these minutes.
    """

    occupancy: Band
    wait_s: Band
    abandoned: Band
    lines: Band
    so_far: Band


class Course(msgspec.Struct, frozen=True):
    """A whole day: its figures, and the same in steps of `BIN_S`."""

    occupancy: Band
    wait_s: Band
    abandoned: Band
    lines: Band
    connected: Band  # conversations
    steps: tuple[Step, ...]


class Answer(msgspec.Struct, frozen=True):
    """What happened, the same settings again, and the settings that were asked about."""

    happened: Course
    again: Course
    asked: Course | None  # None: the day cannot be explained, so nothing was asked of it
    persons: int  # who answered that day
    seeds: int
    begins_ms: int = 0  # the day's first dial, in epoch ms

    @property
    def occupancy_error(self) -> float:
        """Simulated minus real occupancy under the day's own settings."""
        return _difference(self.again.occupancy, self.happened.occupancy)

    @property
    def abandoned_error(self) -> float:
        """Simulated minus real abandonment under the day's own settings."""
        return _difference(self.again.abandoned, self.happened.abandoned)

    @property
    def reliable(self) -> bool:
        """Whether the simulated day is near enough to the real one to ask it anything."""
        return (
            self.persons >= LEAST_PERSONS
            and abs(self.occupancy_error) <= OCCUPANCY_WITHIN
            and abs(self.abandoned_error) <= ABANDONED_WITHIN
        )


def _difference(one: Band, other: Band) -> float:
    return (one.pooled or 0.0) - (other.pooled or 0.0)


class KeptSecond(msgspec.Struct, frozen=True, array_like=True):
    """A second of the pace log; `page` as the dialer wrote it."""

    at_ms: int
    page: dict[str, Any]


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One second decided twice: lines opened and the binding reason, then and now."""

    at_ms: int
    was: int
    was_because: str
    now: int
    now_because: str


class Compared(msgspec.Struct, frozen=True):
    """All kept seconds of a day decided again."""

    seconds: int
    same: int  # in which as many lines were opened
    lines_was: int
    lines_now: int
    reasons: tuple[tuple[str, str, int], ...]  # then, now, seconds; the most frequent
    largest: tuple[Difference, ...]


ASKABLE: Final = (
    "mode",
    "abandon_target_pct",
    "abandon_limit_pct",
    "ratio_ceiling",
    "lines",
)
"""What may be different from the day's own settings."""
DIALLED_BY_ITSELF: Final = ("PROGRESSIVE", "RATIO", "PREDICTIVE")
"""The modes that a simulation has anything to say about."""


class Between(NamedTuple):
    """The least and the greatest that may be asked about."""

    least: float
    most: float


def bounds(legal_limit_pct: float) -> dict[str, Between]:
    """Between which numbers each setting may be asked about, where the law has this limit."""
    return {
        "abandon_limit_pct": Between(0.1, legal_limit_pct),
        "abandon_target_pct": Between(0.1, legal_limit_pct),
        "ratio_ceiling": Between(1.0, 10.0),
        "lines": Between(1, 5_000),
    }


def faults(asked: DaySettings, legal_limit_pct: float) -> dict[str, tuple[str, str]]:
    """What cannot be asked, by field, in Vietnamese and English; nothing when all can."""
    found = {}
    if asked.mode not in DIALLED_BY_ITSELF:
        found["mode"] = (
            "Hãy chọn lần lượt, theo tỷ lệ hoặc dự đoán.",
            "Choose progressive, ratio or predictive.",
        )
    within = bounds(legal_limit_pct)
    within["abandon_target_pct"] = Between(0.1, asked.abandon_limit_pct)
    for field, (least, most) in within.items():
        if not least <= getattr(asked, field) <= most:
            found[field] = (
                f"Từ {_comma(least)} đến {_comma(most)}.",
                f"From {least:g} to {most:g}.",
            )
    return found


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")
