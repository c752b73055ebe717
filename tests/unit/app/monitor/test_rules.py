"""Scores by weight, and why a call is worth listening to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from app.monitor.rules import (
    BEST,
    NEEDS,
    NEW_FOR,
    QA_EVERY,
    WEIGHTS,
    Criterion,
    LiveCall,
    Mode,
    Reason,
    reasons,
    score_pct,
)
from tests.support.clock import START

DAY = timedelta(days=1)


def test_weights_are_shares_of_one_whole() -> None:
    assert WEIGHTS.keys() == set(Criterion)
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.req("S0c-025")
def test_a_score_is_weighted_percent() -> None:
    assert score_pct(dict.fromkeys(Criterion, BEST)) == 100
    assert score_pct(dict.fromkeys(Criterion, 0)) == 0
    assert score_pct({**dict.fromkeys(Criterion, BEST), Criterion.LAW: 0}) == 80
    assert score_pct({**dict.fromkeys(Criterion, 0), Criterion.OPENING: 1}) == 2  # 2.5, to even


def test_each_mode_is_a_permission_of_its_own() -> None:
    assert NEEDS.keys() == set(Mode)
    assert len(set(NEEDS.values())) == len(Mode)


@pytest.mark.parametrize(
    ("hired", "scored", "found"),
    [
        (NEW_FOR - DAY, DAY, (Reason.NEW_AGENT,)),
        (NEW_FOR, DAY, ()),
        (NEW_FOR, QA_EVERY - DAY, ()),
        (NEW_FOR, QA_EVERY, (Reason.QA_DUE,)),
        (NEW_FOR - DAY, None, (Reason.NEW_AGENT, Reason.QA_DUE)),
    ],
)
def test_why_a_call_is_worth_listening_to(
    hired: timedelta, scored: timedelta | None, found: tuple[Reason, ...]
) -> None:
    live = LiveCall(
        call=UUID(int=1),
        agent=UUID(int=2),
        dpd=None,
        flags=(),
        hired_at=START - hired,
        scored_at=None if scored is None else START - scored,
    )
    assert reasons(live, START) == found
