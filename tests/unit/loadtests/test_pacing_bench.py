"""The pacing bench: who is first, which days need not be played again, and the plots."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from loadtests import pacing_shelf
from loadtests.pacing_plots import draw
from loadtests.pacing_ranks import rank
from loadtests.pacing_referee.contest import CLAIRVOYANT, PROGRESSIVE, Row, Task, play, tasks_of
from loadtests.pacing_shelf import Shelf, key_of, module_of
from tests.support.referee import short

if TYPE_CHECKING:
    from pathlib import Path

TASK = Task(PROGRESSIVE, short("small_5", 600.0), (1,))


def days_of(**scores: list[float]) -> list[Row]:
    """Days of one scenario: each policy's scores in the order of the seeds."""
    return [
        {"scenario": "one", "policy": name, "seed": seed, "score": score}
        for name, each in scores.items()
        for seed, score in enumerate(each, start=1)
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "said", "beaten"),
    [
        ([80, 82, 81], [70, 72, 71], "first, before theirs by 10.0 ± 0.0", False),
        ([80, 82, 81], [70, 90, 80], "first, tied with theirs by 1.0 ± 5.2", False),
        ([80, 82, 81], [72, 92, 82], "tied, behind theirs by 1.0 ± 5.2", False),
        ([70, 72, 71], [80, 82, 81.5], "beaten by theirs by 10.2 ± 0.2", True),
    ],
)
def test_a_rank_goes_by_the_paired_difference(
    ours: list[float], theirs: list[float], said: str, *, beaten: bool
) -> None:
    place = rank(days_of(ours=ours, theirs=theirs), "ours", "one")
    assert str(place) == said
    assert place.beaten is beaten


def test_the_bound_is_no_rival() -> None:
    days = days_of(ours=[80.0], bound=[99.0])
    days[1]["policy"] = CLAIRVOYANT
    assert str(rank(days, "ours", "one")) == "alone"


def test_a_day_on_the_shelf_is_not_played_again(tmp_path: Path) -> None:
    first = play([TASK], store=Shelf(tmp_path))
    shelf = Shelf(tmp_path)
    again = play([TASK], store=shelf)
    assert again == first
    assert (shelf.taken[PROGRESSIVE], shelf.played[PROGRESSIVE]) == (1, 0)
    afresh = Shelf(tmp_path, fresh=True)
    play([TASK], store=afresh)
    assert (afresh.taken[PROGRESSIVE], afresh.played[PROGRESSIVE]) == (0, 1)


@pytest.mark.parametrize(
    "other",
    [
        replace(TASK, seeds=(2,)),
        replace(TASK, spec="baseline:statistical"),
        replace(TASK, scenario=replace(TASK.scenario, max_wait_s=3.0)),
    ],
)
def test_what_a_day_depends_on_is_in_its_key(other: Task) -> None:
    assert key_of(other) != key_of(TASK)


def test_a_description_is_not_in_the_key() -> None:
    assert key_of(
        replace(TASK, scenario=replace(TASK.scenario, description="other words"))
    ) == key_of(TASK)


@pytest.mark.parametrize(
    ("spec", "module"),
    [
        ("exec:/any/where/python -m dialer.pacing_referee", "dialer.pacing_referee"),
        ("exec:./my-engine --stdio", None),
        ("baseline:tuned-ratio-idle", "loadtests.pacing_referee.tuning"),
        ("baseline:statistical", "loadtests.pacing_referee.baselines"),
        ("baseline:vicidial-hard", "loadtests.pacing_referee.baselines"),
        ("baseline:call-impact", "loadtests.pacing_referee.impact"),
        ("baseline:clairvoyant", "loadtests.pacing_referee.clairvoyant"),
        ("os.path:Policy", None),
    ],
)
def test_the_source_of_a_policy_is_found(spec: str, module: str | None) -> None:
    assert module_of(spec) == module
    assert (key_of(replace(TASK, spec=spec)) is None) is (module is None)


def test_the_engines_own_modules_are_in_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code counts wherever it is imported from; comments and docstrings do not."""
    room = tmp_path / "dialer"
    room.mkdir()
    outer, inner = room / "outer.py", room / "inner.py"
    monkeypatch.setattr(pacing_shelf, "ROOT", tmp_path)

    def digest(of_outer: str, of_inner: str) -> str:
        outer.write_text(of_outer, encoding="utf-8")
        inner.write_text(of_inner, encoding="utf-8")
        return pacing_shelf.source_digest.__wrapped__("dialer.outer")

    before = digest("from dialer import inner\n", '"""Old."""\nLIMIT = 3\n')
    assert digest("from dialer import inner\n", '"""New."""\n# three\nLIMIT = 3\n') == before
    assert digest("from dialer import inner\n", "LIMIT = 4\n") != before


def test_a_plot_names_every_policy_and_shows_no_hole() -> None:
    scenario = short("lunch_50", 2700.0)
    specs = [PROGRESSIVE, "baseline:statistical", CLAIRVOYANT]
    days = play(tasks_of(specs, [scenario], [1]))
    for day in days:
        day["policy"] = "paceline" if day["policy"] == "baseline:statistical" else day["policy"]
    drawn = draw(scenario, days, "paceline")
    page = ET.fromstring(drawn)
    words = " ".join(page.itertext())
    assert all(name in words for name in ("paceline", "progressive", "clairvoyant", "limit 3"))
    assert "nan" not in drawn.lower().replace("nobody", "")
    assert "% of logged-in time" in words
    assert "hours of the campaign day" in words
