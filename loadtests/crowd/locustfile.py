"""What Locust loads: the people and their sessions, the account at the end, and the limits of the run.

Started by `python -m loadtests.crowd SCENARIO`; by hand: `CROWD_SESSIONS=sessions.jsonl locust -f` this file.
CROWD_SESSIONS: the lines of `paceline loadtest prepare`. CROWD_SLOW: how many of the viewers never read.
CROWD_ACCOUNTS: where each client's account is written, one line each. CROWD_WRAPUP: seconds. SIGUSR1: be still.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from locust import events

from loadtests.crowd.people import AgentUser, Script, SlowUser, ViewerUser
from loadtests.crowd.targets import LIMITS, judge_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locust.env import Environment

__all__ = ["AgentUser", "SlowUser", "ViewerUser"]


def read_script(environ: Mapping[str, str]) -> None:
    """Hand the sessions out by kind, and say how many of each there are to be."""
    Script.chance = random.Random(int(environ.get("CROWD_SEED", "1")))
    Script.wrapup_seconds = float(environ.get("CROWD_WRAPUP", "17"))
    slow = int(environ.get("CROWD_SLOW", "0"))
    kinds: dict[str, deque[dict[str, Any]]] = {"agent": deque(), "viewer": deque(), "slow": deque()}
    with Path(environ["CROWD_SESSIONS"]).open(encoding="utf-8") as lines:
        for line in lines:
            session = json.loads(line)
            is_slow = session["kind"] == "viewer" and len(kinds["slow"]) < slow
            kinds["slow" if is_slow else session["kind"]].append(session)
    Script.sessions = kinds
    for user_class in (AgentUser, ViewerUser, SlowUser):
        user_class.fixed_count = len(kinds[user_class.kind])
        user_class.abstract = not kinds[user_class.kind]  # Locust leaves these out


def be_still() -> None:
    """Do nothing any more: what is published from here on would be ours."""
    Script.still = True


def write_accounts(**_: Any) -> None:
    """Write down what each client holds, before anybody leaves."""
    path = os.environ.get("CROWD_ACCOUNTS")
    if not path:
        return
    with Path(path).open("w", encoding="utf-8") as lines:
        for ledger, client in Script.ledgers:
            if ledger.kind != "slow":
                lines.write(json.dumps(ledger.close(client.store)) + "\n")


def judge(environment: Environment, **_: Any) -> None:
    """Fail the run by its limits, not by how many requests failed."""
    told: dict[str, dict[str, float]] = {}
    for (name, _kind), entry in environment.stats.entries.items():
        shares = {share for limit, share, _ in LIMITS if limit == name}
        told[name] = {
            share: entry.get_response_time_percentile(float(share.rstrip("%")) / 100) or 0
            for share in shares
        }
    verdicts = judge_times(told)
    for verdict in verdicts:
        print(f"- {'held' if verdict.held else 'MISSED'}: {verdict.target} ({verdict.seen})")
    environment.process_exit_code = 0 if all(verdict.held for verdict in verdicts) else 1


read_script(os.environ)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background has it ignored
gevent.signal_handler(signal.SIGUSR1, be_still)
for event, listener in ((events.test_stopping, write_accounts), (events.quitting, judge)):
    event.add_listener(listener)  # type: ignore[no-untyped-call] # Locust names no types here
