"""The simulated network at jump-clock speed: each way a call can go, and who may be rung by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.errors import Refused, Unavailable
from dialer.carrier import CarrierRefused, Placement
from dialer.carrier_simulator import (
    MACHINE_MS,
    MESSAGE_MS,
    Exchange,
    SimulatedCarrier,
    admit_carrier,
    is_simulated,
)
from dialer.core.call import Cause
from dialer.core.events import (
    Answered,
    BridgedUp,
    CarrierBack,
    CarrierEvent,
    CarrierLost,
    HungUp,
    MachineHeard,
    MessagePlayed,
    PersonHeard,
    Ringing,
)
from dialer.fates import DEMO, HOUR_MS, PROFILES, Fate, Profile, draw_script, uniform

NOON = 5 * HOUR_MS
AGENT = UUID(int=900)
NUMBER = "+84501234567"


def only(fate: Fate, profile: Profile = DEMO, **changes: Any) -> Profile:
    """A network where everybody meets this fate."""
    persons = 1.0 if fate is Fate.PERSON else 0.0
    others = () if fate is Fate.PERSON else ((fate, 1.0),)
    calm = {"hasty": 0.0, "at_bridge": 0.0, "in_message": 0.0}
    return replace(profile, person_by_hour=((0, persons),), others=others, **{**calm, **changes})


def placement(n: int = 1, *, detect: bool = False, ring_timeout_ms: int = 25_000) -> Placement:
    return Placement(UUID(int=n), NUMBER, "+842473000000", ring_timeout_ms, detect)


def run(exchange: Exchange, until_ms: int) -> list[CarrierEvent]:
    return exchange.due(until_ms)


def kinds(events: list[CarrierEvent]) -> list[type]:
    return [type(e) for e in events]


def answered(profile: Profile, n: int = 1, *, detect: bool = False) -> tuple[Exchange, int]:
    """An exchange with one call just answered, and when that was."""
    exchange = Exchange(profile, 1)
    exchange.place(placement(n, detect=detect), NOON)
    script = draw_script(profile, 1, str(UUID(int=n)), NUMBER, NOON)
    at_ms = NOON + script.setup_ms + script.ring_ms
    events = run(exchange, at_ms)
    assert kinds(events) == [Ringing, Answered]
    return exchange, at_ms


@pytest.mark.parametrize(
    ("fate", "cause"),
    [
        (Fate.BUSY, Cause.BUSY),
        (Fate.REJECTED, Cause.REJECTED),
        (Fate.INVALID, Cause.INVALID_NUMBER),
        (Fate.CONGESTION, Cause.CARRIER_ERROR),
    ],
)
def test_a_failure_is_told_with_its_cause(fate: Fate, cause: Cause) -> None:
    exchange = Exchange(only(fate), 1)
    exchange.place(placement(), NOON)
    events = run(exchange, NOON + 60_000)
    assert [(e.cause, e.by) for e in events if isinstance(e, HungUp)] == [(cause, "CARRIER")]
    assert exchange.alive() == frozenset()


@pytest.mark.parametrize("fate", [Fate.NO_ANSWER, Fate.PERSON])
def test_ringing_ends_at_our_timeout(fate: Fate) -> None:
    slow = only(fate, gives_up=uniform(60_000, 60_000), ring_person=uniform(60_000, 60_000))
    exchange = Exchange(slow, 1)
    exchange.place(placement(ring_timeout_ms=15_000), NOON)
    events = run(exchange, NOON + 90_000)
    assert kinds(events) == [Ringing, HungUp]
    assert isinstance(events[0], Ringing)
    assert events[1] == HungUp(UUID(int=1), Cause.NO_ANSWER, "CARRIER", events[0].at_ms + 15_000)


def test_a_person_answers_talks_and_hangs_up() -> None:
    profile = only(Fate.PERSON)
    exchange, at_ms = answered(profile)
    exchange.bridge(UUID(int=1), AGENT, at_ms + 50)
    events = run(exchange, at_ms + 200_000)
    assert kinds(events) == [BridgedUp, HungUp]
    talked = events[1].at_ms - events[0].at_ms
    assert talked == draw_script(profile, 1, str(UUID(int=1)), NUMBER, NOON).talk_ms
    assert isinstance(events[1], HungUp)
    assert (events[1].cause, events[1].by) == (Cause.COMPLETED, "CUSTOMER")


def test_a_person_whom_nobody_talks_to_loses_patience() -> None:
    exchange, at_ms = answered(only(Fate.PERSON, patience=uniform(1_500, 1_500)))
    assert run(exchange, at_ms + 1_499) == []
    assert kinds(run(exchange, at_ms + 1_500)) == [HungUp]


def test_patience_begins_again_when_the_agent_is_taken_off() -> None:
    exchange, at_ms = answered(only(Fate.PERSON, patience=uniform(1_500, 1_500)))
    exchange.bridge(UUID(int=1), AGENT, at_ms + 100)
    run(exchange, at_ms + 1_000)
    exchange.unbridge(UUID(int=1), UUID(int=77), at_ms + 1_000)  # somebody else: nothing
    exchange.unbridge(UUID(int=1), AGENT, at_ms + 1_000)
    assert run(exchange, at_ms + 2_499) == []
    exchange.bridge(UUID(int=1), UUID(int=901), at_ms + 2_499)
    assert kinds(run(exchange, at_ms + 2_600)) == [BridgedUp]


def test_a_person_may_leave_in_the_moment_of_the_bridge() -> None:
    profile = only(Fate.PERSON, at_bridge=1.0)
    stories = set()
    for n in range(1, 30):
        exchange, at_ms = answered(profile, n)
        exchange.bridge(UUID(int=n), AGENT, at_ms)
        stories.add(tuple(kinds(run(exchange, at_ms + 20))))
    assert stories == {(HungUp,), (BridgedUp, HungUp)}


def test_the_message_plays_to_its_end_or_is_cut_short() -> None:
    patient, at_ms = answered(only(Fate.PERSON))
    patient.play_message(UUID(int=1), at_ms, "This is the bank.")
    assert patient.heard(UUID(int=1)) == "This is the bank."
    assert kinds(run(patient, at_ms + MESSAGE_MS)) == [MessagePlayed]
    assert kinds(run(patient, at_ms + HOUR_MS)) == [HungUp]  # and then patience

    cut, at_ms = answered(only(Fate.PERSON, in_message=1.0))
    cut.play_message(UUID(int=1), at_ms)
    assert kinds(run(cut, at_ms + MESSAGE_MS - 1)) == [HungUp]


def test_detection_tells_persons_from_machines_only_when_asked() -> None:
    person, at_ms = answered(only(Fate.PERSON), detect=True)
    assert kinds(run(person, at_ms + 900)) == [PersonHeard]
    machine, at_ms = answered(only(Fate.MACHINE), detect=True)
    assert kinds(run(machine, at_ms + 1_300)) == [MachineHeard]
    silent, at_ms = answered(only(Fate.MACHINE))
    assert kinds(run(silent, at_ms + MACHINE_MS)) == [HungUp]


def test_a_machine_records_the_agent_for_a_while() -> None:
    exchange, at_ms = answered(only(Fate.MACHINE))
    exchange.bridge(UUID(int=1), AGENT, at_ms)
    events = run(exchange, at_ms + MACHINE_MS + 10)
    assert kinds(events) == [BridgedUp, HungUp]


def test_our_hang_up_ends_a_call_in_any_stage_with_our_cause() -> None:
    ringing = Exchange(only(Fate.PERSON), 1)
    ringing.place(placement(), NOON)
    ringing.hang_up(UUID(int=1), Cause.CANCELLED, NOON + 10)
    assert run(ringing, NOON + HOUR_MS) == [
        HungUp(UUID(int=1), Cause.CANCELLED, "SYSTEM", NOON + 10)
    ]
    ringing.hang_up(UUID(int=1), Cause.CANCELLED, NOON + 20)  # over already: nothing
    assert ringing.next_due_ms() is None


def test_orders_about_a_call_that_is_over_do_nothing() -> None:
    exchange = Exchange(only(Fate.BUSY), 1)
    exchange.place(placement(), NOON)
    run(exchange, NOON + 60_000)
    exchange.bridge(UUID(int=1), AGENT, NOON + 60_001)
    exchange.unbridge(UUID(int=1), AGENT, NOON + 60_001)
    exchange.play_message(UUID(int=1), NOON + 60_001)
    exchange.hang_up(UUID(int=1), Cause.CANCELLED, NOON + 60_001)
    exchange.place(placement(), NOON + 60_001)  # the same call id twice rings once
    assert run(exchange, NOON + HOUR_MS) == []


def test_a_call_that_rings_cannot_be_bridged() -> None:
    exchange = Exchange(only(Fate.PERSON), 1)
    exchange.place(placement(), NOON)
    exchange.bridge(UUID(int=1), AGENT, NOON)
    exchange.play_message(UUID(int=1), NOON)
    assert kinds(run(exchange, NOON + 6_000))[:2] == [Ringing, Answered]


def test_a_full_carrier_refuses_one_more_call_and_no_other() -> None:
    exchange = Exchange(only(Fate.PERSON), 1, capacity=1)
    exchange.place(placement(1), NOON)
    with pytest.raises(CarrierRefused) as refusal:
        exchange.place(placement(2), NOON)
    assert refusal.value.cause == Cause.CARRIER_ERROR
    exchange.place(placement(1), NOON)
    assert exchange.alive() == {UUID(int=1)}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_day_of_calls_is_the_same_at_any_speed(profile: Profile) -> None:
    """Whether it is asked every second or once: same events, and every call ends exactly once."""

    def day(step_ms: int) -> list[CarrierEvent]:
        exchange = Exchange(profile, 7)
        for n in range(150):
            exchange.place(placement(n), NOON)
        told: list[CarrierEvent] = []
        for now in range(NOON, NOON + HOUR_MS, step_ms):
            told += exchange.due(now)
        assert exchange.alive() == frozenset()
        return told

    slow, fast = day(1_000), day(HOUR_MS - 1)
    assert slow == fast
    ends = [e.call for e in slow if isinstance(e, HungUp)]
    assert len(ends) == len(set(ends)) == 150


def test_ended_calls_are_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Exchange(only(Fate.BUSY), 1)
    monkeypatch.setattr("dialer.carrier_simulator.REMEMBERED", 2)
    for n in range(4):
        exchange.place(placement(n), NOON)
    run(exchange, NOON + HOUR_MS)
    assert len(exchange._ended) == 2


@pytest.mark.req("S0d-007")
def test_only_the_simulator_or_the_loopback_lab_may_dial_a_demonstration() -> None:
    admit_carrier("simulator", "", demo=True)
    admit_carrier("ari", "127.0.0.1", demo=True)
    admit_carrier("ari", "pbx.bank.example", demo=False)
    with pytest.raises(Refused) as refusal:
        admit_carrier("ari", "pbx.bank.example", demo=True)
    assert refusal.value.rule == "DEMO_CARRIER"


def test_only_numbers_that_no_operator_has_are_simulated() -> None:
    assert is_simulated("+84501234567")
    assert not is_simulated("+84912345678")


async def test_a_real_organisations_customers_are_not_rung_by_the_simulator() -> None:
    real = SimulatedCarrier(Exchange(DEMO, 1), lambda: NOON, demo=False)
    with pytest.raises(CarrierRefused):
        await real.place(replace(placement(), number="+84912345678"))
    await real.place(placement())
    assert await real.alive() == {UUID(int=1)}
    demo = SimulatedCarrier(Exchange(DEMO, 1), lambda: NOON, demo=True)
    await demo.place(replace(placement(), number="+84912345678"))


async def test_what_happens_while_the_connection_is_lost_is_never_told() -> None:
    now = NOON
    carrier = SimulatedCarrier(Exchange(only(Fate.BUSY), 1), lambda: now, demo=True)
    await carrier.place(placement())
    carrier.lose()
    for verb in (
        carrier.place(placement(2)),
        carrier.bridge(UUID(int=1), AGENT),
        carrier.hold(UUID(int=1), on=True),
        carrier.alive(),
    ):
        with pytest.raises(Unavailable):
            await verb
    now += 60_000
    carrier.find()
    events = carrier.events()
    assert await anext(events) == CarrierLost(NOON)
    assert await anext(events) == CarrierBack(now, frozenset())
    await carrier.aclose()
    assert [e async for e in events] == []
