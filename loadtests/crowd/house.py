"""The house of a crowd: engines, portfolio, campaign, sessions, processes, and the Locust beside them."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from app.audit.service import SYSTEM
from app.campaigns import service as campaigns
from app.command.frame import know_every_table
from app.db import Database
from app.launch.programs import ROOT, command_of, environ_for
from app.people.crowd import TEAM_OF, team_name
from app.portfolio.seed import CAMPAIGNS
from loadtests.bench_house import BenchHouse, open_bench_house, stop_campaigns
from loadtests.crowd.knee import PACE
from loadtests.crowd.live import CLIENTS
from loadtests.crowd.login import COMING_PER_SECOND
from loadtests.crowd.targets import USUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from app.loadruns.rules import Limits

PROCESSES: Final = ("web", "dialer", "worker")
CAMPAIGN: Final = "Tải"
LINES_AN_AGENT: Final = 2
COMING_SECONDS: Final = 100  # for a large crowd: as fast as one web process lets people sign in
STAY: Final = "24h"  # until it is told to leave
WHERE: Final = "dpd 1..360"
PREPARE_SECONDS: Final = 300.0
LEAVE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many of what, and by which limits it is judged.

    probe: bots in a process of their own, by whose pops the run is judged. calls_per_second: lines that may
    be opened in one, None for no cap. slow_pct: of the viewers, who never read. storm_pct: of all sockets,
    which are cut in the middle. knee: afterwards, more calls a second until screens come too late.
    """

    agents: int
    viewers: int
    probe: int
    customers: int
    seed: int = 1
    profile: str = "brisk"
    calls_per_second: int | None = None
    limits: Limits = USUAL
    slow_pct: float = 0.0
    storm_pct: float = 0.0
    knee: bool = False


@dataclass
class CrowdHouse:
    """A house with its crowd's sessions on disk; processes are started by the scenario."""

    house: BenchHouse
    size: Size
    out: Path
    locust: subprocess.Popen[bytes] | None = field(default=None)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))  # everybody's

    @property
    def sessions(self) -> Path:
        """The lines of `paceline loadtest prepare`."""
        return self.house.state.path / "sessions.jsonl"

    @property
    def accounts(self) -> Path:
        """What each client of the crowd held at the end."""
        return self.out / "accounts.jsonl"

    def prepare(self) -> None:
        """Sign the crowd in; called again, anew."""
        size = self.size
        words = [
            "loadtest",
            "prepare",
            "--agents",
            str(size.agents),
            "--viewers",
            str(size.viewers),
            "--password-stdin",
        ]
        with self.sessions.open("wb") as lines:
            subprocess.run(  # noqa: S603 - our own command
                command_of("paceline", words),
                env=environ_for(self.house.settings), stdout=lines, check=True,
                timeout=PREPARE_SECONDS, input=self.password.encode(),
            )  # fmt: skip

    def start_locust(self, settings: Mapping[str, str]) -> None:
        """Let the crowd come. It stays until `stop_locust`."""
        size = self.size
        count = size.agents + size.viewers
        pace = COMING_PER_SECOND if "CROWD_LOGIN" in settings else usual_pace(count)
        command = locust_command(self.house.address, count, self.out, pace)
        environ = {
            **environ_for(dict(os.environ)),
            "CROWD_SESSIONS": str(self.sessions),
            "CROWD_ACCOUNTS": str(self.accounts),
            "CROWD_WRAPUP": "4" if size.profile == "brisk" else "17",
            "CROWD_FIGURES": str(self.out / CLIENTS),
            "CROWD_LIMITS": json.dumps(asdict(size.limits)),
            "CROWD_STORM": str(size.storm_pct),
            **settings,
        }
        self.accounts.unlink(missing_ok=True)
        (self.out / PACE).unlink(missing_ok=True)
        with (self.out / "locust.log").open("wb") as log:
            self.locust = subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603 - our own
        self.house.guard.watch(self.locust.pid)

    def still_locust(self) -> None:
        """Let the crowd do nothing any more, and listen."""
        if self.locust is not None:
            self.locust.send_signal(signal.SIGUSR1)

    def cut_sockets(self) -> None:
        """Cut the share of the sockets that was asked for, all in one moment."""
        if self.locust is not None:
            self.locust.send_signal(signal.SIGUSR2)

    def stop_locust(self) -> int:
        """Ask the crowd to write its accounts and leave; its exit code."""
        if self.locust is None:
            return 0
        process, self.locust = self.locust, None
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            code = process.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self.house.guard.release(process.pid)
        return code

    def has_left(self) -> bool:
        """Whether the crowd is gone already."""
        return self.locust is None or self.locust.poll() is not None

    def pids(self) -> dict[str, int]:
        """Process ids by name, engines and generator included."""
        found = self.house.pids()
        if self.locust is not None:
            found["locust"] = self.locust.pid
        return found

    def kill(self, name: str) -> None:
        """End a process without a word."""
        os.kill(self.house.children[name].pid, signal.SIGKILL)
        self.house.stop(name)

    def read_accounts(self) -> list[dict[str, Any]]:
        """What each client held; empty when the crowd did not end in order."""
        if not self.accounts.exists():
            return []
        return [json.loads(line) for line in self.accounts.read_text("utf-8").splitlines()]


def usual_pace(count: int) -> int:
    """How many of so many come in a second: ten, and more where that takes long."""
    return max(10, count // COMING_SECONDS)


def locust_command(address: str, count: int, out: Path, pace: int = 10) -> list[str]:
    """Locust with our people, `pace` of whom come in a second and stay; report and CSV lie in `out`."""
    return [
        sys.executable, "-m", "locust", "-f", str(ROOT / "loadtests/crowd/locustfile.py"),
        "--headless", "--host", address, "--users", str(count),
        "--spawn-rate", str(pace), "--run-time", STAY, "--stop-timeout", "5",
        "--only-summary", "--loglevel", "WARNING",
        "--html", str(out / "report.html"), "--csv", str(out / "stats"),
    ]  # fmt: skip


async def give_lines(house: BenchHouse, lines: int, calls_per_second: int | None) -> None:
    """As many lines as the floor can use, opened no faster than that."""
    know_every_table()
    database = Database(house.settings["DATABASE_URL"])
    async with database.writing() as session:
        campaign = await campaigns.find_by_name(session, CAMPAIGN)
        settings = {
            "lines": min(5_000, max(50, lines)),
            "calls_per_second": calls_per_second,
        }
        await campaigns.change_settings(session, campaign.id, settings, SYSTEM, campaign.created_at)
    await database.close()


@contextmanager
def open_crowd_house(size: Size, out: Path, say: Callable[[str], None]) -> Iterator[CrowdHouse]:
    """A house with a started campaign for the crowd's teams and the probe's, and sessions for everybody."""
    say(f"engines, tables, {size.customers:,} customers")
    with open_bench_house(
        agents=size.probe,
        customers=size.customers,
        seed=size.seed,
        say=say,
        profile=size.profile,
    ) as house:
        crowd = CrowdHouse(house, size, out)
        stop_campaigns(house, [campaign.name for campaign in CAMPAIGNS])
        say(f"{size.agents:,} agents and {size.viewers:,} viewers")
        crowd.prepare()  # the teams must be there before the campaign can name them
        teams = [team_name(place) for place in range(1, -(-size.agents // TEAM_OF) + 1)]
        teams += [f"Đội {branch}" for wanted in CAMPAIGNS for branch in wanted.branches]
        house.paceline(
            "campaign", "create", CAMPAIGN, f"--where={WHERE}", "--mode=predictive",
            *(f"--team={team}" for team in dict.fromkeys(teams)),
        )  # fmt: skip
        lines = LINES_AN_AGENT * (size.agents + size.probe)
        asyncio.run(give_lines(house, lines, size.calls_per_second))
        house.paceline("campaign", "start", CAMPAIGN)
        crowd.prepare()  # now the dialer is told of their campaign, too
        try:
            yield crowd
        finally:
            crowd.stop_locust()
            for log in house.state.logs.glob("*.log"):
                (out / log.name).write_bytes(log.read_bytes())
