"""How far a run is, and what it sees, for whoever watches: one small file, renewed each second.

The clients' part is written by Locust, the rest by the process that leads the run. A reader never sees half a
file: it is put in place by rename.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError

from app.loadruns.rules import LIVE
from loadtests.process_cost import Cost, costs
from realtime.redis_client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from pathlib import Path

CLIENTS: Final = "clients.json"
EVERY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 2.0  # at processes and figures: looking costs what is looked at
BUCKETS_MS: Final = (
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    3_000,
)  # upper bounds; the last has none
ANSWER_SECONDS: Final = 2.0
COUNTED: Final = {
    "paceline_socket_dropped_total": "coalesced",
    "paceline_socket_held_total": "held",
    'paceline_socket_closes_total{code="4009",name="SLOW"}': "cut_off",
}


def put(path: Path, told: Mapping[str, Any]) -> None:
    """Write JSON that a reader sees whole or not yet."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(path)


def buckets(times: Mapping[int, int]) -> list[int]:
    """How many of these times (ms to how often) lie up to each of `BUCKETS_MS`, and beyond the last."""
    bounds = (float("-inf"), *BUCKETS_MS, float("inf"))
    return [
        sum(count for ms, count in times.items() if least < ms <= most)
        for least, most in pairwise(bounds)
    ]


@dataclass
class Progress:
    """What is known of a run; `tell` writes it."""

    out: Path
    seconds: float
    told: dict[str, Any] = field(default_factory=dict)
    _since: float = 0.0

    def stage(self, name: str) -> None:
        """The run has come to another stage."""
        self._since = time.monotonic()
        self.told |= {"stage": name, "of_s": self.seconds}
        self.tell()

    def tell(self) -> None:
        """Write what is known, the clients' own figures included."""
        self.told["passed_s"] = round(time.monotonic() - self._since, 1)
        with suppress(OSError, ValueError):
            self.told["clients"] = json.loads((self.out / CLIENTS).read_text("utf-8"))
        put(self.out / LIVE, self.told)

    @asynccontextmanager
    async def watching(
        self, pids: Callable[[], Mapping[str, int]], address: str, redis_url: str
    ) -> AsyncIterator[None]:
        """Look at the house each second during the block."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self._watch(pids, address, redis_url))
            try:
                yield
            finally:
                task.cancel()

    async def _watch(
        self, pids: Callable[[], Mapping[str, int]], address: str, redis_url: str
    ) -> None:
        before, at = costs(pids(), quickly=True), time.monotonic()
        redis = connect(redis_url)
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                after, now = costs(pids(), quickly=True), time.monotonic()
                self.told["processes"] = list(_used(before, after, now - at))
                before, at = after, now
                self.told["server"] = await asyncio.to_thread(read_counters, f"{address}/metrics")
                with suppress(RedisError, OSError):
                    told: Mapping[str, Any] = await redis.info("stats")
                    self.told["redis_ops_s"] = told["instantaneous_ops_per_sec"]
                self.tell()
        finally:
            await redis.aclose()


def _used(
    before: Mapping[str, Cost], after: Mapping[str, Cost], seconds: float
) -> Iterable[dict[str, Any]]:
    for name, late in sorted(after.items()):
        if name in before:
            cpu = 100 * (late.cpu_s - before[name].cpu_s) / seconds
            yield {
                "name": name,
                "cpu_pct": round(max(0.0, cpu)),
                "rss_mib": round(late.rss_mib),
            }


def read_counters(address: str) -> dict[str, int]:
    """What the hub counts of slow readers, from its figures; nothing while it does not answer."""
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - our own house
            lines = answer.read().decode().splitlines()
    except OSError:
        return {}
    found = dict.fromkeys(COUNTED.values(), 0)
    for line in lines:
        name, _, value = line.rpartition(" ")
        if name in COUNTED:
            found[COUNTED[name]] = round(float(value))
    return found
