"""States of domain section 5.7."""

import pytest

from app.campaigns.rules import MOVES, CampaignState, Change, moved

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
