"""What it costs to keep every second of pacing: `make bench-pace-log`.

A referee's day through the dialer's own room (`pacing_day`), four decisions a second as in the product, with
the book of paces open beside it. Said: bytes of a campaign's day as stored, microseconds of the loop for each
decision, milliseconds for packing a minute. Exit code 1 when a day of fifty agents takes more than 25 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Final

import structlog

from app.observe import Metrics
from dialer.core.events import Tick
from dialer.pace_book import PaceBook
from loadtests.figures import machine, percentiles
from loadtests.pacing_live import a_day
from loadtests.pacing_referee.runner import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.pacing.service import Packed
    from dialer.core.events import Event
    from loadtests.pacing_day import Day

MOST_BYTES: Final = 25_000_000  # a campaign-day of fifty agents
ROW_BYTES: Final = (
    24 + 16 + 8 + 8 + 2 + 4 + 40
)  # header, key, seconds, pointer, and the key in its index
AGENTS: Final = 50


class Shelf:
    """Keeps minutes in memory, as PostgreSQL would be given them."""

    def __init__(self) -> None:
        self.kept: list[Packed] = []

    async def keep(self, minutes: Sequence[Packed], _fence: int) -> None:
        """See `dialer.paces.Paces`."""
        self.kept += minutes


def bound(day: Day) -> tuple[PaceBook, Shelf, list[float]]:
    """A book that is told of every decision of a day, and the seconds that each took."""
    shelf, spent = Shelf(), list[float]()
    book = PaceBook(shelf, 1, Metrics("dialer"), structlog.get_logger())
    receive = day.floor.receive

    def noted(event: Event, now: int) -> list[object]:
        orders = receive(event, now)
        if isinstance(event, Tick):
            began = time.perf_counter()
            book.note(day.floor.room.efforts.values(), now)
            spent.append(time.perf_counter() - began)
        return list(orders)

    day.floor.receive = noted  # type: ignore[method-assign,assignment]  # the bench listens in
    return book, shelf, spent


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", default="public", help="'public', 'held-out' or a file")
    parser.add_argument(
        "--only", default="lunch_50", help="names of scenarios, with commas between"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(json.dumps(machine()))
    print(
        "scenario          agents  hours  blocks  seconds  MB/day  B/second  note us  p99   pack ms  p99"
    )
    too_large = False
    for scenario in chosen(asked.scenarios, asked.only, 0.0):
        day = a_day(scenario, asked.seed)
        book, shelf, spent = bound(day)
        day.run()
        packs = asyncio.run(_packed(book))
        size = sum(
            len(each.block) + len(json.dumps(each.figures)) + ROW_BYTES for each in shelf.kept
        )
        seconds = sum(each.seconds for each in shelf.kept)
        notes = percentiles([1e6 * each for each in spent])
        print(
            f"{scenario.name:<16}{scenario.agents:>8}{scenario.duration_s / 3600:>7.1f}{len(shelf.kept):>8}"
            f"{seconds:>9}{size / 1e6:>8.2f}{size / max(1, seconds):>10.0f}"
            f"{1e6 * sum(spent) / len(spent):>9.0f}{notes['p99']:>5.0f}"
            f"{packs['p50']:>10.1f}{packs['p99']:>5.1f}",
            flush=True,
        )
        too_large |= size > MOST_BYTES * max(1.0, scenario.agents / AGENTS)
    return int(too_large)


async def _packed(book: PaceBook) -> dict[str, float]:
    """Pack everything, one minute after another; milliseconds for each."""
    taken = []
    for minute in book.over:
        began = time.perf_counter()
        minute.pack()
        taken.append(1e3 * (time.perf_counter() - began))
    await book.finish()
    return percentiles(taken)


if __name__ == "__main__":
    sys.exit(main())
