"""The `paceline` command as an operator meets it: exit codes, sentences, and what it leaves."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.launch.state import StateDirectory

ROOT = Path(__file__).resolve().parents[3]


def paceline(
    *words: str, state: Path, said: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command with a state directory of its own, and no engines but what is given."""
    around = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "app.command", *words],
        cwd=ROOT,
        env={**around, "PACELINE_STATE": str(state), "COLUMNS": "200", **environ},
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


@pytest.fixture
def urls(database_url: str, redis_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


def test_every_command_is_listed_and_help_needs_no_engine(tmp_path: Path) -> None:
    done = paceline("--help", state=tmp_path)
    assert done.returncode == 0
    commands = "demo web hub dialer worker migrate import seed campaign user doctor backup restore"
    commands += " customer retention"
    for name in commands.split():
        assert f" {name} " in done.stdout, name


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = paceline("demo", state=tmp_path / "s", PACELINE_PORT=port)
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert f"127.0.0.1:{port} cannot be listened on" in done.stderr
    assert "PACELINE_PORT" in done.stderr


def test_another_host_needs_public(tmp_path: Path) -> None:
    done = paceline("demo", state=tmp_path / "s", PACELINE_HOST="0.0.0.0")
    assert done.returncode == 2
    assert "add --public" in done.stderr
    assert not (tmp_path / "s").exists()


def test_a_held_state_directory_is_one_sentence(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with state.held():
        done = paceline("demo", "--port", "0", state=tmp_path)
    assert done.returncode == 2
    assert f"in use by process {os.getpid()}" in done.stderr


def test_a_state_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = paceline("demo", "--port", "0", state=tmp_path / "file" / "state")
    assert done.returncode == 2
    assert "cannot be used: Not a directory" in done.stderr


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.launch.state.LEAST_FREE_BYTES", 2**60)
        with pytest.raises(Exception, match=r"The disk of .* is full"), state.held():
            pass


def test_users_are_made_listed_and_ended(tmp_path: Path, urls: dict[str, str]) -> None:
    nameless = paceline(
        "user", "create", "lan", "--name", "Lan", "--role", "agent", state=tmp_path, **urls
    )
    assert nameless.returncode == 2
    assert "--organisation" in nameless.stderr
    made = paceline(
        "user", "create", "lan", "--name", "Trần Thị Lan", "--role", "agent",
        "--team", "Đội Một", "--organisation", "Ngân hàng Thử", state=tmp_path, **urls,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "Password: " in made.stdout
    twice = paceline(
        "user", "create", "lan", "--name", "Lan", "--role", "agent", state=tmp_path, **urls
    )
    assert twice.returncode == 2
    assert "taken" in twice.stderr
    short = paceline(
        "user", "password", "lan", "--password-stdin", state=tmp_path, said="short\n", **urls
    )
    assert short.returncode == 2
    told = paceline(
        "user", "password", "lan", "--password-stdin", state=tmp_path, said="một mật khẩu dài\n", **urls
    )  # fmt: skip
    assert told.returncode == 0
    assert "một mật khẩu" not in told.stdout
    assert paceline("user", "deactivate", "lan", state=tmp_path, **urls).returncode == 0
    listed = paceline("user", "list", state=tmp_path, **urls)
    assert "Trần Thị Lan" in listed.stdout
    assert "inactive" in listed.stdout
    missing = paceline("user", "deactivate", "nobody", state=tmp_path, **urls)
    assert missing.returncode == 2
    assert "There is no user nobody." in missing.stderr


def test_a_campaign_of_a_bank_names_the_number_that_customers_see(
    tmp_path: Path, urls: dict[str, str]
) -> None:
    made = paceline(
        "user", "create", "hoa", "--name", "Hoa", "--role", "agent", "--team", "Đội Hai",
        "--organisation", "Ngân hàng Thử", state=tmp_path, **urls,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (tmp_path / "file.csv").write_text(
        "cif,customer_name,phone_1,account_no,product,outstanding,overdue,due_amount,oldest_unpaid_on\n"
        "K1,Trần Văn An,0912345678,HD1,CREDIT_CARD,5000000,1000000,1000000,2020-01-31\n"
    )
    loaded = paceline(
        "import", str(tmp_path / "file.csv"), "--dates", "ymd", state=tmp_path, **urls
    )
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr

    def create(name: str, *more: str) -> subprocess.CompletedProcess[str]:
        return paceline(
            "campaign", "create", name, "--where", "dpd > 0", "--team", "Đội Hai", *more,
            state=tmp_path, **urls,
        )  # fmt: skip

    assert "'12' is no number to call from" in create("Wrong", "--caller-id", "12").stderr
    bare = create("Bare")
    assert "1 leads" in bare.stdout, bare.stderr
    assert create("Named", "--caller-id", "024 7100 0000").returncode == 0
    # Whether hours are lawful depends on when this runs: only the number is looked at.
    unnamed = paceline("campaign", "start", "Bare", state=tmp_path, **urls)
    assert unnamed.returncode == 2
    assert "CALLER_ID" in unnamed.stderr
    named = paceline("campaign", "start", "Named", state=tmp_path, **urls)
    assert "CALLER_ID" not in named.stderr


def test_a_file_that_is_no_portfolio_is_refused(tmp_path: Path, urls: dict[str, str]) -> None:
    done = paceline("import", str(tmp_path / "none.csv"), state=tmp_path, **urls)
    assert done.returncode == 2
    assert "No such file" in done.stderr


def test_commands_work_on_bundled_engines_and_leave_none_running(tmp_path: Path) -> None:
    migrated = paceline("migrate", state=tmp_path)
    assert migrated.returncode == 0, migrated.stderr
    seeded = paceline("seed", "--customers", "50", "--bots", "2", state=tmp_path)
    assert seeded.returncode == 0, seeded.stderr
    kept = tmp_path / "sign-ins.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    told = json.loads(kept.read_text())
    assert [person["role"] for person in told["people"]] == [
        "AGENT",
        "TEAM_LEAD",
        "SUPERVISOR",
        "ADMIN",
    ]
    assert len(told["bots"]) == 2
    kept.unlink()
    again = paceline("seed", state=tmp_path)
    assert again.returncode == 0, again.stderr
    renewed = json.loads(kept.read_text())
    assert {each["username"] for each in renewed["bots"]} == {"bot01", "bot02"}
    assert renewed["people"][0]["password"]

    saved = paceline("backup", str(tmp_path / "all.zip"), state=tmp_path)
    assert saved.returncode == 0, saved.stderr
    assert paceline("restore", str(tmp_path / "all.zip"), state=tmp_path).returncode == 2
    brought = paceline("restore", str(tmp_path / "all.zip"), "--replace", state=tmp_path)
    assert brought.returncode == 0, brought.stderr
    assert brought.stdout.split("Restored ")[1].split()[0] in saved.stdout
    looked = paceline("doctor", "--audit", state=tmp_path)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert "Paceline can run here." in looked.stdout
    assert StateDirectory(tmp_path).holder() is None

    assert paceline("demo", "--reset", state=tmp_path).returncode == 0
    assert not tmp_path.exists()


def test_restore_waits_until_the_floor_is_stopped(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with state.held():
        state.announce({"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x"})
        done = paceline("restore", "any.zip", state=tmp_path)
    assert done.returncode == 2
    assert "stop it first" in done.stderr
