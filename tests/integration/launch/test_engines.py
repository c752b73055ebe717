"""Bundled engines: started, stopped, killed, and found again with what they held."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import psutil
import pytest
import redis

from app.errors import Conflict, Unavailable
from app.launch.account import own, reaches, unprivileged
from app.launch.attached import attached
from app.launch.backup import plain
from app.launch.binaries import find_postgres, find_valkey
from app.launch.engines import Engines, reachable, running_engines
from app.launch.state import StateDirectory, fits_a_socket
from tests.integration.launch.processes import ENGINES, end, is_gone, run_program, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StateDirectory]:
    state = StateDirectory(tmp_path_factory.mktemp("state"))
    yield state
    state.empty()


def write(engines: Engines, value: int) -> None:
    async def insert() -> None:
        connection = await asyncpg.connect(plain(engines.database_url))
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        await connection.execute("INSERT INTO kept VALUES ($1)", value)
        await connection.close()

    asyncio.run(insert())
    with redis.Redis.from_url(engines.redis_url) as client:
        client.set("kept", value)


def read(engines: Engines) -> tuple[list[int], bytes | None]:
    async def select() -> list[int]:
        connection = await asyncpg.connect(plain(engines.database_url))
        rows = await connection.fetch("SELECT value FROM kept ORDER BY 1")
        await connection.close()
        return [row[0] for row in rows]

    with redis.Redis.from_url(engines.redis_url) as client:
        return asyncio.run(select()), client.get("kept")


def test_what_the_engines_hold_is_there_after_a_restart(state: StateDirectory) -> None:
    with state.held(), running_engines(state, {}) as engines:
        write(engines, 7)
        pids = [child.pid for child in engines.children()]
    assert all(is_gone(pid) for pid in pids)
    with state.held(), running_engines(state, {}) as engines:
        assert read(engines) == ([7], b"7")


def test_a_killed_launcher_takes_its_engines_along(state: StateDirectory) -> None:
    launcher = run_program(ENGINES, str(state.path))
    assert launcher.stdout
    pids = [int(word) for word in launcher.stdout.readline().split()]
    assert len(pids) == 2
    end(launcher, signal.SIGKILL)
    wait_for(lambda: all(is_gone(pid) for pid in pids), "an engine outlived its launcher")
    with state.held(), running_engines(state, {}) as engines:
        write(engines, 1)


def test_a_stopped_launcher_stops_its_engines(state: StateDirectory) -> None:
    launcher = run_program(ENGINES, str(state.path))
    assert launcher.stdout
    pids = [int(word) for word in launcher.stdout.readline().split()]
    end(launcher, signal.SIGTERM)
    assert launcher.returncode == 0
    assert all(is_gone(pid) for pid in pids)


def test_engines_recover_after_every_process_of_theirs_was_killed(state: StateDirectory) -> None:
    launcher = run_program(ENGINES, str(state.path))
    assert launcher.stdout
    for word in launcher.stdout.readline().split():
        server = psutil.Process(int(word))
        for process in [*server.children(recursive=True), server]:
            with suppress(psutil.NoSuchProcess):  # one that ended by itself meanwhile
                process.kill()
    end(launcher, signal.SIGTERM)
    with state.held(), running_engines(state, {}) as engines:
        write(engines, 2)


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(state: StateDirectory) -> None:
    with state.held(), running_engines(state, {}):
        pass
    account = unprivileged()
    stranger = subprocess.Popen(
        ["sleep", "600"],
        user=account.uid if account else None,
        extra_groups=[] if account else None,
    )
    pid_file = state.engines_home(account) / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n/elsewhere\n1\n5432\n\n\n  0  0\nready   \n")
    try:
        with state.held(), running_engines(state, {}) as engines:
            write(engines, 3)
        assert stranger.poll() is None, "the stranger was harmed"
    finally:
        stranger.kill()
        stranger.wait()


def test_only_one_launcher_holds_a_state_directory(state: StateDirectory) -> None:
    with state.held():
        other = StateDirectory(state.path)
        assert other.holder() == os.getpid()
        with pytest.raises(Conflict, match=f"in use by process {os.getpid()}"), other.held():
            pass
    assert state.holder() is None


def test_sockets_move_where_their_names_fit(tmp_path: Path) -> None:
    deep = StateDirectory(tmp_path / ("long-" * 20) / "state")
    try:
        with deep.held(), running_engines(deep, {}) as engines:
            assert engines.postgres
            assert fits_a_socket(engines.postgres.sockets)
            assert engines.postgres.sockets.stat().st_mode & 0o777 == 0o700
            write(engines, 4)
            first = engines.postgres.sockets
        with deep.held(), running_engines(deep, {}) as engines:
            assert engines.postgres
            assert engines.postgres.sockets == first
            assert read(engines)[0] == [4]
    finally:
        deep.empty()
    assert not first.exists()


def test_a_directory_name_with_a_comma_and_a_space_works(tmp_path: Path) -> None:
    odd = StateDirectory(tmp_path / "one, two")
    try:
        with odd.held(), running_engines(odd, {}) as engines:
            write(engines, 5)
    finally:
        odd.empty()


def test_a_lost_version_file_is_named_and_the_data_are_left_alone(state: StateDirectory) -> None:
    with state.held(), running_engines(state, {}):
        pass
    data = state.engines_home(unprivileged()) / "postgres"
    (data / "PG_VERSION").unlink()
    with (
        pytest.raises(Unavailable, match=r"damaged.*make demo-reset"),
        state.held(),
        running_engines(state, {}),
    ):
        pass
    assert (data / "global").is_dir()


def test_a_broken_data_directory_is_named(state: StateDirectory) -> None:
    with state.held(), running_engines(state, {}):
        pass
    data = state.engines_home(unprivileged()) / "postgres"
    (data / "global" / "pg_control").unlink()
    with (
        pytest.raises(Unavailable, match=r"damaged.*make demo-reset"),
        state.held(),
        running_engines(state, {}),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what the account cannot reach")
def test_root_below_a_closed_directory_opens_nothing_wider(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    state = StateDirectory(closed / "state")
    try:
        with state.held(), running_engines(state, {}) as engines:
            write(engines, 6)
        assert closed.stat().st_mode & 0o777 == 0o700
        home = state.engines_home(unprivileged())
        assert not home.is_relative_to(closed)
        with state.held(), running_engines(state, {}) as engines:
            assert read(engines)[0] == [6]
    finally:
        state.empty()
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another account")
def test_programs_out_of_the_accounts_reach_are_copied_with_their_libraries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = unprivileged()
    programs = find_postgres({}), find_valkey({})
    monkeypatch.setattr("app.launch.engines.reaches", lambda *_: False)
    with tempfile.TemporaryDirectory(prefix="paceline-home-") as folder:
        home = Path(folder)
        own(account, home)
        for program in programs:
            if program.tree is None:
                pytest.skip("the machine's own programs need no copy")
            copy = reachable(program, account, home)
            assert copy.path != program.path
            assert reaches(account, copy.path.parent)
            said = subprocess.run(
                [copy.path, "--version"],
                capture_output=True,
                text=True,
                check=True,
                user=account.uid if account else None,
                extra_groups=[],
            )
            assert str(program.major) in said.stdout
            assert reachable(program, account, home) == copy


def test_servers_of_somebody_else_are_used_and_not_started(state: StateDirectory) -> None:
    environ = {"DATABASE_URL": "postgresql://there/db", "REDIS_URL": "redis://there"}
    with state.held(), running_engines(state, environ) as engines:
        assert engines.children() == []
        assert engines.database_url == environ["DATABASE_URL"]


def test_a_command_uses_the_engines_of_the_running_launcher(state: StateDirectory) -> None:
    with state.held():
        state.announce({"DATABASE_URL": "postgresql://here/db", "REDIS_URL": "redis://here"})
        with attached(StateDirectory(state.path), {"PATH": "x"}) as environ:
            assert environ["REDIS_URL"] == "redis://here"
    with attached(state, {}) as environ:
        assert "engines" in environ["DATABASE_URL"] or "run" in environ["DATABASE_URL"]


def test_only_what_is_ours_of_the_environment_is_written_down(state: StateDirectory) -> None:
    ours = {"REDIS_URL": "redis://here", "PACELINE_SECRET": "ab", "PACELINE_PORT": "8000"}
    theirs = {"AWS_SECRET_ACCESS_KEY": "theirs", "PACELINE_ENDS_WITH_PARENT": "1"}
    with state.held():
        state.announce({**ours, **theirs})
        assert state.announced() == ours
        assert "theirs" not in (state.path / "running.json").read_text()


def test_a_missing_program_is_said_with_its_fix() -> None:
    with pytest.raises(Unavailable, match="PostgreSQL 9 is not on this machine: run `make setup`"):
        find_postgres({}, major=9)
    with pytest.raises(Unavailable, match="There is no program /nowhere/postgres"):
        find_postgres({"PACELINE_POSTGRES_BIN": "/nowhere"})
