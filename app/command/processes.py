"""Commands that run processes: the demonstration, and each process alone, by exec."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from app.clock import Clock
from app.command.frame import APP, here, say
from app.launch.attached import attached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.launch.state import StateDirectory


MOST_WORKERS = 64
Workers = Annotated[int, Parameter(validator=Number(gte=1, lte=MOST_WORKERS))]


@APP.command
def demo(  # noqa: PLR0913  # each is a switch of the command line
    *,
    host: Annotated[str, Parameter(env_var="PACELINE_HOST")] = "127.0.0.1",
    port: Annotated[int, Parameter(env_var="PACELINE_PORT")] = 8000,
    public: bool = False,
    profile: Annotated[
        Literal["demo", "realistic", "brisk", "patient"],
        Parameter(env_var="PACELINE_CARRIER_PROFILE"),
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
    run_demo(here(), wish, os.environ, Clock(), Told(_tell, _show_ready))


@APP.command
def web(*, workers: Workers = 1) -> None:
    """Serve pages and sockets (DATABASE_URL, REDIS_URL, PACELINE_SECRET, PACELINE_HOST, PACELINE_PORT).

    Parameters
    ----------
    workers: How many processes share the port; SIGHUP replaces them one by one.
    """
    _become("web", str(workers))


@APP.command
def hub(*, workers: Workers = 1) -> None:
    """Serve sockets alone, where they are scaled apart from pages.

    Parameters
    ----------
    workers: How many processes share the port; SIGHUP replaces them one by one.
    """
    _become("hub", str(workers))


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
    say("The tables are up to date.")


def _become(name: str, *arguments: str) -> None:
    """Become one of our processes: nothing of ours is left above it to pass signals on."""
    from app.launch.programs import command_of, environ_for

    announced = {} if os.environ.get("DATABASE_URL") else here().announced()
    command = command_of(name, arguments)
    environ = environ_for({**(announced or {}), **os.environ})
    os.execve(command[0], command, environ)  # noqa: S606  # our own interpreter and module


def _reset(state: StateDirectory) -> None:
    with state.held(purpose="emptied"):
        state.empty()
    say(f"{state.path} is gone; the next `make demo` starts afresh.")


def _tell(line: str) -> None:
    """Print, unless nobody listens any more: a closed terminal is no reason to crash while ending."""
    with contextlib.suppress(OSError):
        say(line)


def _show_ready(address: str, sign_ins: Mapping[str, Sequence[str]], first: bool) -> None:  # noqa: FBT001  # a callback's order
    _tell("")
    _tell(f"  Paceline is ready: {address}")
    if first:
        for role, (username, password) in sign_ins.items():
            _tell(f"    {role:<12} {username:<16} {password}")
    _tell(f"  Sign-ins are kept in {here().path / 'sign-ins.json'}.")
    _tell("  Stop with Ctrl-C. Everything is kept; `make demo-reset` empties it.")
    _tell("")
