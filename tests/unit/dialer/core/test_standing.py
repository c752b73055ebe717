"""decisions.md 13: the tables of status, state and link; every pair moves or refuses."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core.standing import (
    AFTERWARDS,
    AT_REST,
    ENGAGED,
    LINK_MOVES,
    STATE_MOVES,
    STATUS_MOVES,
    AgentState,
    Choice,
    Duty,
    IllegalStep,
    Link,
    LinkChange,
    Status,
    step,
)

PAIRS: list[tuple[Any, Any, Any]] = [
    (table, state, change)
    for table, states, changes in (
        (STATUS_MOVES, Status, Choice),
        (STATE_MOVES, AgentState, Duty),
        (LINK_MOVES, Link, LinkChange),
    )
    for state in states
    for change in changes
]


@pytest.mark.parametrize(("table", "state", "change"), PAIRS)
def test_every_pair_moves_or_refuses(table: Any, state: Any, change: Any) -> None:
    if change in table[state]:
        assert step(table, state, change) is table[state][change]
    else:
        with pytest.raises(IllegalStep, match="NO_SUCH_MOVE"):
            step(table, state, change)


def test_every_state_is_of_one_kind() -> None:
    for state in AgentState:
        assert sum(state in kind for kind in (ENGAGED, AFTERWARDS, AT_REST)) == 1
