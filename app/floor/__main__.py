"""Runs a floor of bots in one process.

`python -m app.floor --url http://127.0.0.1:8000 --credentials sign-ins.json --bots 40`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx2
import uvloop

from app.clock import Clock
from app.floor.bot import MANNERS, Bot, Tally, Tools
from app.floor.visitor import SharedTransport
from app.observe import configure_logging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random  # noqa: TID251 - only the type; the generator is passed in

SIGN_IN_SPREAD_SECONDS: Final = 3.0


def read_credentials(path: Path) -> list[tuple[str, str]]:
    """User names and passwords of bots: `{"bots": [...]}` of the demonstration, or a plain list."""
    told = json.loads(path.read_text("utf-8"))
    rows = told["bots"] if isinstance(told, dict) else told
    return [(str(row["username"]), str(row["password"])) for row in rows]


async def run_floor(tools: Tools, credentials: Sequence[tuple[str, str]], chance: Random) -> None:
    """Run every bot until cancelled; they come one after the other within three seconds."""

    async def work(number: int, username: str, password: str) -> None:
        """One bot, in its turn."""
        await asyncio.sleep(number * SIGN_IN_SPREAD_SECONDS / len(credentials))
        own = tools.clock.random(f"{chance.random()} {username}")
        await Bot(tools, username, password, own).run()

    async with asyncio.TaskGroup() as tasks:
        for number, (username, password) in enumerate(credentials):
            tasks.create_task(work(number, username, password), name=username)


async def main(arguments: argparse.Namespace) -> None:
    """Run the floor until SIGTERM or SIGINT."""
    clock = Clock()
    log = configure_logging("floor", now=lambda: clock.now().isoformat(timespec="milliseconds"))
    tally = Tally()
    credentials = read_credentials(arguments.credentials)[: arguments.bots]
    async with httpx2.AsyncHTTPTransport(
        limits=httpx2.Limits(max_connections=64, max_keepalive_connections=16)
    ) as pool:
        tools = Tools(
            url=arguments.url.rstrip("/"),
            transport=SharedTransport(pool),
            clock=clock,
            manner=MANNERS[arguments.profile],
            tally=tally,
            log=log,
        )
        chance = clock.random(arguments.seed)
        log.info("floor opens", bots=len(credentials), url=tools.url)
        floor = asyncio.gather(run_floor(tools, credentials, chance))
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, floor.cancel)
        try:
            await floor
        except asyncio.CancelledError:
            log.info("floor closes", calls=tally.calls, breaks=tally.breaks, refused=tally.refused)


def _parse(environ: Mapping[str, str]) -> argparse.Namespace:
    host = environ.get("PACELINE_HOST") or "127.0.0.1"
    here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    state = Path(environ.get("PACELINE_STATE") or ".paceline")
    parser = argparse.ArgumentParser(prog="python -m app.floor", description=__doc__)
    parser.add_argument("--url", default=f"http://{here}:{environ.get('PACELINE_PORT') or 8000}")
    parser.add_argument("--credentials", type=Path, default=state / "sign-ins.json")
    parser.add_argument("--bots", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(environ.get("PACELINE_SEED") or 1))
    parser.add_argument(
        "--profile", choices=MANNERS, default=environ.get("PACELINE_CARRIER_PROFILE") or "demo"
    )
    return parser.parse_args()


if __name__ == "__main__":
    uvloop.run(main(_parse(os.environ)))
