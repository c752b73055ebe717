"""How long a large portfolio takes to load, and how much memory: `make bench-import`.

100,000 rows, one in a hundred broken in one of ten ways. Three runs in processes of their own: the file,
the same file again (nothing may change), and tomorrow's with a third of the loans changed. Figures are
kept in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.clock import Clock
from app.db import Database
from app.portfolio import names
from app.portfolio.service import DateOrder, ImportOptions, import_file
from tests.support.engines import drop_database, make_database, this_runs_engines

HEADER = (
    "Mã khách hàng", "Họ tên", "Điện thoại 1", "Điện thoại 2", "Tỉnh thành", "Số hợp đồng", "Sản phẩm",
    "Dư nợ", "Nợ quá hạn", "Số tiền phải trả", "Ngày quá hạn lâu nhất", "Ngày thanh toán gần nhất",
    "Số tiền thanh toán gần nhất", "Mã giao dịch", "Ngày hứa trả", "Số tiền hứa trả",
)  # fmt: skip
BREAKS: tuple[tuple[int, str], ...] = (
    (2, "8.49E+10"), (2, "12345"), (7, "nhiều"), (7, ""), (8, "99.999.999.999"), (5, ""),
    (10, "45992"), (10, "31/02/2026"), (1, "Nguy?n"), (6, "vàng"),
)  # fmt: skip
TABLES = ("customers", "phones", "loans", "cases", "payments", "promises", "holds", "audit_events")


@dataclass(frozen=True)
class Wish:
    """How large, and how much of it broken."""

    rows: int
    broken_one_in: int


def write_file(path: Path, wish: Wish, *, tomorrow: bool = False) -> int:
    """Write a portfolio (the same each time); returns how many rows are broken."""
    chance = random.Random(1)
    broken = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(HEADER)
        for number in range(wish.rows):
            row = loan_row(chance, number)
            if tomorrow and number % 3 == 0:
                row[9] = str(int(row[9]) - 1_000)
            if number % wish.broken_one_in == 0:
                place, cell = BREAKS[broken % len(BREAKS)]
                row[place] = cell
                broken += 1
            out.writerow(row)
    return broken


def loan_row(chance: random.Random, number: int) -> list[str]:
    """One loan; three customers of ten have two."""
    owner = number * 10 // 13
    person = random.Random(owner)
    outstanding = chance.randrange(5_000, 500_000) * 1_000
    family = person.choice(list(names.FAMILIES))
    name = f"{family} {person.choice(names.FEMALE_MIDDLES)} {person.choice(names.FEMALE_GIVENS)}"
    promised = chance.random() < 0.05  # noqa: PLR2004  # one in twenty
    return [
        f"KH{owner:07d}", name, f"05{person.randrange(10**8):08d}", f"3{person.randrange(10**8):08d}",
        person.choice(("Hà Nội", "Đà Nẵng", "Cần Thơ")), f"HD{number:09d}", "Thẻ tín dụng",
        f"{outstanding:,}".replace(",", "."), f"{outstanding // 10:,}", str(outstanding // 10),
        "05/10/2026", "01/09/2026", "1.000.000", f"FT{number:010d}",
        "30/11/2026" if promised else "", "500.000" if promised else "",
    ]  # fmt: skip


async def one_run(url: str, path: Path) -> dict[str, Any]:
    """Import once; what it did, how long it took, the most memory that it held."""
    database = Database(url)
    started = time.monotonic()
    report = await import_file(
        database, path, ImportOptions(dates=DateOrder.DMY), lambda *_: None, Clock()
    )
    seconds = time.monotonic() - started
    await database.close()
    return {
        "rows": report.rows,
        "loaded": report.loaded,
        "rejected": report.rejected,
        "changed": report.changed,
        "counts": {name: count for name, count in report.counts.items() if count},
        "seconds": round(seconds, 1),
        "rows_per_second": round(report.rows / seconds),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def fingerprint(url: str) -> dict[str, str]:
    """A digest of every row of every table that an import could touch."""
    database = Database(url)
    async with database.reading() as session:
        found = {
            table: str(
                await session.scalar(
                    text(
                        f"SELECT count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0)"  # noqa: S608  # our own table names
                        f" FROM {table} t"
                    )
                )
            )
            for table in TABLES
        }
    await database.close()
    return found


def in_a_process(url: str, path: Path) -> dict[str, Any]:
    """One run in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "loadtests.bench_import", "--url", url, "--file", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)  # noqa: S603  # our own interpreter and module
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def bench(wish: Wish) -> bool:
    """All three runs; prints the figures and whether the laws held."""
    engines = this_runs_engines()
    drop_database(engines, "bench_import")
    url = make_database(engines, "bench_import")
    with tempfile.TemporaryDirectory() as folder:
        today, tomorrow = Path(folder, "today.csv"), Path(folder, "tomorrow.csv")
        broken = write_file(today, wish)
        write_file(tomorrow, wish, tomorrow=True)
        print(f"{wish.rows:,} rows, {broken:,} broken, {today.stat().st_size / 2**20:.1f} MiB")
        first = told("first run", in_a_process(url, today))
        before = asyncio.run(fingerprint(url))
        again = told("same file again", in_a_process(url, today))
        same = before == asyncio.run(fingerprint(url))
        later = told("tomorrow's file", in_a_process(url, tomorrow))
    drop_database(engines, "bench_import")
    laws = {
        "loaded + rejected = rows": all(
            run["loaded"] + run["rejected"] == wish.rows for run in (first, again, later)
        ),
        "rejected = broken": first["rejected"] == broken,
        "second run changes nothing": same and not again["changed"],
    }
    for law, held in laws.items():
        print(f"{'held  ' if held else 'BROKEN'} {law}")
    return all(laws.values())


def told(name: str, run: dict[str, Any]) -> dict[str, Any]:
    """Print a run's figures."""
    print(
        f"{name:<16} loaded {run['loaded']:,} rejected {run['rejected']:,}"
        f" in {run['seconds']} s ({run['rows_per_second']:,} rows/s), peak {run['peak_mib']} MiB"
    )
    return run


def main() -> int:
    """The command line; `--url` and `--file` are the inner run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--broken-one-in", type=int, default=100)
    parser.add_argument("--url")
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.url:
        print(json.dumps(asyncio.run(one_run(asked.url, asked.file))))
        return 0
    return 0 if bench(Wish(asked.rows, asked.broken_one_in)) else 1


if __name__ == "__main__":
    sys.exit(main())
