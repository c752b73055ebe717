"""How fast a screen pop is, and whether anything is lost: `make bench-pop`.

A house of its own, 40 agents of whom 8 sit at real Chromium pages and 32 are bots, about two answered calls
a second, a bare relay beside it on the same Valkey in the same minutes. Three runs of ten minutes, each in
a fresh house with a seed of its own. Exit code 1 when a target of the issue is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.clock import Clock
from app.db import Database
from app.errors import PacelineError
from app.portfolio.seed import CAMPAIGNS
from loadtests.bench_house import BenchHouse, open_bench_house, stop_campaigns
from loadtests.desk_pages import Work, agents_at_pages
from loadtests.figures import machine
from loadtests.pop_figures import Row, Span, beside, figures, table, verdicts
from loadtests.process_cost import cost, costs, spent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CAMPAIGN = "Bench"
WHERE = "dpd 1..360"
GATHER_SECONDS = 90.0  # for everybody to sign in and be ready
DRAIN_SECONDS = 75  # talk of profile brisk is 30 s at most
SETTLE_SECONDS = 3.0  # receipts and the journal of the last calls
SAMPLE_SECONDS = 5.0

ROWS = text(
    "SELECT id, agent_id, answered_at, assigned_at, published_at, received_at, painted_at, painted_error_ms,"
    " connected_at, ended_at, answered_by_human, abandoned, cause, pops_unacknowledged FROM calls"
)
LIVE = text("SELECT count(*) FROM calls WHERE ended_at IS NULL")
READY = text(
    "SELECT count(*) FROM (SELECT DISTINCT ON (agent_id) status, link FROM agent_state_changes"
    " ORDER BY agent_id, at DESC, id DESC) s WHERE status = 'READY' AND link = 'UP'"
)
AGENTS = text("SELECT username, id FROM users")


def say(line: str) -> None:
    """What happens now, with the time of day."""
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)


class Books:
    """What the house has written."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, pool_size=2)

    async def number(self, statement: Any) -> int:
        """One number."""
        async with self.database.reading() as session:
            return int(await session.scalar(statement) or 0)

    async def rows(self) -> list[Row]:
        """Every call."""
        async with self.database.reading() as session:
            return [_row(row) for row in (await session.execute(ROWS)).mappings()]

    async def agents(self) -> dict[str, str]:
        """User ids by name."""
        async with self.database.reading() as session:
            return {name: str(identifier) for name, identifier in await session.execute(AGENTS)}

    async def clock(self) -> Clock:
        """Business time of this house."""
        async with self.database.reading() as session:
            offset = await session.scalar(text("SELECT clock_offset_ms FROM organisations"))
        return Clock(int(offset or 0))


def _row(found: Mapping[Any, Any]) -> Row:
    return Row(
        call=str(found["id"]),
        agent=None if found["agent_id"] is None else str(found["agent_id"]),
        answered=_ms(found["answered_at"]),
        assigned=_ms(found["assigned_at"]),
        published=_ms(found["published_at"]),
        received=_ms(found["received_at"]),
        painted=_ms(found["painted_at"]),
        error_ms=found["painted_error_ms"],
        connected=_ms(found["connected_at"]),
        ended=_ms(found["ended_at"]),
        by_person=found["answered_by_human"],
        abandoned=found["abandoned"],
        cause=found["cause"],
        returned=found["pops_unacknowledged"],
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


def run_once(asked: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One run in a house of its own; its figures."""
    say(f"run with seed {seed}: engines, tables, {asked.customers:,} customers")
    with open_bench_house(
        agents=asked.agents, customers=asked.customers, seed=seed, say=say
    ) as house:
        stop_campaigns(house, [campaign.name for campaign in CAMPAIGNS])
        teams = {f"--team={team}" for wanted in CAMPAIGNS for team in _teams(wanted.branches)}
        house.paceline(
            "campaign", "create", CAMPAIGN, f"--where={WHERE}", f"--mode={asked.mode}",
            *sorted(teams),
        )  # fmt: skip
        house.paceline("campaign", "start", CAMPAIGN)
        for name in ("web", "dialer", "worker"):
            house.start(name)
        house.await_web()
        try:
            return asyncio.run(_measure(house, asked))
        finally:
            if asked.keep_logs:
                keep_logs(house, asked.keep_logs / f"seed-{seed}")


def _teams(branches: Sequence[str]) -> list[str]:
    return [f"Đội {branch}" for branch in branches]


async def _measure(house: BenchHouse, asked: argparse.Namespace) -> dict[str, Any]:
    books = Books(house.settings["DATABASE_URL"])
    clock = await books.clock()
    agents = house.sign_ins()[1]
    at_pages, bots = agents[: asked.pages], agents[asked.pages :]
    ids = await books.agents()
    start_bots(house, bots)
    try:
        async with agents_at_pages(house.address, at_pages) as work:
            await gather_agents(books, len(agents), house)
            say(f"everybody is ready; warming up for {asked.warm_up:g} s")
            await asyncio.sleep(asked.warm_up)
            span, seen = await watch(house, asked, clock)
            left = await drain(house, books)
        house.stop("floor")
        await asyncio.sleep(SETTLE_SECONDS)
        rows = await books.rows()
    finally:
        await books.database.close()
    pages = {ids[each["username"]] for each in at_pages}
    found = figures(rows, span, pages, left) | seen
    found["beside_relay"] = beside(found["received_ms"], found["relay_ms"])
    found["pages"] = {"calls": work.calls, "mishaps": len(work.mishaps), "first": work.mishaps[:3]}
    _tell(found, work)
    return found


def start_bots(house: BenchHouse, bots: Sequence[dict[str, str]]) -> None:
    """Let bots sign in, who work as agents do."""
    credentials = house.state.path / "bots.json"
    credentials.write_text(json.dumps(list(bots)), "utf-8")
    house.start(
        "floor", "--url", house.address, "--credentials", str(credentials),
        "--bots", str(len(bots)), "--profile", "brisk",
    )  # fmt: skip


async def gather_agents(books: Books, wanted: int, house: BenchHouse) -> None:
    """Wait until everybody is ready. Raises `TimeoutError`."""
    deadline = time.monotonic() + GATHER_SECONDS
    ready = 0
    while ready < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {ready} of {wanted} agents are ready: see {house.state.logs}")
        house.check()
        await asyncio.sleep(0.5)
        ready = await books.number(READY)


async def watch(
    house: BenchHouse, asked: argparse.Namespace, clock: Clock
) -> tuple[Span, dict[str, Any]]:
    """Let the minutes pass beside the relay; what the machine and the processes did meanwhile."""
    seconds = asked.minutes * 60
    relay_log = house.start_module(
        "relay", "loadtests.relay", house.settings["REDIS_URL"], str(seconds)
    )
    pids = house.pids()
    me = cost(os.getpid()).cpu_s
    before, begins, loads = costs(pids), clock.now_ms(), []
    say(f"measuring for {asked.minutes:g} min, load average {os.getloadavg()[0]:.2f}")
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(SAMPLE_SECONDS, left))
        loads.append(os.getloadavg()[0])
        house.check(but="relay")
    ends = clock.now_ms()
    used = spent(before, costs(pids))
    used["bench with browser"] = {"cpu_s": round(cost(os.getpid()).cpu_s - me, 1)}
    house.wait_for("relay", 20.0)
    return Span(begins, ends), {
        "relay_ms": json.loads(relay_log.read_text().strip().splitlines()[-1]),
        "processes": used,
        "load_mean": round(sum(loads) / len(loads), 2),
        "load_max": round(max(loads), 2),
    }


async def drain(house: BenchHouse, books: Books) -> int:
    """Open no more lines and let calls end; how many are left."""
    house.paceline("campaign", "pause", CAMPAIGN)
    for _ in range(DRAIN_SECONDS):
        if not await books.number(LIVE):
            return 0
        await asyncio.sleep(1.0)
    return await books.number(LIVE)


def keep_logs(house: BenchHouse, folder: Path) -> None:
    """Copy what the processes said, before the house goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for log in house.state.logs.glob("*.log"):
        (folder / log.name).write_bytes(log.read_bytes())


def _tell(found: dict[str, Any], work: Work) -> None:
    received, painted = found["received_ms"], found["painted_ms"]
    say(
        f"{found['answered_per_s']} answered/s; received n {received['n']} p99 {received['p99']} ms;"
        f" painted n {painted['n']} p95 {painted['p95']} ms; pages finished {work.calls} calls"
    )


def report(asked: argparse.Namespace, runs: Sequence[dict[str, Any]], begun: datetime) -> int:
    """Print and write everything; the exit code."""
    judged = verdicts(runs)
    command = " ".join(["make bench-pop", *([f'ARGS="{asked.words}"'] if asked.words else [])])
    whole = {
        "command": command,
        "begun": begun.isoformat(timespec="seconds"),
        "machine": machine(),
        "agents": asked.agents,
        "pages": asked.pages,
        "minutes": asked.minutes,
        "runs": list(runs),
        "verdicts": [asdict(verdict) for verdict in judged],
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    stem = asked.out / "bench-pop"
    stem.with_suffix(".json").write_text(json.dumps(whole, indent=1, ensure_ascii=False), "utf-8")
    title = (
        f"`{command}`, {begun:%Y-%m-%d %H:%M} UTC, {_machine()}; {asked.agents} agents, "
        f"{asked.pages} of them at real pages, {len(runs)} x {asked.minutes:g} min."
    )
    lines = [
        title,
        "",
        table(runs),
        "",
        processes_table(runs[-1]["processes"]),
        "",
        *(f"- {'held' if v.held else '**missed**'}: {v.target} ({v.seen})" for v in judged),
    ]
    stem.with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))
    print(f"\nWritten to {stem}.json and {stem}.md.")
    return 0 if all(verdict.held for verdict in judged) else 1


def processes_table(processes: dict[str, dict[str, Any]]) -> str:
    """CPU and memory of the last run, as Markdown."""
    lines = ["| process, last run | CPU s | RSS MiB | PSS MiB |", "|---|---|---|---|"]
    for name, used in sorted(processes.items()):
        cells = [used["cpu_s"], used.get("rss_mib"), used.get("pss_mib")]
        lines.append(
            f"| {name} | " + " | ".join("" if c is None else f"{c:g}" for c in cells) + " |"
        )
    return "\n".join(lines)


def _machine() -> str:
    told = machine()
    return f"{told['cores']} cores, Python {told['python']}, kernel {told['kernel']}"


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """SIGTERM and SIGHUP end the bench as Ctrl-C does: everything is put away."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {n: signal.signal(n, interrupt) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, way in before.items():
            signal.signal(number, way)


def main(words: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench_pop", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--agents", type=int, default=40)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--mode", choices=("progressive", "ratio", "predictive"), default="ratio")
    parser.add_argument("--warm-up", type=float, default=20.0, help="seconds, not measured")
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--out", type=Path, default=Path(".paceline/bench"))
    parser.add_argument("--keep-logs", type=Path, help="copy the processes' logs there")
    asked = parser.parse_args(words, argparse.Namespace(words=" ".join(words)))
    begun = datetime.now(UTC)
    try:
        with ended_by_signal():
            runs = [run_once(asked, asked.seed + n) for n in range(asked.runs)]
    except (PacelineError, TimeoutError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    return report(asked, runs, begun)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
