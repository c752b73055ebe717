"""One year for 10,000 customers in each of the four legal profiles: `make bench-law`.

Every dial is judged by an independent oracle. Prints dials, refusals by rule, violations and seconds; the
exit code is 1 when a single dial was unlawful. Figures are kept in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from app.compliance.profiles import PROFILES
from loadtests.figures import machine
from loadtests.law_year import Tally, simulate

SEED = 20


def one_year(name: str, customers: int, seed: int) -> tuple[Tally, float]:
    """One profile, and the seconds that it took."""
    started = time.monotonic()
    tally = simulate(PROFILES[name], customers, random.Random(f"{seed} {name}"))
    return tally, time.monotonic() - started


def show(tally: Tally, seconds: float) -> None:
    """A profile's figures in a paragraph."""
    refused = ", ".join(f"{rule} {count:,}" for rule, count in tally.refusals.most_common())
    print(
        f"{tally.profile:<5} {tally.dials:>9,} dials  {tally.refusals.total():>9,} refusals "
        f" {tally.broken.total()} violations  {seconds:.1f} s "
        f" ({seconds / tally.asked * 1e6:.0f} us a verdict with its judge)"
    )
    print(f"      {refused or 'none'}")
    if tally.broken:
        print(f"      BROKEN {dict(tally.broken)}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    print(json.dumps(machine()))
    print(f"{asked.customers:,} customers, one year, seed {asked.seed}, two processes")
    started = time.monotonic()
    with ProcessPoolExecutor(max_workers=2) as pool:
        work = partial(one_year, customers=asked.customers, seed=asked.seed)
        years = list(pool.map(work, PROFILES))
    for tally, seconds in years:
        show(tally, seconds)
    broken = sum(tally.broken.total() for tally, _ in years)
    print(f"{broken} violations in all; {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
