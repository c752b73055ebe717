"""What a day teaches, against a truth that is known."""

from random import Random

import pytest

from app.whatif.rules import RecordedCall, RecordedDay
from dialer.whatif.learn import CALM, Ring, Setup, learn
from tests.support.made_day import SETTINGS, MadeWorld, a_shift, live_through

TWO_HOURS = 7200.0


def test_answers_and_times_are_found_again() -> None:
    world = MadeWorld(a_shift(25, TWO_HOURS), Random(1), segment_factors=(1.3, 0.7))
    day, _ = live_through(world, 2.0, TWO_HOURS)
    it = learn(day)
    assert it.setup.chance(Setup.FAILS) == pytest.approx(0.1, abs=0.02)
    persons = it.setup.chance(Setup.RINGS) * it.ring.chance(Ring.PERSON)
    assert persons == pytest.approx(0.215, abs=0.02)
    assert it.segments[0] / it.segments[1] == pytest.approx(1.3 / 0.7, rel=0.15)
    assert it.talk.by(60.0) == pytest.approx(0.59, abs=0.06)
    assert it.wrap.draw(0.5) == pytest.approx(16.0, rel=0.15)
    assert all(factor == pytest.approx(1.0, abs=0.25) for factor in it.blocks)


def test_a_quiet_day_has_no_quick_factor_and_bursts_have_one() -> None:
    calm, _ = live_through(MadeWorld(a_shift(30, TWO_HOURS), Random(2)), 2.0, TWO_HOURS)
    bursts = [(at, at + 90.0) for at in range(600, 7200, 720)]
    wild, _ = live_through(
        MadeWorld(a_shift(30, TWO_HOURS), Random(2), bursts=bursts), 2.0, TWO_HOURS
    )
    assert learn(calm).shape > 50
    assert learn(wild).shape < 30


def test_what_we_gave_up_is_not_taken_for_an_answer_that_did_not_come() -> None:
    rung_out = [RecordedCall(0.0, ringing_s=2.0, ended_s=24.0) for _ in range(50)]
    answered = [
        RecordedCall(0.0, ringing_s=2.0, answered_s=22.0, waiting_s=23.0, ended_s=60.0, person=True)
        for _ in range(50)
    ]
    given_up = [RecordedCall(0.0, ringing_s=2.0, ended_s=6.0, cancelled=True) for _ in range(100)]
    day = RecordedDay(600.0, (*rung_out, *answered, *given_up), (), SETTINGS)
    it = learn(day)
    assert it.ring.chance(Ring.PERSON) == pytest.approx(0.5)
    assert it.segments == pytest.approx((1.0,))
    assert it.blocks == pytest.approx((1.0,))


def test_a_day_without_calls_teaches_nothing_and_does_not_fail() -> None:
    it = learn(RecordedDay(600.0, (), (), SETTINGS))
    assert it.shape == CALM
    assert it.quick(Random(1)) == [1.0] * 10
    assert it.talk.draw(0.5) == 0.0


def test_waiting_is_known_only_up_to_the_threshold() -> None:
    waits = (
        RecordedCall(0.0, answered_s=5.0, waiting_s=6.0, ended_s=7.0, person=True, abandoned=True),
        RecordedCall(0.0, answered_s=5.0, waiting_s=6.0, ended_s=8.1, person=True, abandoned=True),
        RecordedCall(
            0.0, answered_s=5.0, waiting_s=6.0, connected_s=6.2, ended_s=80.0, person=True
        ),
    )
    patience = learn(RecordedDay(600.0, waits, (), SETTINGS)).patience
    assert patience.ages == (1.0,)
    assert patience.over == pytest.approx((0.5,))
