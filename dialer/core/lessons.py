"""A brain that begins with what earlier days taught instead of with nothing.

Lessons weigh as much as half an hour of a floor's own calls would, however many there are: today soon
counts for more.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from dialer.core.brain import Brain
from dialer.core.curves import CHECK_S, DIAL_S

MOST_CALLS: Final = 300.0  # of earlier days that count, together
MIDDLE_S: Final = 0.5  # ages are told in whole seconds, rounded down
SEGMENT_CALLS: Final = 40.0  # live calls that a segment's own share of answers rests on


class Lesson(NamedTuple):
    """So many parts of calls that ended at one age (whole s). Words of `stage` as in `app.curves.rules`."""

    segment: int
    stage: str
    age_s: int
    hits: int
    others: int = 0
    cut: int = 0


def taught(lessons: Sequence[Lesson]) -> Brain:
    """A new day's brain that knows these; without any it knows nothing."""
    brain = Brain()
    dials = sum(x.hits + x.others for x in lessons if x.stage == "SETUP")
    if not dials:
        return brain
    weight = min(1.0, MOST_CALLS / dials)
    for lesson in lessons:
        _take(brain, lesson, weight)
    _tell_segments_apart(brain, lessons)
    brain.schooled = True
    return brain


def _take(brain: Brain, lesson: Lesson, weight: float) -> None:
    curves, age = brain.curves, lesson.age_s + MIDDLE_S
    hits, others = lesson.hits * weight, lesson.others * weight
    hazards = {"SETUP": curves.setup, "RING": curves.ring, "TALK": curves.talk, "WRAP": curves.wrap}
    if lesson.stage in hazards:
        kind = hazards[lesson.stage]
        kind.ended(age, times=hits)
        kind.ended(age, first=False, times=others)
        kind.censored(age, lesson.cut * weight)
    elif lesson.stage == "CHECK":
        at = min(CHECK_S - 1, lesson.age_s)
        curves.live_check[at] += hits
        curves.dead_check[at] += others
    elif lesson.stage == "ANSWER":
        at = min(DIAL_S - 1, lesson.age_s)
        curves.answered_at[at] += hits + others
        curves.live_at[at] += hits


def _tell_segments_apart(brain: Brain, lessons: Sequence[Lesson]) -> None:
    """How much more often than all the people of one segment answer."""
    whole = _answering(lessons)
    for segment in {lesson.segment for lesson in lessons}:
        share = _answering(x for x in lessons if x.segment == segment)
        if whole and share is not None:
            brain.answering.segment_expected[segment] = SEGMENT_CALLS
            brain.answering.segment_seen[segment] = SEGMENT_CALLS * share / whole


def _answering(lessons: Iterable[Lesson]) -> float | None:
    """The share of ringing calls that a person answered; None without any."""
    rang = people = 0
    for lesson in lessons:
        if lesson.stage == "RING":
            rang += lesson.hits + lesson.others
            people += lesson.hits
    return people / rang if rang else None
