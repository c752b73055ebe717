"""Figures that the pages keep a copy of, held against the server's own."""

from __future__ import annotations

import re
from pathlib import Path

from app.people.rules import BREAKS

WEB = Path(__file__).parents[2] / "web" / "src"


def test_the_wall_knows_how_long_each_break_may_last() -> None:
    source = (WEB / "wall" / "thresholds.ts").read_text("utf-8")
    (table,) = re.findall(r"const pauses[^{]*\{([^}]*)\}", source)
    minutes = {code: int(most) for code, most in re.findall(r"(\w+): (\d+)", table)}
    assert minutes == {
        reason.code: reason.max_seconds // 60 for reason in BREAKS if reason.max_seconds is not None
    }
