"""The demonstration from the outside: it starts, says where it is, mends itself, and leaves nothing."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
import pytest
from alembic.script import ScriptDirectory

from app.launch.migrations import configuration
from app.launch.revisions import is_current, newest_revision
from app.launch.state import StateDirectory
from tests.integration.launch.processes import ROOT, is_gone, wait_for
from tests.support.house import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Three starts of everything on a busy machine.
pytestmark = pytest.mark.timeout(400)
START_SECONDS = 120.0
NAMES = ("web", "dialer", "worker")


@dataclass
class Demo:
    """`paceline demo` over one state directory; `said` grows while it runs."""

    state: Path
    port: int = field(default_factory=free_port)
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        around = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.said = []
        command = [sys.executable, "-m", "app.command", "demo", "--bots", "0", "--customers", "30"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **around,
                "PACELINE_STATE": str(self.state),
                "PACELINE_PORT": str(self.port),
                "PYTHONUNBUFFERED": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while "Stop with Ctrl-C" not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.1)

    @property
    def text(self) -> str:
        """Everything it has said."""
        return "".join(self.said)

    @property
    def pid(self) -> int:
        """The launcher's process id."""
        assert self.process
        return self.process.pid

    def family(self) -> list[psutil.Process]:
        """Every process below the launcher, engines and guard included."""
        return psutil.Process(self.pid).children(recursive=True)

    def member(self, word: str) -> psutil.Process:
        """The launcher's child whose command line holds `word`."""
        children = psutil.Process(self.pid).children()
        return next(child for child in children if word in " ".join(child.cmdline()))

    def is_ready(self) -> bool:
        """Does the web process say that everything it needs answers?"""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/readyz", timeout=3
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def end(self, how: signal.Signals) -> int:
        """Send a signal to the launcher and return its exit code."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(60)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout as output:
            self.said.extend(output)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo") / "state")
    yield demo
    if demo.process and demo.process.poll() is None:
        demo.end(signal.SIGTERM)
    StateDirectory(demo.state).empty()


@pytest.fixture
def running(demo: Demo) -> Demo:
    if demo.process is None or demo.process.poll() is not None:
        demo.start()
    return demo


def test_the_first_start_prints_address_and_sign_ins_and_keeps_them(running: Demo) -> None:
    kept = running.state / "sign-ins.json"
    people = json.loads(kept.read_text())["people"]
    assert f"http://localhost:{running.port}/" in running.text
    assert {person["role"] for person in people} == {"AGENT", "TEAM_LEAD", "SUPERVISOR", "ADMIN"}
    for person in people:
        assert re.search(
            rf"{person['role']}\s+{person['username']}\s+{person['password']}", running.text
        )
    assert kept.stat().st_mode & 0o777 == 0o600
    assert running.is_ready()


@pytest.mark.parametrize("word", ["app.launch.serve", "dialer", "app.worker", "valkey", "postgres"])
def test_a_killed_process_comes_back_and_the_floor_is_ready_again(running: Demo, word: str) -> None:
    victim = running.member(word)
    victim.kill()
    wait_for(lambda: is_gone(victim.pid), "it was not killed")

    def is_back() -> bool:
        try:
            return running.member(word).pid != victim.pid and running.is_ready()
        except (StopIteration, psutil.Error):
            return False

    wait_for(is_back, f"{word} did not come back:\n{running.text}")
    assert "ended by itself (signal SIGKILL" in running.text


def test_other_commands_use_the_running_engines(running: Demo) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.command", "user", "list"],
        cwd=ROOT,
        env={**os.environ, "PACELINE_STATE": str(running.state)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "minh" in done.stdout


def test_a_second_launcher_over_the_same_state_is_refused(running: Demo) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.command", "demo", "--port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, "PACELINE_STATE": str(running.state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert f"in use by process {running.pid}" in done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_keeps_running_and_passwords_are_printed_once(
    demo: Demo, running: Demo, how: signal.Signals
) -> None:
    family = running.family()
    assert len(family) >= 6
    code = running.end(how)
    assert code == (0 if how != signal.SIGKILL else -signal.SIGKILL)
    wait_for(
        lambda: all(is_gone(process.pid) for process in family),
        f"left: {[process for process in family if not is_gone(process.pid)]}",
    )
    assert not running.is_ready()
    running.start()
    assert running.is_ready()
    password = json.loads((demo.state / "sign-ins.json").read_text())["people"][0]["password"]
    assert password not in running.text


def test_the_newest_revision_is_the_one_that_alembic_names(database_url: str) -> None:
    newest = newest_revision()
    assert newest == ScriptDirectory.from_config(configuration()).get_current_head()
    assert asyncio.run(is_current(database_url))


def test_two_newest_revisions_are_no_answer(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    (tmp_path / "b.py").write_text('revision: str = "b"\ndown_revision: str | None = "a"\n')
    assert newest_revision(tmp_path) == "b"
    (tmp_path / "c.py").write_text('revision = "c"\ndown_revision = "a"\n')
    assert newest_revision(tmp_path) is None
