"""Who comes in, on which channels, and which of them is exclusive."""

import pytest

from realtime.broker import CONTROL
from realtime.closing import Close
from realtime.frames import Hello, Resume
from realtime.gate import Gate
from realtime.ticket import TicketRefused
from realtime.ticket_memory import MemoryTicketBook
from tests.support.realtime import SECRET, StillClock, a_ticket


@pytest.fixture
def gate() -> Gate:
    return Gate(MemoryTicketBook(), SECRET, StillClock(), "agent:")


async def test_the_own_desk_is_exclusive_anothers_and_a_wall_are_not(gate: Gate) -> None:
    own = await gate.admit(Hello(1, a_ticket("7", ["agent:7", "wall"])))
    coach = await gate.admit(Hello(1, a_ticket("8", ["agent:7"], nonce="n2")))
    assert own.exclusive == "agent:7"
    assert coach.exclusive is None


async def test_a_wish_without_the_desk_leaves_the_desk_alone(gate: Gate) -> None:
    wall = await gate.admit(Hello(1, a_ticket("7", ["agent:7", "wall"]), ("wall",)))
    assert wall.channels == ("wall",)
    assert wall.exclusive is None


@pytest.mark.parametrize("want", [("agent:8",), ("agent:7", "wall")])
async def test_a_channel_beyond_the_ticket_is_forbidden(gate: Gate, want: tuple[str, ...]) -> None:
    with pytest.raises(TicketRefused) as refused:
        await gate.admit(Hello(1, a_ticket("7", ["agent:7"]), want))
    assert refused.value.code is Close.FORBIDDEN


async def test_nobody_may_listen_to_orders_whatever_the_ticket_says(gate: Gate) -> None:
    with pytest.raises(TicketRefused) as refused:
        await gate.admit(Hello(1, a_ticket("7", [CONTROL])))
    assert refused.value.code is Close.FORBIDDEN


async def test_a_refused_wish_does_not_use_the_ticket_up(gate: Gate) -> None:
    with pytest.raises(TicketRefused):
        await gate.admit(Hello(1, a_ticket(), ("agent:8",)))
    await gate.admit(Hello(1, a_ticket()))


async def test_every_resume_brings_another_token(gate: Gate) -> None:
    first = await gate.admit(Hello(1, a_ticket()))
    second = await gate.readmit(Resume(1, first.token, {"agent:7": ("e", 1)}))
    assert second.token != first.token
    with pytest.raises(TicketRefused):
        await gate.readmit(Resume(1, first.token, {}))


async def test_a_position_in_a_strange_channel_is_forbidden(gate: Gate) -> None:
    first = await gate.admit(Hello(1, a_ticket()))
    with pytest.raises(TicketRefused) as refused:
        await gate.readmit(Resume(1, first.token, {"agent:8": ("e", 1)}))
    assert refused.value.code is Close.FORBIDDEN
