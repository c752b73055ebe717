"""What a wall of 2,000 agents costs its leader, its hub and its browser: `make bench-wall`.

Agents are only said to work (`wall_floor`), at the pace of a full floor; leader, hub and page are the product's.
Said: CPU of worker and web a second with 0, 50 and 200 viewers; script, style and layout of one page in each view;
long tasks while a script scrolls through everybody (check WB4 of ux.md). Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.typing import Origin

from app.clock import Clock
from app.db import Database
from app.launch.programs import command_of, environ_for
from loadtests.bench_house import BenchHouse, open_bench_house
from loadtests.bench_pop import ended_by_signal, say
from loadtests.desk_pages import open_browser
from loadtests.figures import machine, percentiles
from loadtests.process_cost import costs, spent
from loadtests.wall_floor import SaidFloor
from loadtests.wall_page import MOST_BUSY_MS, MOST_TASK_MS, scroll, watch
from realtime import redis_client
from realtime.broker_redis import RedisBroker
from realtime.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Page

VIEWERS: Final = (0, 50, 200)
VIEWS: Final = ("floor", "agents", "campaigns")
LOAD_SECONDS: Final = 60.0
LEAST_SHARE: Final = 1.25  # of the leader's CPU with the most viewers to that without any


def prepare(house: BenchHouse, agents: int, viewers: int) -> list[dict[str, Any]]:
    """A crowd that is signed in."""
    words = ["loadtest", "prepare", "--agents", str(agents), "--viewers", str(viewers)]
    environ = environ_for(house.settings)
    done = subprocess.run(  # noqa: S603 - our own command
        command_of("paceline", words), env=environ, capture_output=True, check=True, text=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@asynccontextmanager
async def viewers_at(sessions: Sequence[dict[str, Any]]) -> AsyncIterator[list[int]]:
    """So many open walls that read and do nothing with it: bytes received, in one number."""
    read = [0]

    async def view(session: dict[str, Any]) -> None:
        """One of them; a page would also draw."""
        client = Client(session["ticket"])
        async with connect(
            session["socket"], origin=Origin(session["origin"]), compression=None, max_size=None
        ) as socket:
            await socket.send(client.connected(0))
            async for message in socket:
                read[0] += len(message)
                if len(message) < 64 and isinstance(message, bytes):  # noqa: PLR2004 - a beat
                    client.receive(message, 0)
                    while client.outbox:
                        await socket.send(client.outbox.pop(0))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(view(session)) for session in sessions]
        yield read
        for task in tasks:
            task.cancel()


async def servers(
    house: BenchHouse, said: SaidFloor, crowd: Sequence[dict[str, Any]], seconds: float
) -> list[dict[str, Any]]:
    """CPU a second of worker, web and Valkey, by viewers."""
    rows = []
    sessions = [each for each in crowd if each["kind"] == "viewer"][1:]
    for count in VIEWERS:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(said.working())
            read = await stack.enter_async_context(viewers_at(sessions[:count]))
            sessions = sessions[count:]
            await asyncio.sleep(10.0)  # snapshots are over, the leader has its books
            read[0], before = 0, costs(house.pids())
            await asyncio.sleep(seconds)
            used = spent(before, costs(house.pids()))
        cpu = {
            name: round(1000 * float(str(each["cpu_s"])) / seconds) for name, each in used.items()
        }
        kib = round(read[0] / 1024 / seconds / max(1, count))
        rows.append({"viewers": count, "cpu_ms_a_second": cpu, "kib_a_second_each": kib})
        say(f"{rows[-1]}")
    return rows


async def pages(
    house: BenchHouse, said: SaidFloor, viewer: dict[str, Any], seconds: float
) -> dict[str, Any]:
    """What one page does in each view, and while it is scrolled."""
    found: dict[str, Any] = {}
    async with open_browser() as browser:
        window = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
        name, _, value = viewer["cookie"].partition("=")
        await window.add_cookies([{"name": name, "value": value, "url": house.address}])
        page = await window.new_page()
        for view in VIEWS:
            await open_view(page, house.address, view, len(said.users))
            async with said.working(), watch(page) as effort:
                await asyncio.sleep(seconds)
            found[view] = effort.told()
            say(f"{view}: {found[view]}")
        await open_view(page, house.address, "agents", len(said.users))
        runs = []
        for _ in range(3):
            async with said.working(), watch(page) as effort:
                seen = await scroll(page)
            runs.append(effort.told() | seen)
            say(f"scroll: {runs[-1]}")
        found["scroll"] = runs
    return found


async def open_view(page: Page, address: str, view: str, agents: int) -> None:
    """The view with everybody's cards there, and what opening it cost over."""
    await page.goto(f"{address}/wall?view={view}")
    await page.wait_for_function(
        "(count) => document.querySelector('floor-tiles')?.wall.agents.length === count",
        arg=agents, timeout=LOAD_SECONDS * 1000,
    )  # fmt: skip
    await asyncio.sleep(3.0)


async def measure(house: BenchHouse, asked: argparse.Namespace) -> dict[str, Any]:
    """Everything."""
    database = Database(house.settings["DATABASE_URL"])
    async with database.reading() as session:
        offset = await session.scalar(text("SELECT clock_offset_ms FROM organisations"))
    await database.close()
    crowd = prepare(house, asked.agents, 1 + sum(VIEWERS))
    users = [each["user"] for each in crowd if each["kind"] == "agent"]
    url = house.settings["REDIS_URL"]
    async with redis_client.connect(url) as redis:
        now_ms = Clock(int(offset or 0)).now_ms
        said = SaidFloor(RedisBroker(url, redis), redis, users, random.Random(asked.seed), now_ms)
        await said.open()
        viewer = next(each for each in crowd if each["kind"] == "viewer")
        return {
            "servers": await servers(house, said, crowd, asked.seconds),
            "page": await pages(house, said, viewer, asked.seconds),
        }


def verdicts(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Target, what was seen, whether it held."""
    page = found["page"]
    judged = [
        (f"{view}: script + style + layout < {MOST_BUSY_MS:g} ms a second", f"{page[view]['busy']} ms",
         page[view]["busy"] < MOST_BUSY_MS)
        for view in VIEWS
    ]  # fmt: skip
    longest = percentiles([run["longest"] for run in page["scroll"]])["p50"]
    judged.append(
        (f"scroll: no task above {MOST_TASK_MS:g} ms (median of the runs' longest)",
         f"{longest:g} ms", longest <= MOST_TASK_MS)
    )  # fmt: skip
    wrong = sum(run["misplaced"] + run["blank"] for run in page["scroll"])
    judged.append(("scroll: the right rows in every frame", f"{wrong} wrong", wrong == 0))
    first, last = (
        row["cpu_ms_a_second"]["worker"] for row in (found["servers"][0], found["servers"][-1])
    )
    judged.append(
        (f"leader's CPU with {VIEWERS[-1]} viewers at most {LEAST_SHARE:g} of that with none",
         f"{last} to {first} ms a second", last <= LEAST_SHARE * first)
    )  # fmt: skip
    return judged


def main(words: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench_wall", description=__doc__)
    parser.add_argument("--agents", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    with (
        ended_by_signal(),
        open_bench_house(agents=2, customers=500, seed=asked.seed, say=say) as house,
    ):
        for process in ("web", "worker"):
            house.start(process)
        house.await_web()
        found = asyncio.run(measure(house, asked))
    judged = verdicts(found)
    print(json.dumps({"machine": machine(), **found}, indent=1))
    for target, seen, held in judged:
        print(f"- {'held' if held else 'MISSED'}: {target} ({seen})")
    return 0 if all(held for _, _, held in judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
