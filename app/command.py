"""The `paceline` command: everything that an operator does from a shell.

Other processes are started by exec, and the business is imported inside the command that needs it, so that
`paceline --help` answers at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
from collections.abc import Sequence  # noqa: TC003  # cyclopts reads the types at run time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from rich.console import Console

from app.clock import Clock
from app.errors import Invalid, PacelineError, Refused
from app.launch.attached import attached
from app.launch.programs import ROOT
from app.launch.state import StateDirectory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.launch.doctor import Finding


def version() -> str:
    """The version in pyproject.toml; the demonstration runs from the tree, not from a wheel."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


APP = App(
    name="paceline",
    help="The real-time desktop of a bank's own collection floor.",
    version=version,
)
OUT = Console(highlight=False, soft_wrap=True)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
REFUSED, INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line; a refusal is one sentence on standard error and exit code 2."""
    try:
        APP()
    except PacelineError as error:
        ERRORS.print(error.sentence, style="red", markup=False)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def here() -> StateDirectory:
    """The state directory that this command works with (`PACELINE_STATE`)."""
    return StateDirectory(Path(os.environ.get("PACELINE_STATE") or ".paceline"))


@APP.command
def demo(  # noqa: PLR0913  # each is a switch of the command line
    *,
    host: Annotated[str, Parameter(env_var="PACELINE_HOST")] = "127.0.0.1",
    port: Annotated[int, Parameter(env_var="PACELINE_PORT")] = 8000,
    public: bool = False,
    profile: Annotated[
        Literal["demo", "realistic", "brisk"], Parameter(env_var="PACELINE_CARRIER_PROFILE")
    ] = "demo",
    bots: int = 40,
    customers: int = 20_000,
    seed: Annotated[int, Parameter(env_var="PACELINE_SEED")] = 1,
    reset: bool = False,
) -> None:
    """Run a whole floor on this machine: engines, a portfolio, a simulated carrier and bots.

    Parameters
    ----------
    host: Address to listen on. Anything but this machine itself needs --public.
    port: Port to listen on.
    public: Let other machines reach the demonstration.
    profile: How the simulated carrier behaves.
    bots: How many simulated agents sign in; 0 for none.
    customers: Size of the portfolio made on the first start.
    seed: Chance of the portfolio and of the carrier.
    reset: Empty the state directory instead, and end.
    """
    from app.launch.demo import Told, Wish, run_demo

    if reset:
        _reset(here())
        return
    wish = Wish(host, port, public, profile, bots, seed, customers)
    run_demo(here(), wish, os.environ, Clock(), Told(_say, _show_ready))


@APP.command
def web() -> None:
    """Serve pages and sockets (DATABASE_URL, REDIS_URL, PACELINE_SECRET, PACELINE_HOST, PACELINE_PORT)."""
    _become("web")


@APP.command
def hub() -> None:
    """Serve sockets alone, where they are scaled apart from pages."""
    _become("hub")


@APP.command
def dialer() -> None:
    """Run the room of calls."""
    _become("dialer")


@APP.command
def worker() -> None:
    """Run scheduled work and the outbox relay."""
    _become("worker")


@APP.command
def migrate() -> None:
    """Bring the tables to the newest revision; waits for no lock longer than five seconds."""
    from app.launch.demo import run_step
    from app.launch.programs import command_of

    state = here()
    with attached(state, os.environ) as environ:
        state.logs.mkdir(parents=True, exist_ok=True)
        run_step(state, "migrate", command_of("migrate"), environ)
    _say("The tables are up to date.")


@APP.command
def doctor(*, audit: bool = False) -> None:
    """Look at engines, versions, clocks, limits and the carrier, and say what to do.

    Parameters
    ----------
    audit: Verify the chain of the audit trail as well.
    """
    from app.launch.doctor import Health, look_at_engines, look_at_machine

    state = here()
    findings = [*look_at_machine(state, os.environ), _look_at_carrier(os.environ)]
    _show_findings(findings)
    with attached(state, os.environ) as environ:
        more = asyncio.run(look_at_engines(environ, Clock()))
        if audit:
            more.append(asyncio.run(_look_at_audit(environ)))
    _show_findings(more)
    bad = [finding for finding in findings + more if finding.health is Health.BAD]
    if bad:
        raise Refused(
            f"{len(bad)} thing(s) must be mended: {', '.join(each.what for each in bad)}."
        )
    _say("Paceline can run here.")


@APP.command
def backup(file: Path) -> None:
    """Write everything in PostgreSQL to one file, while the floor works.

    Parameters
    ----------
    file: A new file; it holds personal data and is readable by you only.
    """
    from app.launch.backup import back_up

    with attached(here(), os.environ) as environ:
        manifest = asyncio.run(
            back_up(environ["DATABASE_URL"], file, environ, Clock().now().isoformat())
        )
    rows = sum(manifest.counts.values())
    _say(f"{file}: {rows:,} rows of {len(manifest.counts)} tables.")


@APP.command
def restore(file: Path, *, replace: bool = False) -> None:
    """Put a backup in the database's place; the floor must be stopped.

    Parameters
    ----------
    file: A file that `paceline backup` wrote.
    replace: Yes, put it in the place of the data that is there.
    """
    from app.launch.backup import restore as bring_back

    state = here()
    if state.announced() is not None:
        raise Refused("The floor is running: stop it first, because it would lose its footing.")
    with attached(state, os.environ) as environ:
        manifest = asyncio.run(bring_back(environ["DATABASE_URL"], file, environ, replace=replace))
        if not os.environ.get("REDIS_URL"):
            asyncio.run(_forget_the_moment(environ["REDIS_URL"]))
    rows = sum(manifest.counts.values())
    _say(f"Restored {rows:,} rows of {len(manifest.counts)} tables as of {manifest.made_at}.")


def _become(name: str) -> None:
    """Become one of our processes: nothing of ours is left above it to pass signals on."""
    from app.launch.programs import command_of, environ_for

    announced = {} if os.environ.get("DATABASE_URL") else here().announced()
    command = command_of(name)
    environ = environ_for({**(announced or {}), **os.environ})
    os.execve(command[0], command, environ)  # noqa: S606  # our own interpreter and module


def _reset(state: StateDirectory) -> None:
    with state.held(purpose="emptied"):
        state.empty()
    _say(f"{state.path} is gone; the next `make demo` starts afresh.")


def _say(line: str) -> None:
    OUT.print(line, markup=False)


def _show_ready(address: str, sign_ins: Mapping[str, Sequence[str]], first: bool) -> None:  # noqa: FBT001  # a callback's order
    _say("")
    _say(f"  Paceline is ready: {address}")
    if first:
        for role, (username, password) in sign_ins.items():
            _say(f"    {role:<12} {username:<16} {password}")
    _say(f"  Sign-ins are kept in {here().path / 'sign-ins.json'}.")
    _say("  Stop with Ctrl-C. Everything is kept; `make demo-reset` empties it.")
    _say("")


def _show_findings(findings: Sequence[Finding]) -> None:
    from app.launch.doctor import Health

    marks = {
        Health.GOOD: "[green]ok  [/]",
        Health.WEAK: "[yellow]weak[/]",
        Health.BAD: "[red]BAD [/]",
    }
    for finding in findings:
        OUT.print(marks[finding.health], end=" ")
        _say(f"{finding.what}: {finding.said}")
        if finding.fix:
            _say(f"       {finding.fix}")


def _look_at_carrier(environ: Mapping[str, str]) -> Finding:
    from app.launch.doctor import Finding, Health
    from app.settings import CARRIERS

    carrier = environ.get("PACELINE_CARRIER") or "simulator"
    if carrier not in CARRIERS:
        return Finding("carrier", Health.BAD, carrier, f"Choose one of {', '.join(CARRIERS)}.")
    return Finding("carrier", Health.GOOD, carrier)


async def _look_at_audit(environ: Mapping[str, str]) -> Finding:
    raise Invalid(f"The audit trail of {environ['DATABASE_URL']} cannot be verified yet.")


async def _forget_the_moment(url: str) -> None:
    """Empty Valkey after a restore: what it held belongs to the data that is gone."""
    import redis.asyncio as redis

    async with redis.Redis.from_url(url) as client:
        await client.flushall()


if __name__ == "__main__":
    main()
