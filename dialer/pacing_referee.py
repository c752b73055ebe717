"""The engine before the pacing referee: as its policy in another process, or as a class in its own.

`python -m dialer.pacing_referee` speaks the referee's `exec:` protocol: a JSON object a line on stdin, one
answer a line on stdout. The engine sees nothing but what the lines say. Times are seconds. Of the room
this is the other end of `dialing`: it turns what a dialler reports into a `View`.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TextIO

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import decide
from dialer.core.view import Answer, Doing, Ended, Handled, Line, Live, Seat, Stage, View

DOING = {"idle": Doing.IDLE, "talk": Doing.TALK, "wrap": Doing.WRAP}
STAGE = {each.name.lower(): each for each in Stage}
HALF_A_TICK_S = 0.5  # what vanished between two ticks did so about here
USUAL_SETUP_S = 2.5  # of a call that was not seen while it rang
UNBOUND = 1_000.0  # lines per agent: the referee bounds lines, not the ratio


class Campaign:
    """One day of one campaign, as the referee tells it."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        """`context`: the referee's `PolicyContext`, as a mapping."""
        self._context = context
        limit = 100.0 * context["abandon_limit"]
        self._limits = Limits(
            lines=10**6,
            ratio_ceiling=UNBOUND,
            abandon_target_pct=limit,
            abandon_limit_pct=limit,
            connect_threshold_ms=int(1000 * context["max_wait_s"]),
        )
        self.brain = Brain()
        self._agents: dict[Any, tuple[Doing, float, float]] = {}
        self._seen: dict[Any, _Sight] = {}
        self._told: set[Any] = set()  # live calls already told
        self._hung_up = 0
        self._talks: dict[float, Answer] = {}  # how calls were answered, by length of the talk

    def decide(self, tick: Mapping[str, Any]) -> tuple[int, list[Any]]:
        """Lines to open and calls to cancel at one tick."""
        pace = decide(self.view(tick), self._limits, self.brain)
        return pace.lines, list(pace.cancel)

    def view(self, tick: Mapping[str, Any]) -> View:
        """What the tick says, and what changed since the last one."""
        seats, walked = self._seats(tick["agents"])
        lines = [
            Line(call, STAGE[state], age, since, segment)
            for call, segment, state, age, since in tick["calls"]
        ]
        ended = tick["new_records"]
        lives = self._lives(lines, ended)
        lost = [r for r in ended if r["outcome"] == "abandoned" or r["late"]]
        left_early = [self._left_early(r) for r in lost]
        self._hung_up += sum(left_early)
        self._talks |= {_talk_key(r): _answer(r) for r in ended if r["talk_s"] > 0.0}
        now = tick["time"]
        return View(
            mode=Mode.PREDICTIVE,
            now_s=now,
            seats=seats,
            lines=lines,
            lives=lives,
            ended=[_ended(r) for r in ended if r["queued_at"] is None],
            handled=[self._handled(h) for h in tick["new_handled"]],
            lost=[_answer(r) for r, early in zip(lost, left_early, strict=True) if not early],
            walked=walked,
            dialed=tick["dialled"],
            answered=tick["live"],
            abandoned=tick["abandoned"],
            hung_up=self._hung_up,
            left_s=max(0.0, self._context["campaign_end_s"] - now),
            lag_s=self._context["telemetry_delay_s"],
            ring_timeout_s=self._context["no_answer_timeout_s"],
            coming=tick["hopper"],
            lines_left=self._context["max_lines"] - tick["lines_in_use"],
            calls_left=self._calls_left(),
        )

    def _calls_left(self) -> int | None:
        cap = self._context["max_cps"]
        return max(1, int(cap * self._context["tick_s"])) if cap else None

    def _seats(self, agents: Iterable[Any]) -> tuple[list[Seat], int]:
        """Every agent with the length of his last talk, and how many idle ones are gone."""
        seats, known = [], {}
        for agent, state, since in agents:
            doing = DOING[state]
            talked = since if doing is Doing.TALK else self._agents.get(agent, (doing, 0.0, 0.0))[2]
            known[agent] = (doing, since, talked)
            seats.append(Seat(doing, since, talked))
        gone = self._agents.keys() - known.keys()
        walked = sum(1 for agent in gone if self._agents[agent][0] is Doing.IDLE)
        self._agents = known
        return seats, walked

    def _lives(self, lines: list[Line], ended: list[Any]) -> list[Live]:
        """Calls that began to wait, or went straight to an agent and so vanished."""
        here = {line.call: line for line in lines}
        lives = [
            self._live(line.call, line.age_s - line.for_s)
            for line in lines
            if line.stage is Stage.QUEUED and line.call not in self._told
        ]
        over = {r["call_id"]: r["queued_at"] is not None for r in ended}
        for call in self._seen.keys() - here.keys() - self._told:
            seen = self._seen[call]
            if over.get(call, seen.line.stage > Stage.SETUP):
                lives.append(self._live(call, seen.line.age_s + HALF_A_TICK_S))
        self._told = (self._told | {x.call for x in lines if x.stage is Stage.QUEUED}) & here.keys()
        self._seen = {call: self._sight(line) for call, line in here.items()}
        return lives

    def _sight(self, line: Line) -> "_Sight":
        """What is known of a call by now."""
        sight = self._seen.get(line.call)
        rang, answered = (None, None) if sight is None else (sight.rang, sight.answered)
        if line.stage is Stage.RINGING:
            rang = line.age_s - line.for_s
        elif line.stage is Stage.ANSWERED:
            answered = line.age_s - line.for_s
        return _Sight(line, rang, answered)

    def _live(self, call: Any, found: float) -> Live:
        """How a call came to be live `found` seconds after it was dialled."""
        sight = self._seen.get(call)
        if sight is None:
            return Live(0, found, 0.0, 0.0)
        answered = found if sight.answered is None else sight.answered
        rang = min(answered, USUAL_SETUP_S) if sight.rang is None else sight.rang
        return Live(sight.line.segment, rang, max(0.0, answered - rang), max(0.0, found - answered))

    def _left_early(self, record: Mapping[str, Any]) -> bool:
        """Whether an abandoned call was hung up before the limit: by a person, then."""
        return bool(record["waited_s"] < self._context["max_wait_s"] - 0.05)

    def _handled(self, record: Mapping[str, Any]) -> Handled:
        stays = record["agent_id"] in self._agents
        person = record["outcome"] != "machine_to_agent"
        answer = self._talks.pop(_talk_key(record), None)
        return Handled(record["talk_s"], record["wrap_s"], person, stays, answer)


class _Sight(NamedTuple):
    """The last sight of a call, and the ages (s) at which it rang and was answered, if seen."""

    line: Line
    rang: float | None
    answered: float | None


def _talk_key(record: Mapping[str, Any]) -> float:
    """What tells one agent's talk from another's: handlings do not name their call."""
    return round(float(record["talk_s"]), 4)


def _answer(record: Mapping[str, Any]) -> Answer:
    answered = record["answered_at"]
    return Answer(answered - record["ringing_at"], record["queued_at"] - answered)


def _ended(record: Mapping[str, Any]) -> Ended:
    """A finished call that was never live."""
    dialled, rang, answered = record["dialled_at"], record["ringing_at"], record["answered_at"]
    end, segment = record["ended_at"], record["segment"]
    ours = record["outcome"] == "cancelled"
    if rang is None:
        return Ended(segment, end - dialled, taken_back=ours)
    if answered is None:
        return Ended(segment, rang - dialled, end - rang, taken_back=ours)
    return Ended(segment, rang - dialled, answered - rang, end - answered)


class Decision(NamedTuple):
    """What the referee's policies answer with."""

    place: int
    cancel: list[Any]


class Policy:
    """The engine as a class of the referee's own kind; it is told what another process would be told."""

    name = "paceline"
    clairvoyant = False
    events: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self._campaign: Campaign | None = None

    def reset(self, context: Any) -> None:
        """Start of a campaign day."""
        self._campaign = Campaign(vars(context))

    def decide(self, snapshot: Any) -> Any:
        """At every tick: the decision, in the referee's own words."""
        if self._campaign is None:
            raise RuntimeError("decide before reset")
        place, cancel = self._campaign.decide(snapshot.to_dict())
        return Decision(place, cancel)

    def close(self) -> None:
        """End of the campaign day."""


def serve(lines: Iterable[str], out: TextIO) -> None:
    """Answer each tick of the referee until it closes its end."""
    campaign: Campaign | None = None
    for line in lines:
        message = json.loads(line)
        if message["type"] == "reset":
            campaign = Campaign(message["context"])
        elif campaign is None:
            raise ValueError(
                "a tick came before the reset: the referee must send the context first"
            )
        else:
            place, cancel = campaign.decide(message)
            out.write(json.dumps({"place": place, "cancel": cancel}) + "\n")
            out.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
