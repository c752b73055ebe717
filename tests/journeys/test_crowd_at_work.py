"""A small crowd of Locust users works on a real floor: what they were told is held against the server's truth."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from app.launch.programs import environ_for
from app.people.crowd import team_name
from loadtests.crowd.house import locust_command
from loadtests.crowd.ledger import Popped, settle
from loadtests.crowd.scenarios import read_truth
from loadtests.crowd.targets import read_percentiles

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.floor import Floor

AGENTS, VIEWERS = 6, 2

pytestmark = [pytest.mark.req("P0-006"), pytest.mark.timeout(240)]


def prepare(floor: Floor, sessions: Path) -> None:
    """Sign the crowd in, anew."""
    words = ("loadtest", "prepare", "--agents", str(AGENTS), "--viewers", str(VIEWERS))
    sessions.write_text(floor.house.paceline(*words).stdout)


def start(command: list[str], environ: dict[str, str], path: Path) -> subprocess.Popen[bytes]:
    """Let the crowd come."""
    with path.open("wb") as log:
        return subprocess.Popen(command, env=environ, stdout=log, stderr=log)


async def test_a_crowd_takes_calls_and_is_told_each_thing_once(
    floor: Floor, tmp_path: Path
) -> None:
    floor.load_people(60)
    sessions, told = tmp_path / "sessions.jsonl", tmp_path / "accounts.jsonl"
    await asyncio.to_thread(prepare, floor, sessions)
    await floor.open_campaign("Tải", team=team_name(1), lines=6)
    await asyncio.to_thread(prepare, floor, sessions)
    environ = {
        **environ_for(dict(os.environ)),
        "CROWD_SESSIONS": str(sessions),
        "CROWD_ACCOUNTS": str(told),
        "CROWD_WRAPUP": "1",
    }
    command = locust_command(floor.address, AGENTS + VIEWERS, tmp_path)
    locust = start(command, environ, tmp_path / "locust.log")
    try:
        await floor.until(
            "SELECT 1 FROM calls WHERE wrapped_at IS NOT NULL HAVING count(*) >= 4", seconds=120
        )
        locust.send_signal(signal.SIGUSR1)
        for process in ("worker", "dialer"):
            await asyncio.to_thread(floor.house.stop, process)
        await asyncio.sleep(1.0)  # what was published last is delivered
        locust.send_signal(signal.SIGINT)
        await asyncio.to_thread(locust.wait, 60)
    finally:
        locust.kill()
    accounts: list[dict[str, Any]] = [json.loads(line) for line in told.read_text().splitlines()]
    rows = await floor.all(
        "SELECT id, agent_id, pops_unacknowledged, received_at, ended_at FROM calls"
        " WHERE published_at IS NOT NULL"
    )
    pops = [
        Popped(
            str(row["id"]),
            str(row["agent_id"]),
            returned=row["pops_unacknowledged"] > 0,
            overtaken=row["received_at"] is None,
        )
        for row in rows
    ]
    found = settle(accounts, await read_truth(floor.house.redis_url, accounts), pops)
    assert found["clients"] == AGENTS + VIEWERS
    assert found["pops"] >= 4
    wrong = {name: found[name] for name in ("wrong_state", "repeats", "disorder", "breaches")}
    assert wrong == dict.fromkeys(wrong, 0), found
    assert (found["pops_lost"], found["pops_at_two_desks"]) == (0, 0), found
    percentiles = read_percentiles(tmp_path / "stats_stats.csv")
    assert percentiles["assigned to received"]["n"] >= found["pops"]
    assert percentiles["computed to received"]["n"] > 0
    assert "assigned to received" in (tmp_path / "report.html").read_text(encoding="utf-8")
