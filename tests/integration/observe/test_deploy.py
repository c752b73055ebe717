"""What operators are handed fits what runs: rules, dashboard, units, the page of operations."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from app.retention.rules import KINDS
from app.settings import load
from tests.support.clock import SetClock
from tests.support.house import House, free_port
from tests.support.people import an_organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Database

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TELEPHONY = (ROOT / "docs" / "telephony.md").read_text(encoding="utf-8")
RULES = yaml.safe_load((DEPLOY / "prometheus" / "paceline.rules.yml").read_text(encoding="utf-8"))
BOARD = json.loads((DEPLOY / "grafana" / "paceline.json").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = RULES["groups"][0]["rules"]
PANELS: list[dict[str, Any]] = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    **{alert["alert"]: alert["expr"] for alert in ALERTS},
    **{
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in PANELS
        for target in panel["targets"]
    },
}
NAME = re.compile(r"\b(?:paceline|process)_[a-z_]+\b")
PROCESSES = ("web", "dialer", "worker", "hub")


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture(scope="module")
async def organised(database: Database) -> None:
    await an_organisation(database, SetClock(seed=9))


@pytest.fixture(scope="module")
def told(
    database_url: str, redis_url: str, organised: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """What each process tells, once it is up."""
    first = free_port() + 100
    folder = tmp_path_factory.mktemp("watched")
    settings = {"PACELINE_METRICS_PORT": str(first)}
    hub = House(
        database_url, redis_url, folder / "hub", {**settings, "PACELINE_PORT": str(free_port())}
    )
    with House(database_url, redis_url, folder / "main", settings) as house, hub:
        house.start("web", "dialer", "worker")
        hub.start("hub")
        yield {process: patiently(first + step) for step, process in enumerate(PROCESSES)}


def patiently(port: int) -> str:
    """The figures as soon as they are served."""
    import time

    for _ in range(400):
        try:
            return scrape(port)
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no figures at {port}")


def families(text: str) -> dict[str, str]:
    """Names of families and their kinds."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def samples(kinds: dict[str, str]) -> set[str]:
    """Every name that a query may use."""
    found = set()
    for name, kind in kinds.items():
        ends = {"histogram": ("_bucket", "_sum", "_count")}.get(kind, ("",))
        found |= {name + end for end in ends}
    return found


def test_every_name_in_rules_and_dashboard_is_told_by_some_process(told: dict[str, str]) -> None:
    known = set().union(*(samples(families(text)) for text in told.values()))
    unknown = {
        (where, name)
        for where, expression in EXPRESSIONS.items()
        for name in NAME.findall(expression)
        if name not in known
    }
    assert not unknown


def test_each_process_tells_its_own(told: dict[str, str]) -> None:
    assert "paceline_socket_feed_up" in told["web"]
    assert "paceline_socket_feed_up" in told["hub"]
    assert re.search(r"^paceline_dialer_in_force [01]\.0$", told["dialer"], re.MULTILINE)
    assert 'paceline_job_age_seconds{job="facts"}' in told["worker"]
    for process in ("web", "dialer", "worker"):
        assert 'paceline_sql_connections{state="in_use"}' in told[process]
        assert "paceline_sql_connections_limit 20.0" in told[process]
    for text in told.values():
        assert "process_resident_memory_bytes" in text


def test_names_are_as_prometheus_wants_them(told: dict[str, str]) -> None:
    """Counters end in _total, times in _seconds, and no other unit of time is used."""
    kinds = {k: v for text in told.values() for k, v in families(text).items()}
    ours = {name: kind for name, kind in kinds.items() if name.startswith("paceline_")}
    created = {name for name in ours if name.endswith("_created")}
    assert not [
        name
        for name, kind in ours.items()
        if name not in created and (kind == "counter") != name.endswith("_total")
    ]
    assert not [name for name in ours if re.search(r"_(ms|minutes|milliseconds|hours)\b", name)]


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_is_balanced_and_speaks_of_something(expression: str) -> None:
    assert NAME.search(expression) or expression.startswith("up{")
    for left, right in ("()", "[]", "{}"):
        assert expression.count(left) == expression.count(right)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_says_how_bad_it_is_and_the_page_says_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"]
    section = PAGE.partition(f"### {alert['alert']}\n")[2].partition("\n#")[0]
    assert len(section.split()) > 10


def test_the_page_speaks_of_no_alert_that_is_gone() -> None:
    assert set(re.findall(r"^### (Paceline\w+)$", PAGE, re.MULTILINE)) == {
        alert["alert"] for alert in ALERTS
    }


def test_the_dashboard_lies_on_the_grid_without_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_page_names_every_setting_with_its_default() -> None:
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|", PAGE, re.MULTILINE))
    source = (ROOT / "app" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', source))
    of_asterisk = {name for name in read if name.startswith("PACELINE_ARI_")}
    assert set(table) == read - of_asterisk
    assert of_asterisk <= set(re.findall(r"`(PACELINE_ARI_[A-Z]+)`", TELEPHONY))
    least = {
        "DATABASE_URL": "postgresql://x/y",
        "REDIS_URL": "redis://z",
        "PACELINE_SECRET": "ab" * 32,
    }
    given = {name: value for name, value in table.items() if value}
    assert load({**least, **given}) == load(least)


def test_the_page_names_every_kind_that_is_kept() -> None:
    table = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    assert {name: (int(kept), int(least)) for name, kept, least in table} == {
        kind.name: (kind.keep_days, kind.least_days) for kind in KINDS.values()
    }


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = tmp_path / "opt" / "paceline" / ".venv" / "bin" / "paceline"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = []
    for unit in (DEPLOY / "systemd").iterdir():
        units.append(tmp_path / unit.name)
        text = unit.read_text(encoding="utf-8").replace("/opt/paceline", f"{tmp_path}/opt/paceline")
        units[-1].write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)],
        capture_output=True, text=True, check=False, timeout=60,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "paceline" in line]
    assert not said, done.stderr
    assert done.returncode == 0, done.stderr


def test_every_process_of_the_procfile_that_is_installed_has_its_unit() -> None:
    named = {line.split(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()}
    names = (path.stem for path in (DEPLOY / "systemd").glob("*.service"))
    units = {name.removeprefix("paceline-").removesuffix("@") for name in names}
    assert named - {"release"} <= units, "a release is the migration"
    assert "migrate" in units


def test_a_hub_of_a_unit_listens_at_the_port_in_its_name(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd" / "paceline-hub@.service").read_text(encoding="utf-8")
    started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert started is not None
    words = started[1].replace("%i", "8103").split()
    assert words[-2:] == ["/opt/paceline/.venv/bin/paceline", "hub"]
    seen = subprocess.run(
        [*words[:-2], "/bin/sh", "-c", "echo $PACELINE_PORT"],
        env={"PACELINE_PORT": "8000"}, capture_output=True, text=True, check=True, timeout=10,
    )  # fmt: skip
    assert seen.stdout.strip() == "8103", "what paceline.env says is overruled"
