"""What `.ci/closing` says of the reports of a run: what failed, what is tried once more, and the last line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CLOSING = Path(__file__).resolve().parents[2] / ".ci" / "closing"
REPORTS = Path(".pytest_cache/reports")


def report(folder: Path, stage: str, failed: int, passed: int) -> Path:
    """A report as pytest writes it."""
    cases = [
        f'<testcase classname="tests.faults.test_x" name="bad{n}"><failure/></testcase>'
        for n in range(failed)
    ]
    cases += [f'<testcase classname="tests.faults.test_x" name="good{n}"/>' for n in range(passed)]
    path = folder / REPORTS / f"{stage}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<testsuites><testsuite tests="{failed + passed}" failures="{failed}" errors="0" skipped="0"'
        f' time="2.5">{"".join(cases)}</testsuite></testsuites>'
    )
    return path


def closing(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CLOSING, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("failed", "code"), [(0, 1), (1, 0), (5, 0), (6, 1)])
def test_a_few_failures_are_named_for_another_try_and_many_are_not(
    tmp_path: Path, failed: int, code: int
) -> None:
    told = closing(tmp_path, "--failed", str(report(tmp_path, "break", failed, 3)))
    assert told.returncode == code
    assert told.stdout.split() == [f"tests/faults/test_x.py::bad{n}" for n in range(failed)]


def test_what_passed_alone_is_named_and_counted_as_passed(tmp_path: Path) -> None:
    report(tmp_path, "break", 2, 3)
    report(tmp_path, "alone", 0, 2)
    said = closing(tmp_path).stdout
    assert said.count("unsteady: ") == 2
    assert said.endswith("===== 5 passed in 5.00s =====\n")


def test_what_failed_alone_too_has_failed(tmp_path: Path) -> None:
    report(tmp_path, "break", 2, 3)
    report(tmp_path, "alone", 1, 1)
    said = closing(tmp_path).stdout
    assert "unsteady" not in said
    assert said.endswith("===== 2 failed, 3 passed in 2.50s =====\n")
