"""States of domain section 5.7 and retries of section 4."""

from datetime import UTC, datetime

import pytest

from app.calls.rules import Cause
from app.campaigns.rules import MOVES, RETRY, CampaignState, Change, Retry, moved

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
    assert RETRY[Cause.BUSY] == Retry(20 * 60, 6)
    assert RETRY[Cause.NO_ANSWER] == Retry(2 * 3600, 6)


def test_an_abandoned_person_is_left_alone_for_three_days() -> None:
    assert RETRY[Cause.ABANDONED].delay_seconds == 72 * 3600


def test_what_an_outcome_decides_is_not_retried_by_rule() -> None:
    assert set(Cause) - set(RETRY) == {Cause.COMPLETED, Cause.INVALID_NUMBER}
