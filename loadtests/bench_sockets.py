"""How fast a message reaches a socket, ours beside what people use today: `make bench-sockets`.

In one run, on one machine, in turns: a C relay as the floor (the least that can be done), our hub as one
and as two processes, and whoever of nchan, socket.io and Channels can be had. Each round measures every
peer; what counts is the ratio to the floor of the same round, so that a busy machine weighs on both.
`ARGS="--agents 200 --seconds 1 --rounds 2 --peers floor,ours"` is a short one.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import redis
import uvloop

from app.errors import PacelineError
from app.launch.binaries import find_valkey
from app.launch.engines import raise_open_file_limit
from app.launch.valkey import Valkey, start_valkey
from loadtests.bench_sockets_figures import FLOOR, OURS, TWO, derived, table, verdicts
from loadtests.bench_sockets_others import Channels, Nchan, SocketIo
from loadtests.bench_sockets_peers import Floor, NotHere, Ours, Peer
from loadtests.bench_sockets_stages import Plan, measure
from loadtests.figures import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadtests.bench_sockets_figures import Figures, Rounds

SPARE_FILES = 500  # beyond one for each socket
OTHERS_ROUNDS = 3  # that the others take part in; what is to be reached is asked of ours in all
PEERS: dict[str, Callable[[Valkey, Path], Peer]] = {
    FLOOR: lambda engine, folder: Floor(engine, folder, FLOOR),
    OURS: lambda engine, folder: Ours(engine, folder, OURS),
    TWO: lambda engine, folder: Ours(engine, folder, TWO, hubs=2),
    "nchan": lambda engine, folder: Nchan(engine, folder, "nchan"),
    "socket.io": lambda engine, folder: SocketIo(engine, folder, "socket.io"),
    "Channels": lambda engine, folder: Channels(engine, folder, "Channels"),
}
WORDS = {"floor": FLOOR, "ours": OURS, "ours-2": TWO} | {
    name.lower(): name for name in PEERS if name not in (FLOOR, OURS, TWO)
}  # as the command line names them


def say(line: str) -> None:
    """What happens now, with the time of day."""
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)


def run(asked: argparse.Namespace, folder: Path) -> tuple[Rounds, dict[str, str]]:
    """Every round; and who could not take part, with the reason."""
    plan = Plan(asked.agents, asked.seconds, folder)
    rounds: Rounds = []
    absent: dict[str, str] = {}
    for number in range(asked.rounds):
        found: dict[str, Figures] = {}
        for name in asked.peers:
            if name in absent or (number >= OTHERS_ROUNDS and name not in (FLOOR, OURS, TWO)):
                continue
            say(f"round {number + 1} of {asked.rounds}: {name}, load {os.getloadavg()[0]:.1f}")
            try:
                found[name] = _measure(name, plan, whole=number == 0)
            except NotHere as error:
                absent[name] = str(error)
        rounds.append(found)
    return rounds, absent


def _measure(name: str, plan: Plan, *, whole: bool) -> Figures:
    """One peer on an engine of its own, so that none inherits another's keys."""
    home = Path(tempfile.mkdtemp(dir=plan.folder, prefix="v"))
    engine = start_valkey(
        find_valkey(os.environ), home / "data", home, plan.folder / "valkey.log", None
    )
    with redis.Redis.from_url(engine.url) as client:
        client.config_set(
            "appendonly", "no"
        )  # as operations.md has it: nothing there has to survive
    try:
        return derived(uvloop.run(measure(PEERS[name](engine, plan.folder), plan, whole=whole)))
    finally:
        engine.stop()
        shutil.rmtree(home, ignore_errors=True)


def report(
    asked: argparse.Namespace, rounds: Rounds, absent: dict[str, str], begun: datetime
) -> int:
    """Print and write everything; the exit code says whether every goal that was measured is met."""
    judged = verdicts(rounds)
    command = " ".join(["make bench-sockets", *([f'ARGS="{asked.words}"'] if asked.words else [])])
    told = machine()
    title = (
        f"`{command}`, {begun:%Y-%m-%d %H:%M} UTC, {told['cores']} cores, Python {told['python']}, "
        f"kernel {told['kernel']}, {asked.agents} sockets, {asked.rounds} rounds, "
        f"load {asked.load:.1f} before."
    )
    lines = [
        title,
        "",
        table(rounds, absent),
        "",
        *(f"- {verdict}" for verdict in judged),
    ]
    asked.out.mkdir(parents=True, exist_ok=True)
    stem = asked.out / "bench-sockets"
    whole = {
        "command": command,
        "begun": begun.isoformat(timespec="seconds"),
        "machine": told,
        "load_before": asked.load,
        "rounds": rounds,
        "absent": absent,
        "verdicts": [asdict(verdict) | {"met": verdict.met} for verdict in judged],
    }
    stem.with_suffix(".json").write_text(json.dumps(whole, indent=1), "utf-8")
    stem.with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))
    print(f"\nWritten to {stem}.json and {stem}.md.")
    return 0 if all(verdict.met for verdict in judged if verdict.seen is not None) else 1


def _peers(words: str) -> list[str]:
    unknown = [word for word in words.split(",") if word not in WORDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]}: choose from {', '.join(WORDS)}")
    return [WORDS[word] for word in words.split(",")]


def main(words: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench_sockets", description=__doc__)
    parser.add_argument("--agents", type=int, default=2_000, help="sockets")
    parser.add_argument("--seconds", type=float, default=2.5, help="of each stage")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=_peers, default=list(WORDS.values()), help=",".join(WORDS))
    parser.add_argument("--out", type=Path, default=Path(".paceline/bench"))
    asked = parser.parse_args(
        words, argparse.Namespace(words=" ".join(words), load=os.getloadavg()[0])
    )
    files = raise_open_file_limit()
    if files < asked.agents + SPARE_FILES:
        sys.stderr.write(
            f"{asked.agents} sockets need {asked.agents + SPARE_FILES} open files, this machine allows"
            f" {files}: raise the limit (ulimit -n) or ask for fewer with --agents.\n"
        )
        return 2
    begun = datetime.now(UTC)
    folder = Path(tempfile.mkdtemp(prefix="paceline-sockets-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            rounds, absent = run(asked, folder)
        except (PacelineError, TimeoutError) as fault:
            sys.stderr.write(f"{str(fault) or 'a server did not answer in time'}\n")
            return 2
    return report(asked, rounds, absent, begun)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
