"""Which agent takes a call: longest waiting first, a total order."""

from dataclasses import replace

from dialer.core.assign import choose, queue
from dialer.core.call import Call
from tests.support.dialer import CAMPAIGN, START, Desk, a_line, uid


def a_call(number: int = 1, waiting_at: int | None = None) -> Call:
    call = Call(a_line(number))
    call.waiting_at = waiting_at
    return call


def test_the_one_who_waited_longest_is_chosen() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat(0xA2)
    desk.now += 1_000
    desk.seat(0xA1)
    assert choose(a_call(), desk.floor.room.agents.values(), desk.now) is desk.agent(0xA2)


def test_ids_break_ties() -> None:
    desk = Desk()
    desk.open_campaign()
    for number in (0xA3, 0xA1, 0xA2):
        desk.seat(number)
    for order in (1, -1):
        agents = list(desk.floor.room.agents.values())[::order]
        assert choose(a_call(), agents, desk.now) is desk.agent(0xA1)


def test_who_agreed_to_call_goes_first_if_he_is_free() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat(0xA2)
    desk.now += 1_000
    desk.seat(0xA1)
    agents = desk.floor.room.agents.values()
    agreed = Call(replace(a_line(1), promised_to=uid(0xA1)))
    assert choose(agreed, agents, desk.now) is desk.agent(0xA1)
    desk.agent(0xA1).shy_until = desk.now + 1
    assert choose(agreed, agents, desk.now) is desk.agent(0xA2), "otherwise any"


def test_agents_of_other_campaigns_are_passed_over() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat(0xA1, uid(0xC9))
    assert choose(a_call(), desk.floor.room.agents.values(), desk.now) is None


def test_agents_who_are_not_ready_are_passed_over() -> None:
    desk = Desk()
    desk.seat(0xA1, CAMPAIGN, ready=False)
    assert choose(a_call(), desk.floor.room.agents.values(), desk.now) is None


def test_an_agent_whom_the_store_refused_is_passed_over_for_a_moment() -> None:
    desk = Desk()
    desk.seat().shy_until = desk.now + 1
    assert choose(a_call(), desk.floor.room.agents.values(), desk.now) is None
    assert choose(a_call(), desk.floor.room.agents.values(), desk.now + 1) is desk.agent()


def test_calls_are_served_in_the_order_in_which_they_began_to_wait() -> None:
    calls = [a_call(3, START), a_call(2, START + 5), a_call(1, START), a_call(4)]
    assert [c.line.call.int for c in queue(calls)] == [4, 1, 3, 2]
