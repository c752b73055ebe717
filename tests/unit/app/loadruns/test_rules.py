"""What may be asked of a load test, how it is told to the process that runs it, and how it is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.loadruns.drawing import draw
from app.loadruns.rules import FILES, Limits, Pace, Scenario, Wanted, out_of_bounds, words_of
from app.render import load_sentences
from loadtests.crowd.__main__ import parse, size_of
from loadtests.crowd.login import judge_login
from loadtests.crowd.scenarios import SCENARIOS
from loadtests.crowd.targets import CODES, ZEROS, judge_times

pytestmark = pytest.mark.req("P0-007")


def test_the_process_is_asked_for_what_was_wanted() -> None:
    wanted = Wanted(Scenario.SLOW, 400, Pace.BRISK, 30, 50, 20, 90, Limits(pop_p95=250, back=4_000))
    asked = parse(words_of(wanted, "/folder"))
    size = size_of(asked)
    assert (asked.scenario, asked.seconds, str(asked.out)) == ("slow", 90.0, "/folder")
    assert (size.agents, size.viewers, size.customers) == (400, 40, 10_000)
    assert (size.calls_per_second, size.storm_pct, size.slow_pct) == (30, 50, 20)
    assert (size.profile, size.limits) == ("brisk", wanted.limits)
    assert size_of(parse(words_of(Wanted(), "/folder"))).calls_per_second is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None),
        ({"agents": 99}, "agents"),
        ({"agents": 2_001}, "agents"),
        ({"calls_per_second": 0}, "calls_per_second"),
        ({"storm_pct": 101}, "storm_pct"),
        ({"slow_pct": -1}, "slow_pct"),
        ({"seconds": 19}, "seconds"),
        ({"limits": Limits(ack_p95=0)}, "limits.ack_p95"),
    ],
)
def test_a_number_that_cannot_be_asked_for_is_named(
    changes: dict[str, Any], field: str | None
) -> None:
    assert out_of_bounds(replace(Wanted(), **changes)) == field


def test_a_run_that_has_told_nothing_is_drawn() -> None:
    drawing = draw(None, None)
    assert (drawing.stage, drawing.share, drawing.pop) == ("PREPARING", 0.0, None)
    assert not drawing.timed
    assert not drawing.verdicts


def test_a_run_under_way_shows_what_it_told_last() -> None:
    times = {"n": 3, "50%": 8, "95%": 17, "99%": 17, "100%": 17}
    live = {
        "stage": "WORKING", "passed_s": 15.0, "of_s": 60.0, "redis_ops_s": 300,
        "server": {"coalesced": 2, "cut_off": 1},
        "processes": [{"name": "web", "cpu_pct": 12, "rss_mib": 118}],
        "clients": {
            "sockets": 22, "wanted": 24, "frames_s": 40, "timed": {"assigned to received": times},
            "histogram": [2, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        },
    }  # fmt: skip
    drawing = draw(live, None)
    assert (drawing.share, drawing.sockets, drawing.wanted, drawing.cut_off) == (0.25, 22, 24, 1)
    assert drawing.pop is not None
    assert (drawing.pop.n, drawing.pop.p95, drawing.pop.most) == (3, 17.0, 17.0)
    assert [bar.height for bar in drawing.bars[:3]] == [100.0, 50.0, 0.0]
    assert drawing.processes[0]["cpu_pct"] == 12


def test_what_can_be_asked_for_can_be_run() -> None:
    assert {str(each) for each in Scenario} == set(SCENARIOS)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_word_of_a_run_has_its_sentence(language: str) -> None:
    codes = [*ZEROS, "accounts", "memory"]
    codes += [verdict.code for verdict in judge_times({}, storm=True)]
    login = {"agents": 2_000, "seconds": 1.0}
    codes += [verdict.code for verdict in judge_login(login, {"p99": 0, "max": 0})]
    stages = ("PREPARING", "GATHERING", "WARMING_UP", "WORKING", "CLIMBING", "COMPARING")
    keys = [f"verdict_{code}" for code in codes] + [f"stage_{stage}" for stage in stages]
    keys += [f"scenario_{each}" for each in Scenario] + [f"pace_{each}" for each in Pace]
    keys += [f"file_{name}" for name in FILES] + [
        f"name_{name.replace(' ', '_')}" for name in CODES
    ]
    told = load_sentences().by_language[language]
    assert [key for key in keys if f"load.{key}" not in told] == []
