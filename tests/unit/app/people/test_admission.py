"""Turns at the door: in order, at the pace of the machine, honoured once told, and nobody is refused."""

from __future__ import annotations

import pytest

from app.errors import TooMany
from app.people.admission import (
    GRACE_MS,
    LEAST_APART_MS,
    MOST_WAIT_MS,
    PATIENCE_MS,
    Admission,
    Turn,
)

SECRET = b"0" * 32
NEAR = 1 + round(PATIENCE_MS / LEAST_APART_MS)  # how many come in at one instant


def a_door(cores: int = 2) -> Admission:
    return Admission(cores=cores, secret=SECRET)


def ask(door: Admission, count: int, now_ms: int = 0) -> list[Turn | None]:
    return [door.ask(f"user{number}", "", now_ms) for number in range(count)]


def test_who_comes_alone_comes_in() -> None:
    door = a_door()
    assert [door.ask("minh", "", at) for at in (0, 1_000, 2_000)] == [None] * 3


def test_a_crowd_is_let_in_in_its_order_and_told_its_places() -> None:
    turns = ask(a_door(), NEAR + 3)
    assert turns[:NEAR] == [None] * NEAR
    waiting = [turn for turn in turns if turn]
    assert [turn.place for turn in waiting] == [NEAR, NEAR + 1, NEAR + 2]
    assert [turn.wait_ms for turn in waiting] == [2_040, 2_080, 2_120]


def test_whose_turn_has_come_is_let_in_and_nobody_is_put_back_for_him() -> None:
    door = a_door()
    first, second = (turn for turn in ask(door, NEAR + 2) if turn)
    assert door.ask(f"user{NEAR}", first.token, first.wait_ms) is None
    later = door.ask("late", "", 0)
    assert later is not None
    assert later.place == second.place + 1


def test_who_comes_back_too_early_keeps_his_turn() -> None:
    door = a_door()
    far = ask(door, 3 * NEAR)[-1]
    assert far is not None
    again = door.ask(f"user{3 * NEAR - 1}", far.token, 1_000)
    assert again is not None
    assert (again.wait_ms, again.token) == (far.wait_ms - 1_000, far.token)
    assert again.place < far.place


@pytest.mark.parametrize("token", ["", "x", "9.9", "12345", "٣.٣"])
def test_a_token_that_is_not_ours_is_none(token: str) -> None:
    door = a_door()
    ask(door, NEAR)
    assert door.ask("minh", token, 0) is not None


def test_a_turn_is_its_own_names_and_ends_some_time_after_it_came() -> None:
    door = a_door()
    (turn,) = (each for each in ask(door, NEAR + 1) if each)
    assert door.ask("somebody else", turn.token, turn.wait_ms) is None  # nobody waits by then
    ask(door, 3 * NEAR, turn.wait_ms + GRACE_MS + 1)
    assert door.ask(f"user{NEAR}", turn.token, turn.wait_ms + GRACE_MS + 1) is not None


def test_another_process_with_the_secret_honours_a_turn() -> None:
    door, other = a_door(), a_door()
    (turn,) = (each for each in ask(door, NEAR + 1) if each)
    ask(other, 3 * NEAR)
    assert other.ask(f"user{NEAR}", turn.token, turn.wait_ms) is None


def test_turns_are_further_apart_when_checks_take_long() -> None:
    door = a_door(cores=2)
    for _ in range(100):
        door.learn(400.0)
    assert door.apart_ms == pytest.approx(200.0, rel=0.01)
    for _ in range(100):
        door.learn(20.0)
    assert door.apart_ms == LEAST_APART_MS


def test_nobody_waits_for_a_guess_when_nobody_is_inside() -> None:
    door = a_door()
    for _ in range(10 * NEAR):
        assert door.ask("minh", "", 0) is None
        with door.inside():
            pass
        door.rest(0)


def test_who_was_told_to_come_is_not_overtaken_by_a_rest() -> None:
    door = a_door()
    (turn,) = (each for each in ask(door, NEAR + 1) if each)
    door.rest(turn.wait_ms - PATIENCE_MS - 1)
    assert door.ask("late", "", turn.wait_ms - PATIENCE_MS - 1) is not None


def test_a_queue_that_no_floor_makes_is_refused_with_a_time() -> None:
    door = a_door()
    with pytest.raises(TooMany) as told:
        ask(door, round(MOST_WAIT_MS / LEAST_APART_MS) + NEAR)
    assert told.value.retry_after_seconds == 60


def test_two_thousand_at_once_are_all_told_a_turn_within_two_minutes() -> None:
    turns = ask(a_door(), 2_000)
    last = turns[-1]
    assert last is not None
    assert last.wait_ms < 120_000
