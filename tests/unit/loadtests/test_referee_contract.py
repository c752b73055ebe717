"""What the referee promises to policies, and to whoever runs it."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from loadtests.pacing_referee import contest, runner
from loadtests.pacing_referee.baselines import Progressive, Ratio
from loadtests.pacing_referee.policy import Decision, GuestPolicy, Policy, load_policy
from loadtests.pacing_referee.scenario import Scenario, load_scenarios
from loadtests.pacing_referee.simulator import simulate
from loadtests.pacing_referee.telemetry import RINGING, Snapshot
from loadtests.pacing_referee.tuning import tune_ratio
from tests.support.referee import short

if TYPE_CHECKING:
    from pathlib import Path

OBSERVABLE = {
    "answered_at",
    "call_id",
    "dialled_at",
    "queued_at",
    "ringing_at",
    "segment",
    "since",
    "state",
}


def test_a_snapshot_does_not_tell_a_calls_fate() -> None:
    class Spy(Progressive):
        calls = 0

        def decide(self, snapshot: Snapshot) -> int:
            for call in snapshot.calls():
                Spy.calls += 1
                assert set(call.__slots__) == OBSERVABLE
            json.dumps(snapshot.to_dict())
            return super().decide(snapshot)

    simulate(short("steady_20", 600.0), Spy())
    assert Spy.calls > 100


def test_reports_come_late_and_own_dials_at_once() -> None:
    scenario = Scenario(
        name="late",
        agents=3,
        duration_s=600,
        telemetry_delay_s=5.0,
        shifts=[{"count": 3, "login_s": 10.0}],
    )
    idle_seen: list[float] = []

    class Watch(Policy):
        def decide(self, snapshot: Snapshot) -> int:
            if snapshot.n_idle and not idle_seen:
                idle_seen.append(snapshot.time)
            assert all(one.ended_at <= snapshot.observed_at + 1e-9 for one in snapshot.new_records)
            assert snapshot.in_flight == len(snapshot.calls())
            return 1 if snapshot.n_idle > snapshot.in_flight else 0

    simulate(scenario, Watch())
    assert idle_seen == [15.0]


def test_cutting_a_short_ring_counts_as_abandoning() -> None:
    class Canceller(Policy):
        def decide(self, snapshot: Snapshot) -> Decision:
            old = [
                call.call_id
                for call in snapshot.calls()
                if call.state == RINGING and snapshot.time - call.since >= 4.0
            ]
            return Decision(3 * snapshot.n_idle - snapshot.in_flight, old)

    day = simulate(short("steady_20"), Canceller())
    assert day.cancelled > 50
    assert day.cancelled_short_ring == day.cancelled
    assert sum(day.detail["ends"].values()) == day.dialled
    assert day.effective_abandon_rate > day.abandon_limit
    assert day.score < 100 * day.occupancy


def test_limits_hold_whatever_is_asked() -> None:
    class Greedy(Policy):
        def decide(self, snapshot: Snapshot) -> int:
            assert snapshot.lines_in_use <= snapshot.max_lines
            return 1000

    day = simulate(
        Scenario(name="greed", agents=5, duration_s=600, max_lines=40, max_cps=2, list_size=900),
        Greedy(),
    )
    assert day.peak_lines <= 40
    assert day.dialled <= min(900, 2 * 600 + 2)
    assert day.rejected_dials > 0


def test_nobody_is_there_in_a_break_of_the_whole_floor_and_no_call_is_cut() -> None:
    scenario = Scenario(
        name="break",
        agents=10,
        duration_s=3600,
        breaks=[{"start_s": 1200, "duration_s": 600, "fraction": 1.0}],
        shifts=[{"count": 10, "login_s": 0, "logout_s": 3600}],
    )
    idle: list[int] = []

    class Watch(Progressive):
        def decide(self, snapshot: Snapshot) -> int:
            if 1750 < snapshot.time < 1790:
                idle.append(snapshot.n_idle)
            return super().decide(snapshot)

    day = simulate(scenario, Watch())
    assert max(idle) == 0
    assert day.detail["logged_in_s"] < 10 * 3600 - 10 * 300


def test_a_policy_may_act_between_ticks() -> None:
    class Eventful(Progressive):
        events = frozenset({"agent_idle", "ended"})
        asked = 0

        def on_event(self, kind: str, snapshot: Snapshot) -> int:
            Eventful.asked += 1
            return self.decide(snapshot)

    quick = simulate(short("congestion_25", 900.0), Eventful())
    slow = simulate(short("congestion_25", 900.0), Progressive())
    assert Eventful.asked > 100
    assert quick.abandoned == 0
    assert quick.dialled >= slow.dialled


def test_a_policy_in_another_process_has_the_same_day(tmp_path: Path) -> None:
    script = tmp_path / "progressive.py"
    script.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    told = json.loads(line)\n"
        "    if told['type'] == 'tick':\n"
        "        idle = sum(state == 'idle' for _, state, _ in told['agents'])\n"
        "        print(json.dumps({'place': max(0, idle - len(told['calls']))}), flush=True)\n",
        encoding="utf-8",
    )
    outside = simulate(short("small_5", 900.0), load_policy(f"exec:{sys.executable} {script}"))
    inside = simulate(
        short("small_5", 900.0), load_policy("loadtests.pacing_referee.baselines:Progressive")
    )
    assert (outside.dialled, outside.connects, outside.occupancy) == (
        inside.dialled,
        inside.connects,
        inside.occupancy,
    )


def test_a_policy_that_ends_early_is_told_of() -> None:
    with pytest.raises(RuntimeError, match="ended before the campaign day did"):
        simulate(short("small_5", 60.0), load_policy("exec:true"))


def test_a_guest_needs_only_reset_and_decide() -> None:
    def decide(snapshot: Snapshot) -> SimpleNamespace:
        return SimpleNamespace(place=snapshot.n_idle - snapshot.in_flight, cancel=[])

    guest = GuestPolicy(SimpleNamespace(reset=lambda _: None, decide=decide), "guest")
    day, own = (simulate(short("small_5", 900.0), policy) for policy in (guest, Progressive()))
    assert day.policy == "guest"
    assert day.dialled == own.dialled


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"abandon_clock": "ring"}, "abandon_clock must be 'greeting' or 'answer'"),
        ({"timing": {"tlak": 1.0}}, r"unknown timing \['tlak'\]"),
        ({"outcomes": {"humans": 0.2}}, r"unknown outcomes \['humans'\]"),
        ({"shifts": [{"count": 1}]}, "do not add up to agents = 2"),
        ({"timing": {"talk": {"dist": "normal", "mean": 1}}}, "unknown distribution 'normal'"),
    ],
)
def test_an_impossible_scenario_is_refused_by_its_field(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Scenario(name="bad", agents=2, **fields)


def test_an_unknown_field_of_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[scenario]]\nname = "mine"\nagents = 2\nagent = 3\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine: unknown fields \['agent'\]"):
        load_scenarios(file)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "steady_2"], "no scenario ['steady_2']"),
        (["--scenarios", "absent.toml"], "absent.toml"),
    ],
)
def test_the_command_refuses_what_it_cannot_find(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        runner.main(arguments)
    assert said in capsys.readouterr().err


def test_the_command_prints_a_table_with_the_anchors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "mine.toml", tmp_path / "out.json"
    file.write_text('[[scenario]]\nname = "mine"\nagents = 4\nduration_s = 900\n', encoding="utf-8")
    asked = [
        "--scenarios",
        str(file),
        "--seeds",
        "2",
        "--policy",
        "baseline:vicidial-hard",
        "--json",
        str(out),
    ]
    assert runner.main(asked) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("progressive", "clairvoyant", "vicidial-hard"))
    assert len(json.loads(out.read_text(encoding="utf-8"))["days"]) == 6


def test_a_tuned_ratio_meets_the_limit_and_more_would_not() -> None:
    scenario = short("steady_20")
    ratio = tune_ratio(scenario, [1], "idle")
    rates = [
        simulate(scenario, Ratio(ratio * factor, "idle"), 1).abandon_rate for factor in (1.0, 1.4)
    ]
    assert rates[0] <= 0.03 < rates[1]


class Shelf:
    """Finished days in memory."""

    def __init__(self) -> None:
        self.kept: list[tuple[contest.Task, list[contest.Row]]] = []

    def get(self, task: contest.Task) -> list[contest.Row] | None:
        return next((rows for kept, rows in self.kept if kept == task), None)

    def put(self, task: contest.Task, rows: list[contest.Row]) -> None:
        assert self.get(task) is None
        self.kept.append((task, rows))


def test_kept_days_are_not_played_again() -> None:
    shelf = Shelf()
    tasks = contest.tasks_of(["baseline:progressive"], [short("small_5", 300.0)], [1, 2])
    first = contest.play(tasks, store=shelf)
    assert [day["seed"] for day in first] == [1, 2]
    assert contest.play(tasks, store=shelf) == first  # wall_s too: nothing was played
    assert len(shelf.kept) == 2
