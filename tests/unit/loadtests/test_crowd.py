"""A load test that counts wrongly is worse than none: repeats, disorder, losses and wrong cards are seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from loadtests.crowd.__main__ import processes_table
from loadtests.crowd.knee import (
    PACE,
    Step,
    answered_per_second,
    knee_of,
    pace_for,
    put_pace,
    read_pace,
    times_of,
)
from loadtests.crowd.ledger import Ledger, Popped, digest, holds_cards, settle
from loadtests.crowd.live import buckets
from loadtests.crowd.login import judge_login
from loadtests.crowd.targets import judge_books, judge_memory, judge_times, read_percentiles
from loadtests.pop_figures import Row
from realtime import frames

if TYPE_CHECKING:
    from pathlib import Path

AGENT = "agent:7"


def a_snapshot(offset: int, *cards: tuple[int, str, Any], last: bool = True) -> dict[str, Any]:
    return {"t": "snapshot", "ch": AGENT, "ep": "e1", "o": offset, "last": last, "cards": cards}


def some_cards(*cards: tuple[int, str, Any], epoch: str = "e1") -> dict[str, Any]:
    return {"t": "cards", "ch": AGENT, "ep": epoch, "cards": cards}


def a_ledger(*frames: dict[str, Any]) -> Ledger:
    ledger = Ledger("7", "agent")
    for frame in frames:
        ledger.note(frame)
    return ledger


def test_what_brings_cards_is_known_by_its_beginning() -> None:
    place = frames.Position(epoch="e1", offset=3)
    assert holds_cards(frames.cards(AGENT, "e1", []))
    assert all(map(holds_cards, frames.snapshot(AGENT, place, [])))
    assert not holds_cards(frames.encode(frames.Beat(n=1, now=2)))


def test_cards_in_their_order_are_no_trouble() -> None:
    ledger = a_ledger(
        a_snapshot(3, (2, "agent", {}), (3, "screen:c1", {})),
        some_cards((4, "agent", {}), (5, "screen:c2", {})),
        some_cards((9, "screen:c2", None)),
        {"t": "beat", "n": 1},
    )
    assert (ledger.repeats, ledger.disorder, ledger.breaches) == (0, 0, 0)
    assert ledger.close({})["screens"] == ["c1", "c2"]


def test_a_number_that_was_delivered_before_is_a_repeat() -> None:
    assert a_ledger(a_snapshot(3), some_cards((4, "a", 1)), some_cards((4, "a", 1))).repeats == 1
    assert a_ledger(a_snapshot(3), some_cards((2, "a", 1))).repeats == 1


def test_a_number_below_its_neighbour_is_disorder() -> None:
    assert a_ledger(a_snapshot(3), some_cards((5, "a", 1), (4, "b", 1))).disorder == 1


def test_cards_of_another_life_without_its_snapshot_are_a_breach() -> None:
    assert a_ledger(a_snapshot(3), some_cards((4, "a", 1), epoch="e2")).breaches == 1
    assert a_ledger(some_cards((1, "a", 1))).breaches == 1


def test_a_snapshot_counts_from_its_last_piece() -> None:
    ledger = a_ledger(a_snapshot(3, last=False), a_snapshot(3), some_cards((4, "a", 1)))
    assert (ledger.repeats, ledger.breaches) == (0, 0)


def an_account(user: str, holds: dict[str, str], *screens: str, repeats: int = 0) -> dict[str, Any]:
    return {
        "user": user, "screens": list(screens), "holds": holds, "repeats": repeats,
        "disorder": 0, "breaches": 0,
    }  # fmt: skip


def test_what_a_client_holds_must_be_what_the_server_has() -> None:
    truth = {"agent:1": digest({"agent": {"a": 1}}), "agent:2": digest({})}
    right = an_account("1", {"agent:1": digest({"agent": {"a": 1}})})
    wrong = an_account("2", {"agent:2": digest({"agent": {}})}, repeats=2)
    found = settle([right, wrong], truth, [])
    assert (found["clients"], found["wrong_state"], found["repeats"]) == (2, 1, 2)
    assert found["examples"] == ["2 agent:2"]


def test_a_pop_of_the_books_that_its_agent_never_saw_is_lost() -> None:
    accounts = [an_account("1", {}, "c1"), an_account("2", {}, "c1")]
    pops = [
        Popped("c1", "1", returned=False, overtaken=False),
        Popped("c2", "1", returned=False, overtaken=False),
        Popped("c3", "1", returned=True, overtaken=False),
        Popped("c4", "1", returned=False, overtaken=True),
        Popped("c5", "somebody else", returned=False, overtaken=False),
    ]
    found = settle(accounts, {}, pops)
    assert (found["pops"], found["pops_lost"], found["pops_at_two_desks"]) == (2, 1, 1)
    assert found["examples"] == ["c2"]


def test_cards_that_say_the_same_have_one_digest() -> None:
    assert digest({"a": 1, "b": [1, None]}) == digest({"b": [1, None], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_run_is_judged_by_what_users_meet(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "Type,Name,Request Count,Failure Count,50%,95%,99%,100%\n"
        "POP,assigned to received,10,0,5,900,2100,2200\nSTATE,deed to card,3,0,10,20,20,20\n"
        ",Aggregated,0,0,N/A,N/A,N/A,N/A\n"
    )
    told = read_percentiles(tmp_path / "s.csv")
    assert told["assigned to received"]["n"] == 10
    missed = [verdict.target for verdict in judge_times(told) if not verdict.held]
    assert missed == ["assigned to received 99% <= 2000 ms"]
    assert not any(verdict.held for verdict in judge_times({}))
    assert read_percentiles(tmp_path / "none.csv") == {}


def test_anything_lost_or_double_is_missed_and_so_is_growth() -> None:
    zeros = dict.fromkeys(
        ("wrong_state", "repeats", "disorder", "breaches", "pops_lost", "pops_at_two_desks",
         "calls_lost", "double_assignments"), 0,
    )  # fmt: skip
    assert all(verdict.held for verdict in judge_books(zeros))
    assert [v.target for v in judge_books(zeros | {"repeats": 1}) if not v.held] == ["repeats 0"]
    held = [verdict.held for verdict in judge_memory({"web": 1.19, "dialer": 1.3})]
    assert held == [True, False]


def a_row(agent: str, answered: int, assigned: int | None, received: int | None) -> Row:
    return Row(
        call=f"{agent}-{answered}", agent=agent, answered=answered, assigned=assigned,
        published=assigned, received=received, painted=None, error_ms=None, connected=None,
        ended=None, by_person=True, abandoned=False, cause=None, returned=0,
    )  # fmt: skip


def test_a_step_of_the_climb_is_judged_by_the_books() -> None:
    rows = [
        a_row("a", 500, 600, 650), a_row("a", 1_500, 1_600, None), a_row("b", 2_500, 2_600, 2_900)
    ]  # fmt: skip
    assert answered_per_second(rows, 0, 2_000) == 1.0
    assert times_of(rows, 0, 3_000) == [50, 300]


def test_the_knee_is_the_most_at_which_nothing_was_late() -> None:
    pace = pace_for(2_000, 16.0)
    assert pace == {"talk_s": 93.2, "wrap_s": 16.8}
    good = Step(20, 19.6, 0, 40, 400, 500, {})
    late, short = replace(good, probe_p99=1_001), replace(good, asked_per_s=40)
    assert [step.bends for step in (good, late, short)] == [False, True, True]
    assert knee_of([good, replace(good, answered_per_s=23.8), late]) == 23.8
    assert knee_of([late]) is None


def test_the_crowd_goes_by_the_pace_that_is_told(tmp_path: Path) -> None:
    assert read_pace(tmp_path / PACE) == {}
    put_pace(tmp_path, {"talk_s": 40.0, "wrap_s": 7.0})
    assert read_pace(tmp_path / PACE) == {"talk_s": 40.0, "wrap_s": 7.0}


def test_times_are_counted_into_buckets() -> None:
    assert buckets({}) == [0] * 10
    assert buckets({10: 2, 11: 1, 3_000: 1, 3_001: 4}) == [2, 1, 0, 0, 0, 0, 0, 0, 1, 4]


def test_a_morning_is_judged_by_who_got_in_when_and_what_calls_felt() -> None:
    login = {
        "agents": 2_000, "signed_in": 2_000, "seconds": 95.0, "refused_at_the_door": 0,
        "longest_queue": 480,
    }  # fmt: skip
    probe = {"p99": 120.0, "max": 130.0}
    assert all(verdict.held for verdict in judge_login(login, probe))
    for changes, code in (
        ({"signed_in": 1_999}, "login_all"),
        ({"seconds": 121.0}, "login_all"),
        ({"refused_at_the_door": 1}, "login_refused"),
        ({"longest_queue": 0}, "login_place"),
    ):
        missed = [v.code for v in judge_login(login | changes, probe) if not v.held]
        assert missed == [code]
    for late in ({"p99": 501.0, "max": 600.0}, {"p99": 0.0, "max": 0.0}):
        assert [v.code for v in judge_login(login, late) if not v.held] == ["login_probe"]
    few = {"agents": 50, "signed_in": 50, "seconds": 9.0}
    assert all(verdict.held for verdict in judge_login(few, probe)), "too few to wait"


def test_what_processes_used_is_told_for_each_call() -> None:
    used = {"web": {"cpu_s": 30.0, "rss_mib": 120, "pss_mib": None}}
    assert "| web | 50 | 100 | 120 |" in processes_table(used, 60.0, 300)
    assert "| web | 50 |  | 120 |" in processes_table(used, 60.0, 0)
