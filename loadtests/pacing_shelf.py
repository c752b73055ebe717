"""Finished days of the pacing referee on disk, each under a key of all that it depends on.

A day depends on the source of the simulator and of the policy (with all that these import from this
tree; comments, docstrings and layout do not count), the scenario, the seeds and numpy's version. A
policy whose source cannot be told is not kept.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import shlex
import sys
from collections import Counter
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from loadtests.pacing_referee.contest import BASELINES, PREFIX, TUNED, Row, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
REFEREE = "loadtests.pacing_referee"
ROOMS = ("app", "dialer", "loadtests")
ENGINE_MODULE = "dialer.pacing_referee"
ENGINE = f"exec:{sys.executable} -m {ENGINE_MODULE}"
"""Our own engine, as a policy in another process."""


class Shelf:
    """Days in a folder, one file a task; ``fresh`` ignores what is there."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self._folder = folder
        self._fresh = fresh
        self.taken: Counter[str] = Counter()  # days by policy that need not be played again
        self.played: Counter[str] = Counter()

    def get(self, task: Task) -> list[Row] | None:
        """The days of ``task`` if they were played before."""
        file = self._file(task)
        if file is None or self._fresh or not file.exists():
            return None
        rows: list[Row] = json.loads(file.read_text(encoding="utf-8"))
        self.taken[task.spec] += len(rows)
        return rows

    def put(self, task: Task, rows: list[Row]) -> None:
        """Keep the days of ``task``; a reader never sees half a file."""
        self.played[task.spec] += len(rows)
        file = self._file(task)
        if file is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".half")
        half.write_text(json.dumps(rows), encoding="utf-8")
        half.replace(file)

    def _file(self, task: Task) -> Path | None:
        key = key_of(task)
        return (
            None
            if key is None
            else self._folder / f"{task.scenario.name}-{task.seeds[0]}-{key}.json"
        )


def shelf_at_hand(*, fresh: bool = False) -> Shelf:
    """The one under the state directory (`PACELINE_STATE`)."""
    return Shelf(Path(os.environ.get("PACELINE_STATE") or ".paceline") / "bench", fresh=fresh)


def key_of(task: Task) -> str | None:
    """What the days of ``task`` depend on, digested; None if that cannot be told."""
    module = module_of(task.spec)
    if module is None:
        return None
    scenario = asdict(task.scenario)
    del scenario["description"]
    parts = {
        "numpy": importlib.metadata.version("numpy"),
        "referee": source_digest(f"{REFEREE}.simulator"),
        "policy": [task.spec.removeprefix("exec:").rpartition("/")[2], source_digest(module)],
        "scenario": scenario,
        "seeds": task.seeds,
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def module_of(spec: str) -> str | None:
    """The module of this tree that a policy spec runs, or None."""
    if spec.startswith(PREFIX):
        name = spec.removeprefix(PREFIX)
        return f"{REFEREE}.tuning" if name in TUNED else type(BASELINES[name]()).__module__
    if spec.startswith("exec:"):
        words = shlex.split(spec.removeprefix("exec:"))
        module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    else:
        module = spec.partition(":")[0]
    return module if _file_of(module) else None


@cache
def source_digest(module: str) -> str:
    """Digest of a module's code and of all that it imports from this tree, tests left out."""
    known: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = _file_of(name)
        if name not in known and file is not None:
            known.add(name)
            waiting += _imports(ast.parse(file.read_bytes()))
    digest = hashlib.sha256()
    for name in sorted(known):
        digest.update(f"{name} {_code(name)}\n".encode())
    return digest.hexdigest()[:20]


def _file_of(module: str) -> Path | None:
    if module.partition(".")[0] not in ROOMS:
        return None
    place = ROOT.joinpath(*module.split("."))
    return next(
        (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None
    )


def _imports(tree: ast.Module) -> Iterator[str]:
    """Every module that is named in an import; of ``from a import b`` both ``a`` and ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _code(module: str) -> str:
    """A module's syntax without docstrings."""
    file = _file_of(module)
    tree = ast.parse(file.read_bytes() if file else b"")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = node.body[1:]
    return ast.dump(tree)
