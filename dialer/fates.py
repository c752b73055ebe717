"""How a simulated number behaves: who answers, after how long, and when they hang up.

Pure and without memory: every draw is a digest of seed, call id and purpose, so the same call meets
the same fate in any order, process or speed. `carrier_simulator` plays these fates out in time.
"""

from __future__ import annotations

import enum
import hashlib
import math
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ZONE_OFFSET_MS = 7 * HOUR_MS  # Asia/Ho_Chi_Minh has no daylight saving
_NORMAL = NormalDist()


class Fate(enum.Enum):
    """What becomes of one attempt on the telephone network."""

    PERSON = "PERSON"
    MACHINE = "MACHINE"
    BUSY = "BUSY"
    REJECTED = "REJECTED"
    INVALID = "INVALID"
    CONGESTION = "CONGESTION"
    NO_ANSWER = "NO_ANSWER"


class Shape(enum.Enum):
    """The family of a duration's distribution."""

    UNIFORM = "UNIFORM"
    LOGNORMAL = "LOGNORMAL"
    GAMMA = "GAMMA"


@dataclass(frozen=True, slots=True)
class Spread:
    """A duration in ms, clipped to [low_ms, high_ms]; `cv` is the coefficient of variation.

    UNIFORM ignores `mean_ms` and `cv`.
    """

    shape: Shape
    low_ms: float
    high_ms: float
    mean_ms: float = 0.0
    cv: float = 0.0

    def draw(self, share: float) -> int:
        """The duration below which a `share` (0 < share < 1) of all draws lie, in whole ms."""
        if self.shape is Shape.UNIFORM:
            return round(self.low_ms + share * (self.high_ms - self.low_ms))
        z = _NORMAL.inv_cdf(share)
        drawn = self._lognormal(z) if self.shape is Shape.LOGNORMAL else self._gamma(z)
        return round(min(self.high_ms, max(self.low_ms, drawn)))

    def _lognormal(self, z: float) -> float:
        sigma2 = math.log1p(self.cv * self.cv)
        return self.mean_ms * math.exp(math.sqrt(sigma2) * z - sigma2 / 2)

    def _gamma(self, z: float) -> float:
        """Wilson and Hilferty (1931): within 1 % for the cv used here."""
        ninth = self.cv * self.cv / 9
        return self.mean_ms * max(0.0, 1 - ninth + z * math.sqrt(ninth)) ** 3


def uniform(low_ms: float, high_ms: float) -> Spread:
    """Any duration from `low_ms` to `high_ms`, each as likely."""
    return Spread(Shape.UNIFORM, low_ms, high_ms)


def lognormal(
    mean_ms: float, cv: float, low_ms: float = 0.0, high_ms: float = HOUR_MS / 2
) -> Spread:
    """Skewed to the right, as talk and detection times are."""
    return Spread(Shape.LOGNORMAL, low_ms, high_ms, mean_ms, cv)


def gamma(mean_ms: float, cv: float, low_ms: float = 0.0, high_ms: float = HOUR_MS / 2) -> Spread:
    """Milder skew, as the time until a person picks up."""
    return Spread(Shape.GAMMA, low_ms, high_ms, mean_ms, cv)


@dataclass(frozen=True, slots=True)
class Profile:
    """One way for the whole telephone network to behave. Shares are 0..1 of all attempts.

    `person_by_hour`: (local hour, share answered by a person), straight lines between the points.
    `others`: the remaining fates with their shares; what is left over rings out.
    `gives_up`: the network's own end of ringing; the dialer's ring timeout may come first.
    `talk`: (weight, spread) parts. `hasty`, `at_bridge`, `in_message`: shares of answered persons who
    hang up at once, in the moment of the bridge, and while the abandoned-call message plays.
    `mistaken`, `missed`: shares of persons heard as a machine, and of machines heard as a person.
    """

    name: str
    person_by_hour: tuple[tuple[float, float], ...]
    others: tuple[tuple[Fate, float], ...]
    setup: Spread
    ring_person: Spread
    ring_machine: Spread
    gives_up: Spread
    tone: Spread
    decide_person: Spread
    decide_machine: Spread
    patience: Spread
    talk: tuple[tuple[float, Spread], ...]
    hasty: float = 0.005
    at_bridge: float = 0.005
    in_message: float = 0.5
    mistaken: float = 0.0
    missed: float = 0.0

    def person_share(self, at_ms: int) -> float:
        """The share of attempts that a person answers at this instant's local hour."""
        hour = (at_ms + ZONE_OFFSET_MS) % DAY_MS / HOUR_MS
        points = self.person_by_hour
        if hour <= points[0][0]:
            return points[0][1]
        for (left, low), (right, high) in pairwise(points):
            if hour <= right:
                return low + (high - low) * (hour - left) / (right - left)
        return points[-1][1]


@dataclass(frozen=True, slots=True)
class Script:
    """The whole story of one call, drawn when it is placed; durations in ms.

    `patience_ms`: how long an answered person waits for a voice. `talk_ms`: from the bridge on.
    `leaves_at_bridge`: hangs up in the very moment of the bridge. `message_share`: the part of the
    abandoned-call message heard before hanging up, 1 means all of it. `heard_machine`: what detection
    decides, right or wrong.
    """

    fate: Fate
    setup_ms: int
    ring_ms: int
    decide_ms: int
    patience_ms: int
    talk_ms: int
    leaves_at_bridge: bool
    message_share: float
    heard_machine: bool


class Chance:
    """Uniform shares in (0, 1) that depend on seed, subject and purpose only."""

    def __init__(self, seed: int, subject: str) -> None:
        self._key = f"{seed}:{subject}:"

    def share(self, purpose: str) -> float:
        """The share drawn for `purpose`: the same again whenever asked."""
        digest = hashlib.blake2b((self._key + purpose).encode(), digest_size=8).digest()
        return (int.from_bytes(digest) + 0.5) / 2**64


def draw_script(profile: Profile, seed: int, call: str, number: str, at_ms: int) -> Script:
    """Decide everything that will happen to `call`, placed at `at_ms`, if nobody interferes.

    Whether a number is out of service is the number's own fate: the same at every call.
    """
    chance = Chance(seed, call)
    fate = _draw_fate(
        profile, Chance(seed, number).share("in service"), chance.share("fate"), at_ms
    )
    hasty = chance.share("hasty") < profile.hasty
    stays = chance.share("message") >= profile.in_message
    return Script(
        fate=fate,
        setup_ms=profile.setup.draw(chance.share("setup")),
        ring_ms=_ring(profile, fate).draw(chance.share("ring")),
        decide_ms=_decide(profile, fate).draw(chance.share("decide")),
        patience_ms=(uniform(0, 300) if hasty else profile.patience).draw(chance.share("patience")),
        talk_ms=_talk(profile, chance.share("talk part")).draw(chance.share("talk")),
        leaves_at_bridge=chance.share("bridge") < profile.at_bridge,
        message_share=1.0 if stays else chance.share("message part"),
        heard_machine=_hears_machine(profile, fate, chance.share("detection")),
    )


def _draw_fate(profile: Profile, service: float, share: float, at_ms: int) -> Fate:
    dead = sum(size for fate, size in profile.others if fate is Fate.INVALID)
    if service < dead:
        return Fate.INVALID
    edge, drawn = profile.person_share(at_ms), share * (1 - dead)
    if drawn < edge:
        return Fate.PERSON
    for fate, size in profile.others:
        edge += size if fate is not Fate.INVALID else 0.0
        if drawn < edge:
            return fate
    return Fate.NO_ANSWER


def _ring(profile: Profile, fate: Fate) -> Spread:
    if fate is Fate.PERSON:
        return profile.ring_person
    if fate is Fate.MACHINE:
        return profile.ring_machine
    return profile.gives_up if fate is Fate.NO_ANSWER else profile.tone


def _decide(profile: Profile, fate: Fate) -> Spread:
    return profile.decide_machine if fate is Fate.MACHINE else profile.decide_person


def _hears_machine(profile: Profile, fate: Fate, share: float) -> bool:
    return share >= profile.missed if fate is Fate.MACHINE else share < profile.mistaken


def _talk(profile: Profile, share: float) -> Spread:
    edge = 0.0
    for weight, spread in profile.talk:
        edge += weight
        if share < edge:
            return spread
    return profile.talk[-1][1]


# The default times of the pacing referee's scenarios: answer about 12 s after dialling, machine
# detection about 1 s later, talk 94 s in the mean. The share of persons follows its
# `timeofday_30` from morning to evening.
REALISTIC = Profile(
    name="realistic",
    person_by_hour=((8, 0.14), (9.5, 0.18), (11.5, 0.16), (12.5, 0.24), (14.5, 0.30), (20, 0.34)),
    others=(
        (Fate.MACHINE, 0.30),
        (Fate.BUSY, 0.05),
        (Fate.INVALID, 0.04),
        (Fate.REJECTED, 0.02),
        (Fate.CONGESTION, 0.01),
    ),
    setup=lognormal(2_500, 0.4, 600, 8_000),
    ring_person=gamma(9_000, 0.55, 1_000),
    ring_machine=lognormal(17_000, 0.3, 2_000),
    gives_up=uniform(55_000, 65_000),
    tone=lognormal(1_500, 0.4),
    decide_person=lognormal(1_100, 0.35, 400, 3_500),
    decide_machine=lognormal(2_400, 0.35, 800, 4_500),
    patience=lognormal(7_000, 0.6, 1_000),
    talk=(
        (0.40, lognormal(22_000, 0.6, 3_000)),
        (0.45, lognormal(95_000, 0.7, 3_000)),
        (0.15, lognormal(280_000, 0.6, 3_000)),
    ),
    mistaken=0.02,
    missed=0.06,
)

# A floor that a visitor can watch: a person is on the line 2-6 s after dialling, and what fails
# fails fast, so that an agent who dials one line at a time hears somebody within ten seconds.
DEMO = Profile(
    name="demo",
    person_by_hour=((0, 0.60),),
    others=(
        (Fate.BUSY, 0.20),
        (Fate.REJECTED, 0.10),
        (Fate.MACHINE, 0.03),
        (Fate.INVALID, 0.04),
        (Fate.CONGESTION, 0.01),
    ),
    setup=uniform(500, 900),
    ring_person=uniform(1_500, 4_600),
    ring_machine=uniform(1_500, 3_000),
    gives_up=uniform(4_000, 6_000),
    tone=uniform(100, 250),
    decide_person=uniform(300, 700),
    decide_machine=uniform(600, 1_200),
    patience=lognormal(7_000, 0.6, 1_000),
    talk=((1.0, lognormal(25_000, 0.35, 6_000, 90_000)),),
)

# For benches: short calls, so that few lines make many pops.
BRISK = Profile(
    name="brisk",
    person_by_hour=((0, 0.60),),
    others=DEMO.others,
    setup=uniform(200, 500),
    ring_person=uniform(800, 2_500),
    ring_machine=uniform(800, 2_500),
    gives_up=uniform(3_000, 5_000),
    tone=uniform(200, 600),
    decide_person=uniform(200, 400),
    decide_machine=uniform(300, 600),
    patience=lognormal(7_000, 0.6, 1_000),
    talk=((1.0, lognormal(10_000, 0.25, 4_000, 30_000)),),
)

# For trying out a desk: whoever is called answers within two seconds and holds the line for as long as it takes.
PATIENT = Profile(
    name="patient",
    person_by_hour=((0, 1.0),),
    others=(),
    setup=uniform(100, 200),
    ring_person=uniform(900, 1_400),
    ring_machine=uniform(900, 1_400),
    gives_up=uniform(3_000, 5_000),
    tone=uniform(100, 250),
    decide_person=uniform(100, 200),
    decide_machine=uniform(300, 600),
    patience=uniform(20_000, 30_000),
    talk=((1.0, uniform(1_200_000, 1_800_000)),),
    hasty=0.0,
    at_bridge=0.0,
    in_message=0.0,
)

# A full floor for load tests: answered as in the demonstration, talked to as in real life.
FLOOR = replace(DEMO, name="floor", talk=REALISTIC.talk)

PROFILES = {profile.name: profile for profile in (DEMO, REALISTIC, BRISK, PATIENT, FLOOR)}
