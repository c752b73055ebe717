"""What a recorded day teaches: who answers when, how long everything takes, who was there. Pure.

Three layers make the chance that a dial becomes a live person: the day's own incidence by age, a factor
by list segment and half hour, and a quick one by minute that moves all calls together (a list that was
just mailed, a football match). The quick one is known only roughly from one minute's calls, so each
simulated day draws it anew from what is known of it (a gamma posterior).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dialer.whatif.curves import Curve, Risks, compete, survive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.whatif.rules import RecordedCall, RecordedDay, Stay

MINUTE, FIVE, BLOCK = 60.0, 300.0, 1800.0  # s
SHORT_TALK_S = 15.0  # a word with a machine or a wrong number; its wrap-up is of another kind
FACTOR_WEIGHT = 20.0  # expected persons that a factor of 1 counts for
TALK_WEIGHT = 30.0  # conversations that an unscaled half hour counts for
CALM = 1e6  # shape of a quick factor that does not move


class Chance(Protocol):
    """Where randomness comes from."""

    def random(self) -> float:
        """Anything from 0 to less than 1, each as likely."""
        ...

    def gammavariate(self, alpha: float, beta: float) -> float:
        """A gamma draw of shape `alpha` and scale `beta`."""
        ...


class Setup(Enum):
    """What ends the time before ringing."""

    RINGS = "RINGS"
    FAILS = "FAILS"


class Ring(Enum):
    """What ends ringing."""

    PERSON = "PERSON"  # answered, and in time judged a person
    OTHER = "OTHER"  # answered by anything that no agent gets
    NOBODY = "NOBODY"


class Minute(NamedTuple):
    """Persons of one minute's dials: seen, expected, and how much they scatter by chance alone."""

    seen: float
    expected: float
    variance: float


@dataclass(frozen=True, slots=True)
class Learned:
    """One campaign's day as distributions."""

    setup: Risks[Setup]
    ring: Risks[Ring]
    judged: Curve  # from the answer until a person is known for one
    dismissed: Curve  # from the answer until the others are hung up on
    gone: float  # share of persons who hang up before they are judged
    patience: Curve  # of a person who waits for an agent
    talk: Curve
    wrap: Curve
    wrap_short: Curve
    fails: tuple[float, ...]  # factor of failing before it rings, by 5 min
    segments: tuple[float, ...]  # factor of a person's answer, by segment
    blocks: tuple[float, ...]  # the same, by half hour
    minutes: tuple[Minute, ...]
    shape: float  # of the quick factor's gamma: the smaller the more it moves
    talk_blocks: tuple[float, ...]  # factor of talk, by half hour
    mix: tuple[tuple[int, ...], ...]  # segments dialled, by half hour
    roster: tuple[Stay, ...]

    def quick(self, chance: Chance) -> list[float]:
        """One draw of the quick factor for every minute of the day."""
        if self.shape >= CALM:
            return [1.0] * len(self.minutes)
        return [
            chance.gammavariate(each.seen + self.shape, 1.0 / (each.expected + self.shape))
            for each in self.minutes
        ]


def learn(day: RecordedDay) -> Learned:
    """The distributions of one day. Nothing seen of something leaves its curve empty."""
    setup, ring = compete(_setups(day.calls)), compete(_rings(day.calls))
    chances = _levelled(day.calls, [_expected(call, setup, ring) for call in day.calls])
    segments = _factors(day.calls, chances, len(day.segments), by=lambda call: call.segment)
    chances = [each * segments[call.segment] for call, each in zip(day.calls, chances, strict=True)]
    halves = _bins(day.length_s, BLOCK)
    blocks = _factors(
        day.calls, chances, halves, by=lambda call: _bin(call.dialled_s, BLOCK, halves)
    )
    chances = [
        each * blocks[_bin(call.dialled_s, BLOCK, halves)]
        for call, each in zip(day.calls, chances, strict=True)
    ]
    minutes = _by_minute(day, chances)
    talks = [call for call in day.calls if call.connected_s is not None]
    persons = [call for call in day.calls if call.person]
    return Learned(
        setup=setup,
        ring=ring,
        judged=survive(
            (call.waiting_s - call.answered_s, True)
            for call in persons
            if call.waiting_s is not None and call.answered_s is not None
        ),
        dismissed=survive(
            (call.ended_s - call.answered_s, True)
            for call in day.calls
            if call.waiting_s is None and call.ended_s is not None and call.answered_s is not None
        ),
        gone=sum(call.waiting_s is None for call in persons) / max(1, len(persons)),
        patience=survive(_waits(day), last=False),
        talk=survive(_talk(call, day.length_s) for call in talks),
        wrap=survive(_wraps(talks, short=False)),
        wrap_short=survive(_wraps(talks, short=True)),
        fails=_fails(day, setup),
        segments=segments,
        blocks=blocks,
        minutes=minutes,
        shape=_shape(minutes),
        talk_blocks=_talk_blocks(talks, halves),
        mix=_mix(day, halves),
        roster=day.stays,
    )


# --- from dialling to a person ---------------------------------------------------


def rings_at(call: RecordedCall) -> float | None:
    """When it began to ring; networks that never say so are taken to ring no time at all."""
    return call.ringing_s if call.ringing_s is not None else call.answered_s


def is_live(call: RecordedCall) -> bool:
    """Whether a person was there, whether or not he waited until he was judged one."""
    return call.person or call.waiting_s is not None


def _setups(calls: Iterable[RecordedCall]) -> Iterable[tuple[float, Setup | None]]:
    for call in calls:
        rings = rings_at(call)
        if rings is not None:
            yield max(0.0, rings - call.dialled_s), Setup.RINGS
        elif call.ended_s is not None:
            age = max(0.0, call.ended_s - call.dialled_s)
            yield age, None if call.cancelled else Setup.FAILS


def _rings(calls: Iterable[RecordedCall]) -> Iterable[tuple[float, Ring | None]]:
    for call in calls:
        rings = rings_at(call)
        if rings is None:
            continue
        if call.answered_s is not None:
            cause = Ring.PERSON if is_live(call) else Ring.OTHER
            yield max(0.0, call.answered_s - rings), cause
        elif call.ended_s is not None:
            yield max(0.0, call.ended_s - rings), None if call.cancelled else Ring.NOBODY


def _expected(call: RecordedCall, setup: Risks[Setup], ring: Risks[Ring]) -> float:
    """The chance that this dial would have become a person by the age at which we gave it up, if we did."""
    if not call.cancelled:
        return setup.chance(Setup.RINGS) * ring.chance(Ring.PERSON)
    if call.ringing_s is None or call.ended_s is None:
        return 0.0
    return ring.chance_by(Ring.PERSON, call.ended_s - call.ringing_s)


def _levelled(calls: Sequence[RecordedCall], chances: Sequence[float]) -> list[float]:
    """The same chances, together as many as were seen: factors only share out what the curves have.

    A call that ended might have been given up later; its chance was taken as if it could not have been.
    """
    expected = sum(chances)
    level = sum(is_live(call) for call in calls) / expected if expected > 0.0 else 1.0
    return [level * each for each in chances]


def _factors(
    calls: Sequence[RecordedCall],
    chances: Sequence[float],
    count: int,
    *,
    by: Callable[[RecordedCall], int],
) -> tuple[float, ...]:
    """Persons seen over expected, of each kind; few expected pull it towards 1."""
    seen, expected = [FACTOR_WEIGHT] * count, [FACTOR_WEIGHT] * count
    for call, chance in zip(calls, chances, strict=True):
        kind = by(call)
        seen[kind] += is_live(call)
        expected[kind] += chance
    return tuple(one / other for one, other in zip(seen, expected, strict=True))


def _by_minute(day: RecordedDay, chances: Sequence[float]) -> tuple[Minute, ...]:
    count = _bins(day.length_s, MINUTE)
    seen, expected, variance = [0.0] * count, [0.0] * count, [0.0] * count
    for call, chance in zip(day.calls, chances, strict=True):
        at = _bin(call.dialled_s, MINUTE, count)
        seen[at] += is_live(call)
        expected[at] += chance
        variance[at] += chance * max(0.0, 1.0 - chance)
    return tuple(map(Minute, seen, expected, variance))


def _shape(minutes: Sequence[Minute]) -> float:
    """By moments: what minutes scatter beyond a binomial's own scatter is the quick factor's."""
    squares = sum(each.expected**2 for each in minutes)
    beyond = sum((each.seen - each.expected) ** 2 - each.variance for each in minutes)
    return min(CALM, squares / beyond) if beyond > 0 else CALM


def _fails(day: RecordedDay, setup: Risks[Setup]) -> tuple[float, ...]:
    count = _bins(day.length_s, FIVE)
    seen, expected = [FACTOR_WEIGHT / 2] * count, [FACTOR_WEIGHT / 2] * count
    for call in day.calls:
        if call.cancelled:
            continue
        at = _bin(call.dialled_s, FIVE, count)
        seen[at] += rings_at(call) is None
        expected[at] += setup.chance(Setup.FAILS)
    return tuple(one / other for one, other in zip(seen, expected, strict=True))


# --- from a person to a free agent -----------------------------------------------


def _waits(day: RecordedDay) -> Iterable[tuple[float, bool]]:
    limit = day.settings.connect_threshold_ms / 1000
    for call in day.calls:
        if call.waiting_s is None:
            continue
        until = call.connected_s if call.connected_s is not None else call.ended_s
        if until is None:
            continue
        age = max(0.0, until - call.waiting_s)
        yield min(age, limit), call.connected_s is None and age < limit


def _talk(call: RecordedCall, length_s: float) -> tuple[float, bool]:
    begun = call.connected_s or 0.0
    if call.ended_s is None:
        return max(0.0, length_s - begun), False
    return max(0.0, call.ended_s - begun), True


def _wraps(talks: Iterable[RecordedCall], *, short: bool) -> Iterable[tuple[float, bool]]:
    for call in talks:
        if call.ended_s is None or call.connected_s is None or call.wrapped_s is None:
            continue
        if (call.ended_s - call.connected_s < SHORT_TALK_S) is short:
            yield max(0.0, call.wrapped_s - call.ended_s), True


def _talk_blocks(talks: Sequence[RecordedCall], count: int) -> tuple[float, ...]:
    spoken = [
        (_bin(call.connected_s, BLOCK, count), call.ended_s - call.connected_s)
        for call in talks
        if call.connected_s is not None and call.ended_s is not None
    ]
    mean = sum(s for _, s in spoken) / max(1, len(spoken)) or 1.0
    sums, weights = [TALK_WEIGHT * mean] * count, [TALK_WEIGHT] * count
    for at, seconds in spoken:
        sums[at] += seconds
        weights[at] += 1
    return tuple(total / (weight * mean) for total, weight in zip(sums, weights, strict=True))


# --- the list --------------------------------------------------------------------


def _mix(day: RecordedDay, count: int) -> tuple[tuple[int, ...], ...]:
    """The segments dialled in each half hour; one without dials takes those of the whole day."""
    kinds: list[list[int]] = [[] for _ in range(count)]
    for call in day.calls:
        kinds[_bin(call.dialled_s, BLOCK, count)].append(call.segment)
    whole = [call.segment for call in day.calls] or [0]
    return tuple(tuple(each or whole) for each in kinds)


def _bins(length_s: float, width_s: float) -> int:
    return max(1, -int(-length_s // width_s))


def _bin(at_s: float, width_s: float, count: int) -> int:
    return min(count - 1, max(0, int(at_s // width_s)))
