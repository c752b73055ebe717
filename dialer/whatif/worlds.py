"""Customers drawn from what a day taught. Pure; a day's chance is passed in.

Leads, their fates and the quick factor have a generator each: who dials more meets the same customers in
the same order, only sooner.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, TypeVar

from dialer.whatif.learn import BLOCK, FIVE, MINUTE, SHORT_TALK_S, Chance, Learned, Ring, Setup
from dialer.whatif.simulate import Fate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.whatif.rules import Stay
    from dialer.whatif.curves import Risks

Cause = TypeVar("Cause", Ring, Setup)

MOST = 0.97  # no dial is surer than this to become a person


@dataclass(slots=True)
class LearnedWorld:
    """One seed's day. Each dial uses up the same number of draws, whatever becomes of it."""

    learned: Learned
    ring_timeout_s: float
    fates: Chance
    leads: Chance
    moods: InitVar[Chance]
    _quick: list[float] = field(init=False)
    _ahead: list[tuple[int, int]] = field(default_factory=list, init=False)  # (half hour, segment)

    def __post_init__(self, moods: Chance) -> None:
        self._quick = self.learned.quick(moods)

    @property
    def roster(self) -> Sequence[Stay]:
        """As it was."""
        return self.learned.roster

    def coming(self, at_s: float, count: int) -> Sequence[int]:
        """The segments of the next leads: they are drawn now and dialled later."""
        self._look_ahead(at_s, count)
        return [segment for _, segment in self._ahead[:count]]

    def fate(self, at_s: float) -> Fate:
        """What becomes of a dial made now."""
        it, draw = self.learned, self.fates.random
        self._look_ahead(at_s, 1)
        _, segment = self._ahead.pop(0)
        draws = [draw() for _ in range(9)]
        failing = min(MOST, it.setup.chance(Setup.FAILS) * _at(it.fails, at_s, FIVE))
        if draws[0] < failing:
            return Fate(segment, _when(it.setup, Setup.FAILS, draws[1]))
        setup_s = _when(it.setup, Setup.RINGS, draws[1])
        cause = self._cause(segment, at_s, draws[2])
        if cause is None:
            return Fate(segment, setup_s, self.ring_timeout_s)
        ring_s = min(self.ring_timeout_s, _when(it.ring, cause, draws[3]))
        if cause is Ring.NOBODY:
            return Fate(segment, setup_s, ring_s)
        if cause is Ring.OTHER:
            return Fate(
                segment, setup_s, ring_s, answered=True, judged_s=it.dismissed.draw(draws[4])
            )
        talk_s = it.talk.draw(draws[6]) * _at(it.talk_blocks, at_s, BLOCK)
        return Fate(
            segment, setup_s, ring_s, answered=True, person=True,
            judged_s=it.judged.draw(draws[4]),
            gone=draws[8] < it.gone,
            patience_s=it.patience.draw(draws[5]),
            talk_s=talk_s,
            wrap_s=(it.wrap_short if talk_s < SHORT_TALK_S else it.wrap).draw(draws[7]),
        )  # fmt: skip

    def _cause(self, segment: int, at_s: float, share: float) -> Ring | None:
        """What ends the ringing: a person by the factors, the others in their old proportions."""
        ring = self.learned.ring
        usual = ring.chance(Ring.PERSON)
        factor = self.learned.segments[segment] * _at(self.learned.blocks, at_s, BLOCK)
        person = min(MOST, usual * factor * _at(self._quick, at_s, MINUTE))
        if share < person:
            return Ring.PERSON
        rest = (1.0 - person) / (1.0 - usual) if usual < 1.0 else 0.0
        other = person + ring.chance(Ring.OTHER) * rest
        if share < other:
            return Ring.OTHER
        return Ring.NOBODY if share < other + ring.chance(Ring.NOBODY) * rest else None

    def _look_ahead(self, at_s: float, count: int) -> None:
        """Have that many leads in hand; those drawn for an earlier half hour are put back."""
        mix = self.learned.mix
        block = min(len(mix) - 1, int(at_s // BLOCK))
        if self._ahead and self._ahead[0][0] != block:
            self._ahead.clear()
        kinds = mix[block]
        while len(self._ahead) < count:
            self._ahead.append((block, kinds[int(self.leads.random() * len(kinds))]))


def _at(values: Sequence[float], at_s: float, width_s: float) -> float:
    return values[min(len(values) - 1, int(at_s // width_s))]


def _when(risks: Risks[Cause], cause: Cause, share: float) -> float:
    curve = risks.when.get(cause)
    return curve.draw(share) if curve is not None else 0.0
