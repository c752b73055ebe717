"""Smoothed answer rate, ring, talk and wrap-up times, each with how much it rests on.

Exponential smoothing with a warm start: the first `MEMORY` samples are averaged plainly, later ones
weigh 1/MEMORY. A rate of nothing seen is None, never a guess; the guess is `pacing`'s to make.
"""

from dataclasses import dataclass, field

MEMORY = 60  # samples; about three minutes of a ten-agent floor


@dataclass(slots=True)
class Smoothed:
    """A mean that forgets."""

    value: float | None = None
    n: int = 0  # samples seen in all

    def add(self, sample: float) -> None:
        """Take one more sample."""
        self.n += 1
        if self.value is None:
            self.value = sample
        else:
            self.value += (sample - self.value) / min(self.n, MEMORY)


@dataclass(slots=True)
class Estimates:
    """What one campaign's calls have been like lately."""

    answer_rate: Smoothed = field(default_factory=Smoothed)  # 0 to 1, persons among finished dials
    ring_ms: Smoothed = field(default_factory=Smoothed)  # dial to answer, answered ones
    talk_ms: Smoothed = field(default_factory=Smoothed)  # joined to ended
    wrap_ms: Smoothed = field(default_factory=Smoothed)  # ended to the next readiness

    def person(self, rang_ms: int) -> None:
        """A person answered after so long."""
        self.answer_rate.add(1.0)
        self.ring_ms.add(float(rang_ms))

    def nobody(self) -> None:
        """A dial ended without a person."""
        self.answer_rate.add(0.0)
