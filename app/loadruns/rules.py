"""What may be asked of a load test, and where the process that runs it leaves what it found. Pure."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

LIVE: Final = "live.json"  # in the folder of a run, renewed each second
REPORT: Final = "report.html"
FILES: Final = {  # what is kept of a run, by the name under which it is handed out
    REPORT: REPORT,
    "stats.csv": "stats_stats.csv",
    "history.csv": "stats_stats_history.csv",
    "failures.csv": "stats_failures.csv",
}
VIEWERS_PER_AGENT: Final = 0.1
CUSTOMERS_PER_AGENT: Final = 25
LEAST_CUSTOMERS: Final = 3_000
WARM_UP_SECONDS: Final = 10


class Scenario(StrEnum):
    """What is done to the floor while it works; `loadtests/crowd/scenarios.py` does it."""

    FLOOR = "floor"
    LOGIN = "login"
    ROLLING = "rolling"
    CUT = "cut"
    STORM = "storm"
    SLOW = "slow"
    SOAK = "soak"
    CHAOS = "chaos"


class Pace(StrEnum):
    """How long people talk and write: of a real floor (94 s and 17 s), or of a bench (10 s and 4 s)."""

    FLOOR = "floor"
    BRISK = "brisk"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be seen, ms; a run that sees more has failed.

    pop_*: from the assignment of a call to its screen at the client. ack_p95: from a deed to the card that
    shows it. back: until everybody who lost his socket has it again.
    """

    pop_p95: int = 1_000
    pop_p99: int = 2_000
    pop_max: int = 3_000
    ack_p95: int = 500
    back: int = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One load test as it is asked for.

    calls_per_second: lines that may be opened in a second, None for no cap of its own. storm_pct: how many of
    all sockets are cut in the middle, at once. slow_pct: how many viewers of the wall never read.
    """

    scenario: Scenario = Scenario.FLOOR
    agents: int = 100
    pace: Pace = Pace.FLOOR
    calls_per_second: int | None = None
    storm_pct: int = 0
    slow_pct: int = 0
    seconds: int = 60
    limits: Limits = Limits()

    @property
    def viewers(self) -> int:
        """One supervisor at the wall for ten agents."""
        return max(1, round(self.agents * VIEWERS_PER_AGENT))


BOUNDS: Final = {
    "agents": (100, 2_000),
    "calls_per_second": (1, 200),
    "storm_pct": (0, 100),
    "slow_pct": (0, 100),
    "seconds": (20, 1_800),
}
LIMIT_BOUNDS: Final = (1, 60_000)  # ms


def out_of_bounds(wanted: Wanted) -> str | None:
    """The first field whose number is none that can be asked for; None when all can."""
    for name, (least, most) in BOUNDS.items():
        value = getattr(wanted, name)
        if value is not None and not least <= value <= most:
            return name
    least, most = LIMIT_BOUNDS
    over = (name for name, value in asdict(wanted.limits).items() if not least <= value <= most)
    return next((f"limits.{name}" for name in over), None)


def words_of(wanted: Wanted, folder: str) -> list[str]:
    """The command line of the process that runs it and leaves its files in `folder`."""
    words = [
        str(wanted.scenario),
        f"--agents={wanted.agents}",
        f"--viewers={wanted.viewers}",
        f"--customers={max(LEAST_CUSTOMERS, CUSTOMERS_PER_AGENT * wanted.agents)}",
        f"--profile={wanted.pace}",
        f"--seconds={wanted.seconds}",
        f"--warm-up={WARM_UP_SECONDS}",
        f"--storm-pct={wanted.storm_pct}",
        f"--slow-pct={wanted.slow_pct}",
        f"--out={folder}",
    ]
    if wanted.calls_per_second is not None:
        words.append(f"--calls-per-second={wanted.calls_per_second}")
    return words + [f"--limit={name}={most}" for name, most in asdict(wanted.limits).items()]
