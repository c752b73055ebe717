"""The supervisor: what crashes comes back, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from app.errors import Unavailable
from app.launch.children import Child, start, wait_until
from app.launch.supervisor import Guard, Supervisor
from tests.integration.launch.processes import FLOOR, end, is_gone, run_program, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    guard = Guard()
    supervisor = Supervisor(said.append, guard)
    yield supervisor
    supervisor.stop()
    guard.close()


def shell(script: str, folder: Path) -> Child:
    return start("shell", ["/bin/sh", "-c", script], log=folder / "log", environ=os.environ)


def pids_of(folder: Path) -> list[int]:
    path = folder / "pids"
    wait_for(lambda: path.exists() and len(path.read_text().split()) == 2, "it did not start")
    return [int(word) for word in path.read_text().split()]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_however_the_launcher_ends(tmp_path: Path, how: signal.Signals) -> None:
    launcher = run_program(FLOOR, str(tmp_path))
    pids = pids_of(tmp_path)
    assert not any(is_gone(pid) for pid in pids)
    end(launcher, how)
    wait_for(lambda: all(is_gone(pid) for pid in pids), "a child or a grandchild is left")


def test_a_crashed_program_comes_back_and_its_children_do_not_stay(
    tmp_path: Path, supervisor: Supervisor, said: list[str]
) -> None:
    script = f"sleep 600 & echo $$ $! > {tmp_path}/pids; wait"
    supervisor.add("shell", lambda: shell(script, tmp_path))
    first = pids_of(tmp_path)
    (tmp_path / "pids").unlink()
    os.kill(first[0], signal.SIGKILL)

    def back() -> bool:
        supervisor.look()
        return (tmp_path / "pids").exists()

    wait_for(back, "it did not come back")
    assert is_gone(first[1])
    assert "ended by itself (signal SIGKILL" in said[0]
    assert said[1] == "shell runs again."


def test_the_pause_before_a_new_start_grows(tmp_path: Path, supervisor: Supervisor) -> None:
    starts: list[float] = []

    def begin() -> Child:
        starts.append(time.monotonic())
        return shell("exit 3", tmp_path)

    supervisor.add("shell", begin)

    def tried_four_times() -> bool:
        supervisor.look()
        return len(starts) == 4

    wait_for(tried_four_times, "it was not started again")
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert pauses[0] >= 0.5
    assert pauses[1] >= 1.0
    assert pauses[2] >= 2.0


def test_what_never_comes_up_is_said_with_its_last_words(
    tmp_path: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.launch.supervisor.FIRST_PAUSE_SECONDS", 0.0)
    service = supervisor.add("web", lambda: shell("echo no such table; exit 1", tmp_path))
    service.pause_seconds = 0.01
    with pytest.raises(Unavailable, match="web does not start: no such table; its log is"):
        supervisor.wait_until(lambda: False, "The web server", 30.0)


def test_foundations_end_after_what_stands_on_them(tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = "trap 'echo {0} >> " + str(order) + "; exit 0' TERM; echo {0} up; sleep 600 & wait"
    guard = Guard()
    supervisor = Supervisor(lambda _line: None, guard)
    base = start(
        "base", ["/bin/sh", "-c", script.format("base")], log=tmp_path / "base", environ={}
    )
    supervisor.adopt("base", base, lambda: base)
    supervisor.add("top", lambda: shell(script.format("top"), tmp_path))
    wait_for(lambda: "base up" in (tmp_path / "base").read_text(), "base is not up")
    wait_for(lambda: "top up" in (tmp_path / "log").read_text(), "top is not up")
    supervisor.stop()
    guard.close()
    assert order.read_text().split() == ["top", "base"]


def test_a_program_that_ends_instead_of_getting_ready_is_quoted(tmp_path: Path) -> None:
    child = shell("echo the reason; exit 1", tmp_path)
    with pytest.raises(Unavailable, match=r"shell ended at once \(the reason\)"):
        wait_until(lambda: False, child, 20.0)
    with pytest.raises(Unavailable, match="cannot be started"):
        start("nothing", ["/nowhere/program"], log=tmp_path / "log", environ={})


def test_a_full_disk_is_called_a_full_disk(tmp_path: Path) -> None:
    child = shell("echo 'FATAL: could not write: No space left on device'; exit 1", tmp_path)
    with pytest.raises(Unavailable, match="The disk is full"):
        wait_until(lambda: False, child, 20.0)


def test_python_children_die_with_a_killed_launcher(tmp_path: Path) -> None:
    program = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from app.launch.children import start\n"
        "code = 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'\n"
        "child = start('x', [sys.executable, '-c', code], log=Path(sys.argv[1]) / 'x.log', "
        "environ=os.environ)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    assert sys.executable
    launcher = run_program(program, str(tmp_path))
    assert launcher.stdout
    pid = int(launcher.stdout.readline())
    end(launcher, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the child outlived its launcher")
