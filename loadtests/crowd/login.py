"""Eight in the morning: the whole crowd signs in by name and password while others are in calls already.

They come faster than they can be let in, 2,000 within a minute; who has to wait is told his place, and comes back
at his turn. Nobody may be refused, all must be in within two minutes, and screens must not be late meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any, Final

from loadtests.crowd.live import CLIENTS
from loadtests.crowd.targets import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loadtests.crowd.scenarios import Run

COMING_PER_SECOND: Final = 34  # a web process lets 25 in
WITHIN_SECONDS: Final = 120.0
PATIENCE_SECONDS: Final = 300.0  # of the test, when the product is slower than it should be
QUEUES_FROM: Final = 300  # fewer wait inside their requests and are told nothing
LATE_MS: Final = 500.0  # p99 of the probe, meanwhile
LOOK_SECONDS: Final = 0.5


async def everybody_signs_in(run: Run, _seconds: float) -> dict[str, Any]:
    """Let them come, and wait until all are in."""
    size, began = run.crowd.size, time.monotonic()
    run.crowd.start_locust({"CROWD_LOGIN": run.crowd.password, "CROWD_SLOW": "0"})
    told: dict[str, Any] = {}
    passed = 0.0
    while told.get("signed_in", 0) < size.agents and passed < PATIENCE_SECONDS:
        await asyncio.sleep(LOOK_SECONDS)
        run.house.check()
        passed = time.monotonic() - began
        told = _told(run)
    return {"login": {**told, "agents": size.agents, "seconds": round(passed, 1)}}


def _told(run: Run) -> dict[str, Any]:
    try:
        found = json.loads((run.crowd.out / CLIENTS).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {name: found[name] for name in ("signed_in", "refused_at_the_door", "longest_queue")}


def judge_login(login: Mapping[str, Any], probe: Mapping[str, float]) -> list[Verdict]:
    """What is wanted of such a morning. `probe`: times of its pops, ms."""
    count, of, seconds = login.get("signed_in", 0), login["agents"], login["seconds"]
    refused, queue = login.get("refused_at_the_door", 0), login.get("longest_queue", 0)
    found = [
        Verdict(
            f"all {of} signed in within {WITHIN_SECONDS:g} s",
            f"{count} / {seconds:g} s",
            count == of and seconds <= WITHIN_SECONDS,
            code="login_all", most=f"{WITHIN_SECONDS:g} s",
        ),
        Verdict("sign-ins refused 0", str(refused), refused == 0, code="login_refused", most="0"),
        Verdict(
            f"probe received p99 <= {LATE_MS:g} ms",
            f"{probe['p99']:g} ms" if probe["max"] else "none",
            probe["max"] > 0 and probe["p99"] <= LATE_MS,
            code="login_probe", most=f"{LATE_MS:g} ms",
        ),
    ]  # fmt: skip
    if of >= QUEUES_FROM:
        found.append(
            Verdict(
                "who waited was told his place", str(queue), queue > 0,
                code="login_place", most="1",
            )
        )  # fmt: skip
    return found
