"""decisions.md 14: the states of a call and the one table that moves it."""

import pytest

from dialer.core.call import (
    IN_FLIGHT,
    JOINED,
    MOVES,
    UNANSWERED,
    Call,
    CallChange,
    CallState,
    IllegalMove,
    moved,
)
from tests.support.dialer import a_line

EVERY_PAIR = [(state, change) for state in CallState for change in CallChange]


@pytest.mark.parametrize(("state", "change"), EVERY_PAIR)
def test_every_pair_moves_or_refuses_with_nothing_changed(
    state: CallState, change: CallChange
) -> None:
    call = Call(a_line(1), state)
    before = repr(call)
    if change in MOVES[state]:
        call.move(change)
        assert call.state is MOVES[state][change]
    else:
        with pytest.raises(IllegalMove) as refused:
            call.move(change)
        assert repr(call) == before
        assert (refused.value.state, refused.value.change) == (state, change)


def test_nothing_leads_out_of_ended() -> None:
    assert MOVES[CallState.ENDED] == {}


def test_every_other_state_can_end() -> None:
    for state in set(CallState) - {CallState.ENDED}:
        assert moved(state, CallChange.END) is CallState.ENDED


def test_a_voice_is_reached_only_through_a_reservation() -> None:
    into = {s for s, moves in MOVES.items() if CallState.BRIDGED in moves.values()}
    assert into == {CallState.RESERVED, CallState.HELD}


def test_the_message_plays_to_one_who_waits_and_a_reminder_to_one_who_answered() -> None:
    into = {
        s: c for s, moves in MOVES.items() for c, to in moves.items() if to is CallState.MESSAGE
    }
    assert into == {
        CallState.WAITING: CallChange.GIVE_UP,
        CallState.ANSWERED: CallChange.REMIND,
        CallState.AMD: CallChange.REMIND,
    }


def test_groups_do_not_overlap() -> None:
    assert not JOINED & IN_FLIGHT
    assert UNANSWERED < IN_FLIGHT
