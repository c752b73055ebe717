"""From rows of the books to a recorded day: who was there when, and when nothing could be dialled."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.values.period import Period
from app.whatif.reading import CallRow, ChangeRow, day_from
from app.whatif.rules import Absence, Span, Stay
from tests.support.clock import START
from tests.support.made_day import SETTINGS

if TYPE_CHECKING:
    from datetime import datetime

    from app.whatif.rules import RecordedDay

HERE, OTHER, AGENT, SECOND = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def dialled(seconds: float, **values: object) -> CallRow:
    row = CallRow(
        dialled_at=at(seconds),
        ringing_at=None,
        answered_at=None,
        waiting_at=None,
        connected_at=None,
        ended_at=None,
        wrapped_at=None,
        agent_id=None,
        answered_by_human=False,
        abandoned=False,
        cause="NO_ANSWER",
        attempt_no=1,
    )
    return row._replace(**values)  # type: ignore[arg-type]  # values of its fields


def is_now(
    seconds: float,
    status: str = "READY",
    state: str = "IDLE",
    campaign: UUID | None = None,
    agent: UUID = AGENT,
    link: str = "UP",
    mode: str = "AUTO",
) -> ChangeRow:
    return ChangeRow(agent, at(seconds), status, state, link, mode, campaign)


def read(calls: list[CallRow], changes: list[ChangeRow]) -> RecordedDay:
    day = day_from(calls, changes, HERE, SETTINGS)
    assert day is not None
    return day


STEADY = [dialled(float(second)) for second in range(0, 1000, 50)]


def test_nobody_dialled_is_no_day() -> None:
    assert day_from([], [is_now(0)], HERE, SETTINGS) is None


def test_a_day_runs_from_its_first_dial_to_a_minute_after_its_last() -> None:
    day = read([dialled(100), dialled(400, attempt_no=3)], [])
    assert day.length_s == 360
    assert [call.dialled_s for call in day.calls] == [0, 300]
    assert [call.segment for call in day.calls] == [0, 1]
    assert day.begins_ms == round(at(100).timestamp() * 1000)


def test_an_agent_is_there_while_he_is_ready_heard_and_dialled_for() -> None:
    changes = [
        is_now(-500),
        is_now(100, status="PAUSED"),
        is_now(200),
        is_now(300, link="LOST"),
        is_now(310),
        is_now(400, state="REVIEW", mode="MANUAL"),
        is_now(500),
    ]
    assert read(STEADY, changes).stays == (
        Stay(0, 0, 100), Stay(0, 200, 300), Stay(0, 310, 400), Stay(0, 500, 1010),
    )  # fmt: skip


def test_time_with_another_campaigns_customer_is_not_this_ones() -> None:
    changes = [
        is_now(0),
        is_now(100, state="IN_CALL", campaign=OTHER),
        is_now(200, state="WRAP_UP", campaign=OTHER),
        is_now(220),
    ]
    assert read(STEADY, changes).stays == (Stay(0, 0, 100), Stay(0, 220, 1010))


def test_who_left_after_a_call_is_taken_to_have_asked_in_the_middle_of_it() -> None:
    changes = [
        is_now(0),
        is_now(100, state="IN_CALL", campaign=HERE),
        is_now(180, state="WRAP_UP", campaign=HERE),
        is_now(200, status="PAUSED"),
    ]
    assert read(STEADY, changes).stays == (Stay(0, 0, 150),)


def test_a_long_silence_with_somebody_free_is_a_time_in_which_nothing_could_be_dialled() -> None:
    calls = [dialled(0), dialled(50), dialled(400), dialled(450)]
    assert read(calls, [is_now(0)]).closed == (Span(51, 400),)


def test_a_long_silence_with_everybody_busy_is_not() -> None:
    talking = dialled(
        50, answered_at=at(55), waiting_at=at(56), connected_at=at(56), ended_at=at(380),
        wrapped_at=at(395), agent_id=AGENT, answered_by_human=True,
    )  # fmt: skip
    assert read([dialled(0), talking, dialled(400)], [is_now(0)]).closed == ()


def test_a_long_silence_with_nobody_there_needs_no_word() -> None:
    assert read([dialled(0), dialled(400)], []).closed == ()


def test_planned_absences_are_those_of_who_was_there_and_not_over_before_the_day() -> None:
    planned = {
        AGENT: (Period(at(-900), at(-600)), Period(at(-10), at(20)), Period(at(300), at(1200))),
        SECOND: (Period(at(300), at(1200)),),
    }
    day = day_from(STEADY, [is_now(0)], HERE, SETTINGS, planned=planned)
    assert day is not None
    assert day.planned == (Absence(0, -10, 20), Absence(0, 300, 1200))
