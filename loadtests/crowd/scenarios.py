"""What is done to a floor while the crowd works, and what is asked of it afterwards.

`floor` only works. `storm` kills the process that holds every socket and starts it again. `slow` lets one viewer
in twenty never read. `soak` is a floor whose memory is looked at. `chaos` kills one process after the other and
freezes the web for a while. `login` lets everybody sign in by password while the probe is in calls.
`rolling` replaces every process by a new one, and `cut` takes the network from half of the clients for 5 s.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.errors import Unavailable
from loadtests.bench_pop import READY, Books, start_bots
from loadtests.crowd.house import CAMPAIGN, PROCESSES
from loadtests.crowd.knee import answered_per_second, climb, knee_of
from loadtests.crowd.ledger import WATCHED, Popped, digest, settle
from loadtests.crowd.live import CLIENTS
from loadtests.crowd.login import everybody_signs_in, judge_login
from loadtests.crowd.targets import (
    Verdict,
    judge_books,
    judge_memory,
    judge_times,
    read_percentiles,
)
from loadtests.crowd.troubles import WEB_PROCESSES, chaos, cut, rolling, storm
from loadtests.pop_figures import RECEIPT_MS, Row, Span, figures
from loadtests.process_cost import Cost, costs, spent
from realtime.broker_redis import RedisBroker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from app.clock import Clock
    from loadtests.bench_house import BenchHouse
    from loadtests.crowd.house import CrowdHouse
    from loadtests.crowd.live import Progress

GATHER_SECONDS: Final = 600.0
GATHERED_SHARE: Final = 0.98  # some are on a break already
LOOK_SECONDS: Final = 2.0
SETTLE_SECONDS: Final = 3.0
ASKED_AT_ONCE: Final = 256
NOTHING_YET: Final = Cost(0.0, 0.0, None)
COUNTED: Final = (
    "answered", "answered_per_s", "abandoned", "calls_lost", "double_assignments",
    "pops_returned", "pops_overtaken",
)  # fmt: skip


@dataclass
class Outcome:
    """One run: its figures and what was held against them."""

    scenario: str
    figures: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether every target was."""
        return bool(self.verdicts) and all(verdict.held for verdict in self.verdicts)

    def told(self) -> dict[str, Any]:
        """For JSON."""
        verdicts = [asdict(verdict) for verdict in self.verdicts]
        return {"scenario": self.scenario, **self.figures, "verdicts": verdicts}


@dataclass(frozen=True, slots=True)
class Run:
    """What a scenario is given."""

    crowd: CrowdHouse
    books: Books
    clock: Clock
    say: Callable[[str], None]

    @property
    def house(self) -> BenchHouse:
        """The house."""
        return self.crowd.house


async def run_scenario(
    crowd: CrowdHouse,
    name: str,
    progress: Progress,
    *,
    warm_up: float,
    say: Callable[[str], None],
) -> Outcome:
    """Open, work, close, compare. Raises `Unavailable` when a process ends by itself."""
    house, size = crowd.house, crowd.size
    progress.stage("GATHERING")
    for process in PROCESSES:
        several = name == "rolling" and process == "web"
        house.start(process, *([str(WEB_PROCESSES)] if several else []))
    house.await_web()
    books = Books(house.settings["DATABASE_URL"])
    try:
        run = Run(crowd, books, await books.clock(), say)
        probe = house.sign_ins()[1]
        start_bots(house, probe)
        redis_url = house.settings["REDIS_URL"]
        slow = -(-size.viewers * size.slow_pct // 100)
        come_first = 0 if name == "login" else size.agents
        if come_first:
            crowd.start_locust({"CROWD_SLOW": f"{slow:.0f}"})
        outcome = Outcome(name, {"slow": int(slow), "storm_pct": size.storm_pct})
        async with progress.watching(crowd.pids, house.address, redis_url):
            await _gather(run, GATHERED_SHARE * (come_first + len(probe)))
            say(f"everybody is there; warming up for {warm_up:g} s")
            progress.stage("WARMING_UP")
            await asyncio.sleep(warm_up)
            progress.stage("WORKING")
            span = await _work(run, name, progress.seconds, outcome)
            seen = _seen_by_locust(run)
            users = await _users(run, probe)
            if size.knee:
                progress.stage("CLIMBING")
                base = answered_per_second(await books.rows(), span.begins, span.ends)
                steps = await climb(run, base, users)
                outcome.figures["knee"] = {
                    "per_s": knee_of(steps),
                    "steps": [asdict(step) for step in steps],
                }
            outcome.figures["server"] = progress.told.get("server", {})
        progress.stage("COMPARING")
        await _close(run, span, users, outcome, judged=seen if size.knee else None)
        return outcome
    finally:
        await books.database.close()


async def _users(run: Run, probe: Sequence[Mapping[str, str]]) -> set[str]:
    ids = await run.books.agents()
    return {ids[each["username"]] for each in probe}


def _seen_by_locust(run: Run) -> dict[str, dict[str, float]]:
    """What was timed so far; nothing before Locust has told anything."""
    try:
        told = json.loads((run.crowd.out / CLIENTS).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    found: dict[str, dict[str, float]] = told["timed"]
    return found


async def _gather(run: Run, wanted: float) -> None:
    deadline = time.monotonic() + GATHER_SECONDS
    there = 0
    while there < wanted:
        run.house.check()
        if time.monotonic() > deadline or (run.crowd.locust and run.crowd.has_left()):
            raise Unavailable(f"{there} of {wanted:.0f} agents came: see {run.crowd.out}.")
        await asyncio.sleep(LOOK_SECONDS)
        there = await run.books.number(READY)


async def _work(run: Run, name: str, seconds: float, outcome: Outcome) -> Span:
    """Let the scenario happen; what processes used meanwhile. One that was killed counts from its start."""
    run.say(f"{name}: {seconds:g} s, load average {os.getloadavg()[0]:.2f}")
    pids = run.crowd.pids()
    before, begins = costs(pids), run.clock.now_ms()
    until = time.monotonic() + seconds
    done, _ = await asyncio.gather(SCENARIOS[name](run, seconds), _cut_midway(run, seconds))
    outcome.figures |= done
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    run.house.check()
    span = Span(begins, run.clock.now_ms())
    outcome.figures["seconds"] = round(span.seconds, 1)
    outcome.figures["load"] = round(os.getloadavg()[0], 2)
    after = costs(run.crowd.pids())
    young = {name for name, pid in run.crowd.pids().items() if pids.get(name) != pid}
    counted = before | dict.fromkeys(young, NOTHING_YET)
    outcome.figures["processes"] = spent(counted, after)
    outcome.figures["growth"] = {
        name: round(after[name].rss_mib / max(1.0, before[name].rss_mib), 3) for name in PROCESSES
    }
    return span


async def _cut_midway(run: Run, seconds: float) -> None:
    """Cut the sockets that are to be, when half of the time is over."""
    if run.crowd.size.storm_pct:
        await asyncio.sleep(seconds / 2)
        run.say(f"{run.crowd.size.storm_pct:g} % of the sockets are cut")
        run.crowd.cut_sockets()


async def _close(
    run: Run,
    span: Span,
    probe: set[str],
    outcome: Outcome,
    judged: Mapping[str, Mapping[str, float]] | None,
) -> None:
    """Stop whoever publishes, and hold every client's account against the server's cards.

    Times are judged by what was seen by the end of the span (`judged`) when more came afterwards.
    """
    run.say("no more lines; nothing is published any more")
    house, crowd = run.house, run.crowd
    crowd.still_locust()
    house.paceline("campaign", "pause", CAMPAIGN)
    house.stop("floor")
    for process in ("worker", "dialer"):
        house.stop(process)
    await asyncio.sleep(SETTLE_SECONDS)
    code = crowd.stop_locust()
    accounts = crowd.read_accounts()
    truth = await read_truth(house.settings["REDIS_URL"], accounts)
    rows = await run.books.rows()
    found = figures(rows, span, probe, 0)
    settled = settle(accounts, truth, map(_popped, (r for r in rows if r.published is not None)))
    percentiles = read_percentiles(crowd.out / "stats_stats.csv")
    outcome.figures |= {
        "clients": settled,
        "calls": {name: found[name] for name in COUNTED},
        "probe_received_ms": found["received_at_pages_ms"],
        "received_ms": found["received_ms"],
        "by_locust": percentiles,
        "locust_code": code,
    }
    viewers = crowd.size.viewers - int(outcome.figures["slow"])
    wanted = crowd.size.agents + min(viewers, WATCHED)
    there = Verdict(
        "an account of every client",
        f"{len(accounts)} / {wanted}",
        len(accounts) == wanted,
        code="accounts",
        most=str(wanted),
    )
    zeros = settled | {name: found[name] for name in ("calls_lost", "double_assignments")}
    outcome.verdicts += [there, *judge_books(zeros)]
    if outcome.scenario == "login":
        outcome.verdicts += judge_login(outcome.figures["login"], found["received_at_pages_ms"])
    elif outcome.scenario not in TROUBLED:
        size = crowd.size
        outcome.verdicts += judge_times(
            judged or percentiles,
            size.limits,
            storm=size.storm_pct > 0 or outcome.scenario == "rolling",
        )
    if outcome.scenario == "soak":
        outcome.verdicts += judge_memory(outcome.figures["growth"])


async def read_truth(redis_url: str, accounts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The digest of each channel that anybody holds, as the broker has its cards."""
    channels = sorted({name for account in accounts for name in account["holds"]})
    broker = RedisBroker(redis_url)
    truth = {}
    for begin in range(0, len(channels), ASKED_AT_ONCE):
        some = channels[begin : begin + ASKED_AT_ONCE]
        for name, reply in zip(some, await broker.catch_up([(c, None) for c in some]), strict=True):
            cards = {
                key: msgspec.msgpack.decode(value)
                for _, key, value in reply.cards
                if value is not None
            }
            truth[name] = digest(cards)
    await broker.close()
    return truth


def _popped(row: Row) -> Popped:
    over = row.received is None and row.ended is not None
    return Popped(
        call=row.call,
        agent=row.agent or "",
        returned=row.returned > 0,
        overtaken=over and (row.ended or 0) - (row.assigned or 0) < RECEIPT_MS,
    )


# --- the scenarios: each returns what it has to tell ---


async def _quietly(_run: Run, _seconds: float) -> dict[str, Any]:
    """Nothing but work."""
    return {}


SCENARIOS: Final[dict[str, Callable[[Run, float], Awaitable[dict[str, Any]]]]] = {
    "floor": _quietly,
    "slow": _quietly,
    "soak": _quietly,
    "storm": storm,
    "login": everybody_signs_in,
    "rolling": rolling,
    "cut": cut,
    "chaos": chaos,
}
TROUBLED: Final = frozenset({"storm", "chaos", "cut"})  # while nobody answers, nothing is quick
