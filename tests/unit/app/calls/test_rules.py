"""Decisions 14, 19 and 22: words of the record, the pop's figures, what counts as abandoned."""

import pytest

from app.calls.rules import (
    CAUSE_LABELS,
    LIVE,
    CallState,
    Cause,
    Ending,
    abandon_pct,
    cause_label,
    is_abandoned,
    is_late_pop,
    lead_ms,
    pop_ms,
    talk_ms,
    wrap_ms,
)


def test_every_cause_has_words_in_both_languages() -> None:
    assert set(CAUSE_LABELS) == set(Cause)
    assert cause_label(Cause.BUSY, "vi") == "Máy bận"
    assert cause_label(Cause.BUSY, "en") == "Busy"


def test_only_an_ended_call_is_not_live() -> None:
    assert set(CallState) - LIVE == {CallState.ENDED}


PERSON, NOBODY = True, False


@pytest.mark.parametrize(
    "ending",
    [
        Ending(NOBODY, None, None),
        Ending(PERSON, 1_000, 2_999),
        Ending(PERSON, 1_000, 3_000),
        Ending(PERSON, None, 3_001),
    ],
    ids=["nobody answered", "in time", "on the stroke", "the clock never ran"],
)
def test_who_got_an_agent_in_time_was_not_abandoned(ending: Ending) -> None:
    assert not is_abandoned(ending)


@pytest.mark.parametrize(
    "ending",
    [Ending(PERSON, 1_000, 3_001), Ending(PERSON, 1_000, None), Ending(PERSON, None, None)],
    ids=["too late", "hung up while waiting", "lost before the clock ran"],
)
def test_a_person_who_got_no_agent_in_time_was_abandoned(ending: Ending) -> None:
    assert is_abandoned(ending)


def test_abandonment_is_a_share_of_the_calls_that_a_person_answered() -> None:
    assert abandon_pct(3, 100) == 3.0
    assert abandon_pct(0, 0) is None


def test_the_pop_is_measured_from_assignment_to_paint() -> None:
    assert pop_ms(1_000, 1_180) == 180
    assert pop_ms(None, 1_180) is None
    assert pop_ms(1_000, None) is None


def test_the_lead_tells_whether_the_screen_beat_the_voice() -> None:
    assert lead_ms(1_500, 1_180) == 320
    assert lead_ms(1_100, 1_180) == -80
    assert lead_ms(None, 1) is None
    assert lead_ms(1, None) is None


def test_a_pop_is_late_after_a_second_or_when_it_never_came() -> None:
    assert not is_late_pop(0, 1_000)
    assert is_late_pop(0, 1_001)
    assert is_late_pop(0, None)


def test_talk_leaves_out_holds_and_wrap_runs_from_the_end() -> None:
    assert talk_ms(1_000, 61_000, 10_000) == 50_000
    assert talk_ms(None, 1) == talk_ms(1, None) == 0
    assert wrap_ms(61_000, 70_000) == 9_000
    assert wrap_ms(None, 1) == wrap_ms(1, None) == 0
