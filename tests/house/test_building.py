"""The building inspector: what the import contracts cannot say."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PRIVATE = ("store", "models")
ROOTS = ("app", "dialer", "realtime")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*ROOTS, cache_dir=None)


def slices() -> list[str]:
    return sorted(p.parent.name for p in (ROOT / "app").glob("*/__init__.py"))


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("name", slices())
@pytest.mark.parametrize("inner", PRIVATE)
def test_only_a_slice_itself_opens_its_private_rooms(
    graph: grimp.ImportGraph, name: str, inner: str
) -> None:
    private = f"app.{name}.{inner}"
    if private not in graph.modules:
        return
    strangers = {
        module
        for module in graph.find_modules_that_directly_import(private)
        if not module.startswith(f"app.{name}.")
    }
    assert not strangers, f"{private} is imported by {sorted(strangers)}: use the front door"


def test_no_module_is_named_by_what_it_is_not() -> None:
    forbidden = {
        "utils",
        "common",
        "helpers",
        "base",
        "manager",
        "misc",
        "handler",
        "handlers",
        "data",
    }
    named = [p for root in ROOTS for p in (ROOT / root).rglob("*.py") if p.stem in forbidden]
    assert not named


def test_locks_name_no_host_and_no_path_of_a_machine() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert re.search(r"^\s*(-f|--find-links|--index-url)", text, re.MULTILINE) is None, (
            lock.name
        )
    npm = (ROOT / "web" / "package-lock.json").read_text()
    assert '"resolved"' not in npm


def test_every_locked_package_carries_its_digest() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock"):
        pins = re.findall(r"^[a-z0-9][^\s]*==[^\s]+ \\$", lock.read_text(), re.MULTILINE)
        bare = re.findall(r"^[a-z0-9][^\s]*==[^\s]+$", lock.read_text(), re.MULTILINE)
        assert pins, lock.name
        assert not bare, (lock.name, bare)


def test_nothing_built_and_nobody_elses_script_is_committed() -> None:
    strangers = [p for p in tracked() if "node_modules" in p.parts or "dist" in p.parts]
    assert not strangers


def test_every_exemption_says_why() -> None:
    """As ` - why` or `  # why` behind the codes; mypy's have hyphens."""
    exemption = re.compile(r"# *(?:noqa(?:: *[A-Z0-9, ]+[0-9])?|type: *ignore(?:\[[a-z, -]+\])?)")
    silent = []
    for path in tracked("*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            marker = exemption.search(line)
            if marker and not re.match(r" +(?:--?|#) +[\w`]", line[marker.end() :]):
                silent.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not silent, "\n".join(silent)


def test_ignored_lint_rules_are_listed_in_one_place() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["ruff"]["lint"]["select"] == ["ALL"]
    assert not list(ROOT.glob("*/ruff.toml"))


def test_rows_for_spreadsheets_are_written_in_one_place() -> None:
    """A cell of a stranger's making must not be run: `app.values.sheet` guards it."""
    writes = re.compile(r"csv\.(?:writer|DictWriter)|from csv import|to_csv")
    strangers = [
        path.relative_to(ROOT)
        for path in tracked("app/**/*.py", "dialer/**/*.py", "realtime/**/*.py")
        if writes.search(path.read_text()) and path.name != "sheet.py"
    ]
    assert not strangers, f"{strangers}: write rows by app.values.sheet.write_row"


def test_no_element_is_styled_by_its_attribute() -> None:
    """The page's policy refuses it; what moves is set on the property `.style`."""
    attribute = re.compile(r"[^.\w-]style=|styleMap")
    assert [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked("web/src/*.ts", "web/templates/*.html")
        for line in path.read_text("utf-8").splitlines()
        if attribute.search(line) and not line.strip().startswith("//")
    ] == []
