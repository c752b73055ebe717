"""Writes docs/coverage.md: each row of docs/requirements.md with the tests that prove it.

A test names its rows: `@pytest.mark.req("S0b-012")`. `make coverage-map` runs this; rows that will not be
tested here stand in `REASONS`, all others without a test are "not yet".
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "docs" / "requirements.md"
COVERAGE = ROOT / "docs" / "coverage.md"
ROW = re.compile(r"^\| (?P<id>(?:P0|S\d[a-z]?)-\d{3}) \|(?P<cells>.*)\|$")
WORDING = 2  # its place among the cells after the id

REASONS: dict[str, str] = {
    "P0-002": "Needs 2,000 sockets: `make bench-floor` on a machine with nothing else to do; what 40 agents see"
    " is in benchmarks.md.",
    "P0-005": "Coach text, orders and their audit are proved row by row in S2; listening needs a voice carrier,"
    " which the simulator is not.",
    "S0d-001": "The mode changes in a safe state only, by table and at the desk (TestMode, test_breaks_and_modes);"
    " pages of manual work do not exist yet, so the screen does not differ.",
    "S0d-003": "Two keys to the next call and the promise by keyboard are tested; reassigning needs work queues,"
    " which do not exist yet.",
    "S0d-004": "No reports exist yet.",
    "S0d-005": "No work queues exist yet, so nothing is reassigned.",
    "S0d-006": "Campaigns are configured on their pages and by command, and watched on the wall; analysing needs"
    " reports.",
    "S0d-009": "Needs 2,000 sockets: `make bench-floor` on a machine with nothing else to do.",
    "S0d-010": "Times and outcomes of every call are stored (S0b-043); comparing them needs reports.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: its number and our wording."""

    id: str
    wording: str

    @property
    def system(self) -> str:
        """The part of the inventory that it belongs to."""
        return self.id.split("-", maxsplit=1)[0]


class Collector:
    """A pytest plugin that notes which tests name which rows."""

    def __init__(self) -> None:
        self.proofs: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the `req` markers of everything collected; parameters count as one test."""
        for item in items:
            for marker in item.iter_markers("req"):
                for row in marker.args:
                    self.proofs[row].add(item.nodeid.split("[", maxsplit=1)[0])


def read_rows(text: str) -> list[Row]:
    """The rows of the inventory, in its order."""
    found = [ROW.match(line) for line in text.splitlines()]
    return [
        Row(match["id"], match["cells"].split(" | ")[WORDING].strip()) for match in found if match
    ]


def collect() -> Mapping[str, set[str]]:
    """The tests of this tree by the rows they name. Ends the program when they cannot be collected."""
    collector = Collector()
    options = ["--collect-only", "-q", "-q", "-p", "no:cacheprovider", str(ROOT / "tests")]
    code = pytest.main(options, plugins=[collector])
    if code != pytest.ExitCode.OK:
        sys.exit(f"the tests cannot be collected ({code!r})")
    return collector.proofs


def write(rows: Iterable[Row], proofs: Mapping[str, set[str]]) -> str:
    """The page: totals by system, then every row."""
    by_system: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_system[row.system].append(row)
    lines = [
        "# Which test proves which requirement",
        "",
        "Written by `make coverage-map` from [requirements.md](requirements.md) and the `req` marks of the",
        "tests. Do not edit: mark the test instead.",
        "",
        "| System | Rows | Proved | Not, with a reason | Not yet |",
        "|---|---:|---:|---:|---:|",
        *_totals(by_system, proofs),
    ]
    for system, members in by_system.items():
        lines += ["", f"## {system}", "", "| Row | Requirement | Proved by |", "|---|---|---|"]
        lines += [f"| {row.id} | {row.wording} | {_proof(row, proofs)} |" for row in members]
    return "\n".join(lines) + "\n"


def _totals(by_system: Mapping[str, list[Row]], proofs: Mapping[str, set[str]]) -> list[str]:
    lines = []
    total = [0, 0, 0]
    for system, rows in by_system.items():
        counts = _counts(rows, proofs)
        total = [sum(pair) for pair in zip(total, counts, strict=True)]
        lines.append(_line(system, counts))
    return [*lines, _line("**All**", total)]


def _counts(rows: list[Row], proofs: Mapping[str, set[str]]) -> list[int]:
    proved = sum(row.id in proofs for row in rows)
    reasoned = sum(row.id in REASONS and row.id not in proofs for row in rows)
    return [len(rows), proved, reasoned]


def _line(name: str, counts: list[int]) -> str:
    rows, proved, reasoned = counts
    return f"| {name} | {rows} | {proved} | {reasoned} | {rows - proved - reasoned} |"


def _proof(row: Row, proofs: Mapping[str, set[str]]) -> str:
    if row.id in proofs:
        return "<br>".join(f"`{test}`" for test in sorted(proofs[row.id]))
    return REASONS.get(row.id, "not yet")


def main() -> None:
    """Write the page and say what it counts."""
    rows = read_rows(REQUIREMENTS.read_text(encoding="utf-8"))
    proofs = collect()
    unknown = set(proofs) - {row.id for row in rows}
    if unknown:
        sys.exit(f"tests name rows that do not exist: {', '.join(sorted(unknown))}")
    COVERAGE.write_text(write(rows, proofs), encoding="utf-8")
    proved = sum(row.id in proofs for row in rows)
    sys.stdout.write(f"{COVERAGE.name}: {proved} of {len(rows)} rows are proved.\n")


if __name__ == "__main__":
    main()
