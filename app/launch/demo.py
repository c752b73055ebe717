"""The demonstration on one machine: engines, tables, a portfolio, and every process over them.

What has to be true before anything starts is asked first and said in one sentence each.
"""

from __future__ import annotations

import asyncio
import ctypes
import http.client
import ipaddress
import json
import signal
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Invalid, Refused, Unavailable
from app.launch.children import POLL_SECONDS, PR_SET_PDEATHSIG, start
from app.launch.engines import Engines, own_postgres, own_valkey, running_engines
from app.launch.programs import command_of, environ_for, start_program
from app.launch.revisions import is_current
from app.launch.supervisor import Guard, Stopped, Supervisor, stopping_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from app.clock import Clock
    from app.launch.children import Child
    from app.launch.state import StateDirectory

READY_SECONDS = 60.0
HTTP_OK = 200
LARGEST_LOG_BYTES = 20 * 1024 * 1024
SIGN_INS = "sign-ins.json"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for. `profile` is the simulated carrier's; `bots` 0 means none."""

    host: str = "127.0.0.1"
    port: int = 8000
    public: bool = False
    profile: str = "demo"
    bots: int = 40
    seed: int = 1
    customers: int = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """How the demonstration speaks: `line` says what happens, `ready` shows address and sign-ins."""

    line: Callable[[str], None]
    ready: Callable[[str, Mapping[str, Sequence[str]], bool], None]


def check_address(wish: Wish) -> None:
    """Is this an address to listen on? Raises `Refused` without `--public`, `Unavailable` when taken."""
    if not wish.public and not _is_loopback(wish.host):
        raise Refused(
            f"{wish.host} can be reached from other machines, and a demonstration's sign-ins are "
            "no protection: add --public if that is what you want.",
            code="PUBLIC_ADDRESS",
        )
    family = socket.AF_INET6 if ":" in wish.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((wish.host, wish.port))
        except OSError as error:
            raise Unavailable(
                f"{wish.host}:{wish.port} cannot be listened on ({error.strerror}): stop what "
                "uses it, or choose another port with PACELINE_PORT."
            ) from error


def run_demo(
    state: StateDirectory, wish: Wish, environ: Mapping[str, str], clock: Clock, told: Told
) -> None:
    """Run the demonstration until somebody stops it; then leave nothing running."""
    if environ.get("PACELINE_ENDS_WITH_PARENT"):
        _end_with_parent()
    check_address(wish)
    with stopping_on_signals():
        try:
            with state.held():
                _run(state, wish, environ, clock, told)
        except Stopped:
            told.line("Stopped. Start again with `make demo`; everything is kept.")


def _run(
    state: StateDirectory, wish: Wish, environ: Mapping[str, str], clock: Clock, told: Told
) -> None:
    shorten_logs(state.logs)
    with ExitStack() as stack:
        guard = Guard()
        stack.callback(guard.close)
        first = not (state.path / SIGN_INS).exists()
        told.line("Starting PostgreSQL and Valkey ...")
        engines = stack.enter_context(running_engines(state, environ))
        settings = settings_of(state, wish, engines, environ, clock)
        for child in engines.children():
            guard.watch(child.pid)
        prepare(state, wish, settings, told.line)
        supervisor = Supervisor(told.line, guard)
        stack.callback(supervisor.stop)
        stack.push(_says_stopping(told.line))
        _add_engines(supervisor, state, engines, environ)
        for name in ("dialer", "worker", "web"):
            supervisor.add(name, _starter(name, settings, state.logs))
        supervisor.wait_until(
            lambda: is_ready(wish.host, wish.port), "The web server", READY_SECONDS
        )
        state.announce(settings)
        if wish.bots:
            bots = ("--bots", str(wish.bots))
            supervisor.add("floor", _starter("floor", settings, state.logs, bots))
        told.ready(address_of(wish), sign_ins(state), first)
        supervisor.run()


def settings_of(
    state: StateDirectory,
    wish: Wish,
    engines: Engines,
    environ: Mapping[str, str],
    clock: Clock,
) -> dict[str, str]:
    """The environment of our processes: the operator's, and what the launcher decides."""
    return {
        **environ,
        "DATABASE_URL": engines.database_url,
        "REDIS_URL": engines.redis_url,
        "PACELINE_SECRET": environ.get("PACELINE_SECRET") or state.secret(clock),
        "PACELINE_STATE": str(state.path),
        "PACELINE_HOST": wish.host,
        "PACELINE_PORT": str(wish.port),
        "PACELINE_CARRIER": environ.get("PACELINE_CARRIER") or "simulator",
        "PACELINE_CARRIER_PROFILE": wish.profile,
        "PACELINE_SEED": str(wish.seed),
        "PACELINE_DEMO_MONEY": "1",
    }


def prepare(
    state: StateDirectory, wish: Wish, settings: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Tables, and on the first start a portfolio. Raises `Unavailable` with the program's last words."""
    if not asyncio.run(is_current(settings["DATABASE_URL"])):
        say("Bringing the tables up to date ...")
        run_step(state, "migrate", command_of("migrate"), settings)
    if not (state.path / SIGN_INS).exists():
        say(f"Making a portfolio of {wish.customers:,} customers (the first time only) ...")
    seed = [
        "seed",
        "--seed",
        str(wish.seed),
        "--customers",
        str(wish.customers),
        "--bots",
        str(wish.bots),
    ]
    run_step(state, "seed", [*command_of("paceline"), *seed], settings)


def run_step(
    state: StateDirectory, name: str, command: Sequence[str], environ: Mapping[str, str]
) -> None:
    """Run one program to its end, its output in the log. Raises `Unavailable` when it fails."""
    log = state.logs / f"{name}.log"
    child = start(name, command, log=log, environ=environ_for(environ))
    try:
        while child.alive():
            time.sleep(POLL_SECONDS)
    finally:
        code = child.bury()
    if code:
        lines = child.last_words().splitlines()
        said = lines[-1] if lines else f"exit code {code}"
        raise Unavailable(f"`paceline {name}` failed: {said.rstrip('.')}. Its log is {log}.")


def sign_ins(state: StateDirectory) -> dict[str, Sequence[str]]:
    """Role to user name and password, one each, as kept on the first start."""
    path = state.path / SIGN_INS
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text())
        people = told["people"]
        return {str(each["role"]): (each["username"], each["password"]) for each in people}
    except (ValueError, KeyError, TypeError):
        raise state.damaged(SIGN_INS) from None


def address_of(wish: Wish) -> str:
    """The address to type into a browser."""
    anywhere = wish.host in {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound
    name = "localhost" if anywhere or _is_loopback(wish.host) else wish.host
    return f"http://{name}:{wish.port}/"


def is_ready(host: str, port: int) -> bool:
    """Does the web server say that it is ready? Anything else, and silence, is no."""
    if ipaddress_of(host).is_unspecified:
        host = "127.0.0.1"
    connection = http.client.HTTPConnection(host, port, timeout=2.0)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTP_OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def shorten_logs(logs: Path) -> None:
    """Keep one earlier part of a log that has grown large."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def ipaddress_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address that a host name or number stands for. Raises `Invalid`."""
    try:
        return ipaddress.ip_address(socket.gethostbyname(host) if ":" not in host else host)
    except (OSError, ValueError) as error:
        raise Invalid(f"{host} is no address of this machine.", field="host") from error


def _is_loopback(host: str) -> bool:
    return ipaddress_of(host).is_loopback


def _add_engines(
    supervisor: Supervisor, state: StateDirectory, engines: Engines, environ: Mapping[str, str]
) -> None:
    """Keep our own engines running, too: they come back over the same files and sockets."""
    if engines.postgres:
        running = engines.postgres.child
        supervisor.adopt("PostgreSQL", running, lambda: own_postgres(state, environ).child)
    if engines.valkey:
        running = engines.valkey.child
        supervisor.adopt("Valkey", running, lambda: own_valkey(state, environ).child)


def _starter(
    name: str, settings: Mapping[str, str], logs: Path, arguments: Sequence[str] = ()
) -> Callable[[], Child]:
    return lambda: start_program(name, settings, logs, arguments)


def _says_stopping(say: Callable[[str], None]) -> Callable[..., None]:
    """Tell people why nothing seems to happen: the dialer lets live calls end."""

    def tell(kind: type[BaseException] | None, *_: object) -> None:
        if kind is Stopped:
            say("Stopping; live calls get ten seconds to end ...")

    return tell


def _end_with_parent() -> None:
    """Be stopped when the `make` above us is killed: it cannot tell us."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
