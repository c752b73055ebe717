"""What Locust loads: the people and their sessions, the account at the end, and the limits of the run.

Started by `python -m loadtests.crowd SCENARIO`; by hand: `CROWD_SESSIONS=sessions.jsonl locust -f` this file.
CROWD_SESSIONS: the lines of `paceline loadtest prepare`. CROWD_SLOW: how many of the viewers never read.
CROWD_ACCOUNTS: where each client's account is written, one line each. CROWD_WRAPUP: seconds. CROWD_LOGIN: a
password by which agents sign in themselves. CROWD_LIMITS: by what the run is judged, as JSON. CROWD_FIGURES: a
file renewed each second. CROWD_STORM: how many of all sockets (%) are cut at once by SIGUSR2. SIGUSR1: be still.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gevent
from locust import events

from app.loadruns.rules import Limits
from loadtests.crowd.knee import PACE, read_pace
from loadtests.crowd.ledger import WATCHED
from loadtests.crowd.live import EVERY_SECONDS, buckets, put
from loadtests.crowd.people import AgentUser, GlancingUser, Script, SlowUser, ViewerUser
from loadtests.crowd.targets import CODES, POP, judge_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locust.env import Environment

__all__ = ["AgentUser", "GlancingUser", "SlowUser", "ViewerUser"]

CLASSES: Final = (AgentUser, ViewerUser, GlancingUser, SlowUser)
PARTS: Final = {"50%": 0.5, "95%": 0.95, "99%": 0.99, "100%": 1.0}


def read_script(environ: Mapping[str, str]) -> None:
    """Hand the sessions out by kind, and say how many of each there are to be."""
    Script.chance = random.Random(int(environ.get("CROWD_SEED", "1")))
    Script.wrapup_seconds = float(environ.get("CROWD_WRAPUP", "17"))
    Script.password = environ.get("CROWD_LOGIN", "")
    slow = int(environ.get("CROWD_SLOW", "0"))
    kinds: dict[str, deque[dict[str, Any]]] = {each.kind: deque() for each in CLASSES}
    with Path(environ["CROWD_SESSIONS"]).open(encoding="utf-8") as lines:
        for line in lines:
            session = json.loads(line)
            kind = session["kind"]
            if kind == "viewer" and len(kinds["slow"]) < slow:
                kind = "slow"
            elif kind == "viewer" and len(kinds["viewer"]) == WATCHED:
                kind = "glance"
            kinds[kind].append(session)
    Script.sessions = kinds
    for user_class in CLASSES:
        user_class.fixed_count = len(kinds[user_class.kind])
        user_class.abstract = not kinds[user_class.kind]  # Locust leaves these out


def be_still() -> None:
    """Do nothing any more: what is published from here on would be ours."""
    Script.still = True


def write_accounts(**_: Any) -> None:
    """Write down what each client holds, before anybody leaves; from here on figures say nothing."""
    Script.leaving = True
    path = os.environ.get("CROWD_ACCOUNTS")
    if not path:
        return
    with Path(path).open("w", encoding="utf-8") as lines:
        for person in Script.people:
            if person.kind in {"agent", "viewer"}:
                lines.write(json.dumps(person.ledger.close(person.protocol.store)) + "\n")


def cut_sockets() -> None:
    """Pull the plug of some of them at the same moment."""
    share = float(os.environ.get("CROWD_STORM", "0")) / 100
    there = [person.line for person in Script.people if person.line and person.is_open]
    for line in there[: round(share * len(there))]:
        line.cut()


def timed(environment: Environment) -> dict[str, dict[str, Any]]:
    """What is judged, as the CSV has it: how many, and percentiles in ms, by Locust's name."""
    return {
        name: {
            "n": entry.num_requests,
            **{
                share: entry.get_response_time_percentile(part) or 0
                for share, part in PARTS.items()
            },
        }
        for (name, _kind), entry in list(environment.stats.entries.items())
        if name in CODES
    }


def tell_figures(environment: Environment, path: Path) -> None:
    """Renew the file for whoever watches, and go by the pace that is told, once a second."""
    frames, was_cut = 0, False
    while True:
        gevent.sleep(EVERY_SECONDS)
        if Script.leaving:
            return
        pace = read_pace(path.parent / PACE)
        Script.talk_seconds = pace.get("talk_s", Script.talk_seconds)
        Script.wrapup_seconds = pace.get("wrap_s", Script.wrapup_seconds)
        people = list(Script.people)
        if "cut_pct" in pace and not was_cut:
            was_cut = True
            for person in people[: round(pace["cut_pct"] / 100 * len(people))]:
                person.cut_until = time.monotonic() + pace["cut_s"]
        before, frames = frames, sum(person.ledger.frames for person in people)
        entry = environment.stats.entries.get((POP, "POP"))
        put(
            path,
            {
                "sockets": sum(person.is_open for person in people),
                "wanted": sum(user_class.fixed_count for user_class in CLASSES),
                "signed_in": Script.signed_in,
                "refused_at_the_door": Script.refused_at_the_door,
                "longest_queue": Script.longest_queue,
                "frames_s": round((frames - before) / EVERY_SECONDS),
                "timed": timed(environment),
                "histogram": buckets({} if entry is None else entry.response_times),
            },
        )


def watch(environment: Environment, **_: Any) -> None:
    """Tell figures for as long as Locust lives, when somebody wants them."""
    path = os.environ.get("CROWD_FIGURES")
    if path:
        gevent.spawn(tell_figures, environment, Path(path))


def judge(environment: Environment, **_: Any) -> None:
    """Fail the run by its limits, not by how many requests failed."""
    limits = Limits(**json.loads(os.environ.get("CROWD_LIMITS", "{}")))
    storm = float(os.environ.get("CROWD_STORM", "0")) > 0
    verdicts = judge_times(timed(environment), limits, storm=storm)
    for verdict in verdicts:
        print(f"- {'held' if verdict.held else 'MISSED'}: {verdict.target} ({verdict.seen})")
    environment.process_exit_code = 0 if all(verdict.held for verdict in verdicts) else 1


read_script(os.environ)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background has it ignored
gevent.signal_handler(signal.SIGUSR1, be_still)
gevent.signal_handler(signal.SIGUSR2, cut_sockets)
for event, listener in (
    (events.test_start, watch),
    (events.test_stopping, write_accounts),
    (events.quitting, judge),
):
    event.add_listener(listener)  # type: ignore[no-untyped-call] # Locust names no types here
