"""How much more often than usual people answer: a fast factor common to all, and one for each segment.

Both weigh live calls seen against live calls that the curves expected, with a Gamma prior at one. The
fast one follows bursts and outages within a minute, segments differ for as long as their list lasts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dialer.core.hazards import Floats
from dialer.core.view import Line, Live, Stage

SEGMENTS = 64  # told apart; later ones count as the last
FAST_HALF_S, FAST_PRIOR = 45.0, 10.0  # live calls
SEGMENT_HALF_S, SEGMENT_PRIOR = 900.0, 20.0


class Answering:
    """Live calls seen and expected, each forgotten at its pace."""

    def __init__(self) -> None:
        self.seen = self.expected = 0.0
        self.segment_seen = np.zeros(SEGMENTS)
        self.segment_expected = np.zeros(SEGMENTS)

    @property
    def common(self) -> float:
        """The fast common factor."""
        return (self.seen + FAST_PRIOR) / (self.expected + FAST_PRIOR)

    def segments(self) -> Floats:
        """The factor of each segment."""
        found: Floats = (self.segment_seen + SEGMENT_PRIOR) / (
            self.segment_expected + SEGMENT_PRIOR
        )
        return found

    def watch(
        self, lines: Sequence[Line], lives: Sequence[Live], rate: Floats, elapsed_s: float
    ) -> None:
        """So much time passed over these lines; `rate`: live calls (1/s) by age of ringing."""
        common, segments = self.common, self.segments()
        keep = 0.5 ** (elapsed_s / FAST_HALF_S)
        self.seen = self.seen * keep + len(lives)
        self.expected *= keep
        keep = 0.5 ** (elapsed_s / SEGMENT_HALF_S)
        self.segment_seen *= keep
        self.segment_expected *= keep
        for call in lives:
            self.segment_seen[call.segment] += 1.0
        ringing = [x for x in lines if x.stage is Stage.RINGING]
        if not ringing:
            return
        which = [x.segment for x in ringing]
        usual = rate[[min(len(rate) - 1, int(x.for_s)) for x in ringing]] * elapsed_s
        self.expected += float(usual @ segments[which])
        self.segment_expected += np.bincount(which, weights=usual * common, minlength=SEGMENTS)

    def dump(self) -> dict[str, Any]:
        """Everything learned, as plain lists."""
        return {
            "seen": self.seen,
            "expected": self.expected,
            "segment_seen": self.segment_seen.tolist(),
            "segment_expected": self.segment_expected.tolist(),
        }

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "Answering":
        """What `dump` gave."""
        known = cls()
        known.seen, known.expected = plain["seen"], plain["expected"]
        known.segment_seen = np.array(plain["segment_seen"], np.float64)
        known.segment_expected = np.array(plain["segment_expected"], np.float64)
        return known
