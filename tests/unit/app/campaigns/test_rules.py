"""States of domain section 5.7 and retries of section 4."""

from datetime import UTC, datetime, timedelta

import pytest

from app.calls.rules import Cause
from app.campaigns.rules import MOVES, RETRY, CampaignState, Change, Retry, moved, retry_at

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
_S, _C = CampaignState, Change


def test_every_state_has_a_row_and_every_state_is_reached() -> None:
    assert set(MOVES) == set(CampaignState)
    reached = {state for moves in MOVES.values() for state in moves.values()}
    assert reached == set(CampaignState)


@pytest.mark.parametrize(
    ("state", "change", "after"),
    [
        (_S.DRAFT, _C.CHECK, _S.CHECKED),
        (_S.CHECKED, _C.START, _S.RUNNING),
        (_S.RUNNING, _C.PAUSE, _S.PAUSED),
        (_S.PAUSED, _C.START, _S.RUNNING),
        (_S.RUNNING, _C.CLOSE_WINDOW, _S.WINDOW_CLOSED),
        (_S.WINDOW_CLOSED, _C.OPEN_WINDOW, _S.RUNNING),
        (_S.RUNNING, _C.THROTTLE, _S.THROTTLED),
        (_S.THROTTLED, _C.RECOVER, _S.RUNNING),
        (_S.RUNNING, _C.RUN_OUT, _S.COMPLETED),
        (_S.STOPPED, _C.ARCHIVE, _S.ARCHIVED),
    ],
)
def test_a_campaign_moves_by_the_table(
    state: CampaignState, change: Change, after: CampaignState
) -> None:
    assert moved(state, change) is after


@pytest.mark.parametrize(
    ("state", "change"),
    [
        (_S.DRAFT, _C.START),
        (_S.STOPPED, _C.START),
        (_S.ARCHIVED, _C.START),
        (_S.PAUSED, _C.OPEN_WINDOW),
    ],
)
def test_a_move_that_is_not_in_the_table_is_refused(state: CampaignState, change: Change) -> None:
    assert moved(state, change) is None


def test_a_lead_is_tried_again_after_the_delay_of_its_result() -> None:
    assert retry_at(Cause.BUSY, 1, AT) == AT + timedelta(minutes=20)
    assert retry_at(Cause.NO_ANSWER, 5, AT) == AT + timedelta(hours=2)


def test_the_last_attempt_is_the_last() -> None:
    assert retry_at(Cause.BUSY, 6, AT) is None
    assert retry_at(Cause.BUSY, 1, AT, {Cause.BUSY: Retry(60, 1)}) is None


@pytest.mark.parametrize("cause", [Cause.COMPLETED, Cause.INVALID_NUMBER])
def test_what_an_outcome_decides_is_not_retried_by_rule(cause: Cause) -> None:
    assert cause not in RETRY
    assert retry_at(cause, 0, AT) is None
