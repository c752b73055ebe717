"""Orders carried out, above all when somebody does not answer."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from app.errors import Unavailable
from dialer import errands
from dialer.carrier import CarrierRefused
from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.monitor import MonitorAsked, MonitorLeft
from dialer.errands import Errands
from dialer.fence import Fenced
from dialer.scribe import Scribe
from realtime.broker import BrokerLost
from tests.support.dialer import Desk, uid
from tests.support.dialing import Rig, until

CALL, AGENT = uid(1), uid(0xA1)


class Bench:
    """Errands over a floor that the test moves by hand."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self.rig = Rig()
        self.desk = Desk()
        self.desk.open_campaign()
        self.urged: list[e.Event] = []
        rig, log = self.rig, structlog.get_logger("test")
        tools = rig.tools(log)
        dials: asyncio.Queue[o.AboutLeads] = asyncio.Queue()
        scribe = Scribe(rig.journal, rig.clock, 1, log)
        self.held = True  # the lease
        self.fenced = False
        self.errands = Errands(
            self.desk.floor, tools, 1, dials, scribe, self.urged.append, self._in_force
        )
        self.errands.group = group

    async def _in_force(self) -> bool:
        if self.fenced:
            raise Fenced(1, 2)
        return self.held


PLACE = o.Place(CALL, "+84500000001", "", 25_000, detect_machine=False)


async def test_nothing_rings_under_a_lease_that_ran_out() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.held = False
        assert await bench.errands.run(PLACE) == e.PlaceFailed(CALL, "CANCELLED")
        assert bench.rig.carrier.log == []
        bench.held = True
        assert await bench.errands.run(PLACE) is None
        assert bench.rig.carrier.log == [("place", CALL)]


async def test_nothing_rings_under_an_old_number() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.fenced = True
        with pytest.raises(Fenced):
            await bench.errands.run(PLACE)
        assert bench.rig.carrier.log == []


async def test_an_agent_whom_somebody_else_has_is_refused() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        now_ms = bench.rig.clock.now_ms()
        until_ms = now_ms + 9_000
        assert await bench.rig.reservations.reserve(
            AGENT, uid(9), now_ms=now_ms, until_ms=until_ms, fence=1
        )
        answer = await bench.errands.run(o.Reserve(AGENT, CALL, until_ms))
        assert answer == e.ReserveRefused(AGENT, CALL)
        assert bench.errands.take_lost() == set()


async def test_a_store_that_fails_is_a_refusal_and_is_told_once() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)

        async def fail(*_: object, **__: object) -> bool:
            raise Unavailable("Redis does not answer.")

        bench.rig.reservations.reserve = fail  # type: ignore[method-assign]  # Redis away
        bench.rig.reservations.release = fail  # type: ignore[method-assign]  # Redis away
        assert await bench.errands.run(o.Reserve(AGENT, CALL, 0)) == e.ReserveRefused(AGENT, CALL)
        assert bench.errands.take_lost() == {"REDIS"}
        assert bench.errands.take_lost() == set()
        assert await bench.errands.run(o.Release(AGENT, CALL)) is None
        assert bench.errands.take_lost() == {"REDIS"}


async def test_a_carrier_that_fails_to_place_loses_the_call_and_itself() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.rig.carrier.silent = True
        assert await bench.errands.run(PLACE) == e.PlaceFailed(CALL, "CARRIER_ERROR")
        assert await bench.errands.run(PLACE) == e.PlaceFailed(CALL, "CARRIER_ERROR")
        assert [type(event) for event in bench.urged] == [e.CarrierLost]
        bench.rig.carrier.silent = False
        await until(lambda: len(bench.urged) == 2)
        assert isinstance(bench.urged[1], e.CarrierBack)


async def test_a_carrier_is_asked_until_it_answers() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        asked: list[int] = []

        async def alive() -> frozenset[object]:
            asked.append(1)
            if len(asked) == 1:
                raise Unavailable("Not yet.")
            return frozenset()

        bench.rig.carrier.alive = alive  # type: ignore[assignment,method-assign]  # scripted
        bench.rig.carrier.silent = True
        await bench.errands.run(o.PlayMessage(CALL, "This is the bank."))
        await until(lambda: len(asked) == 2)
        await until(lambda: len(bench.urged) == 2)


async def test_a_verb_that_the_carrier_refuses_is_only_said() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)

        async def refuse(*_: object) -> None:
            raise CarrierRefused("CARRIER_ERROR", "No such channel.")

        bench.rig.carrier.unbridge = refuse  # type: ignore[assignment,method-assign]  # scripted
        assert await bench.errands.run(o.Unbridge(CALL, AGENT)) is None
        assert bench.urged == []


async def test_screens_of_calls_that_are_gone_are_not_made() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        await bench.errands.run(o.Warm(CALL))
        await bench.errands.run(o.ShowScreen(AGENT, CALL, 0))
    assert bench.rig.screens.warmed == {}
    assert bench.rig.screens.finished == []


async def test_a_call_that_moved_on_while_its_screen_was_made_is_not_joined() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.desk.seat()
        bench.desk.answer()
        bench.desk.tell(e.Reserved(AGENT, CALL))

        async def slow(*_: object) -> None:
            bench.desk.hang_up()

        bench.rig.screens.finish = slow  # type: ignore[assignment,method-assign]  # scripted
        await bench.errands.run(o.ShowScreen(AGENT, CALL, 0))
    assert CALL in bench.rig.screens.warmed
    assert bench.rig.carrier.log == []


@pytest.mark.parametrize("fault", [BrokerLost("gone"), ValueError("a row"), None])
async def test_a_screen_that_does_not_leave_is_not_followed_by_the_voice_and_ends_nothing(
    fault: Exception | None,
) -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.desk.seat()
        bench.desk.answer()
        bench.desk.tell(e.Reserved(AGENT, CALL))

        async def fail(*_: object) -> None:
            if fault is not None:
                raise fault

        bench.rig.screens.finish = fail  # type: ignore[assignment,method-assign]  # scripted
        await bench.errands.run(o.ShowScreen(AGENT, CALL, 0))
    assert bench.rig.carrier.log == []


async def test_a_receipt_of_a_call_that_is_gone_is_written_and_not_timed() -> None:
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.desk.seat()
        bench.desk.connect()
        for order in bench.desk.orders:
            if isinstance(order, o.Write):
                await bench.errands.run(order)
        bench.desk.floor.room.calls.clear()
        for order in bench.desk.orders:
            if isinstance(order, o.Write):
                await bench.errands.run(order)
        text = bench.rig.metrics.text().decode()
    (line,) = [n for n in text.splitlines() if n.startswith("paceline_pop_received_seconds_count")]
    assert line.endswith(" 1.0")


def test_a_carrier_is_asked_again_within_a_second() -> None:
    assert errands.PROBE_SECONDS <= 1.0


@pytest.mark.parametrize("desk_phone", [True, False])
async def test_who_is_in_a_call_has_a_leg_for_as_long(desk_phone: bool) -> None:  # noqa: FBT001 - a column of the table
    lead = uid(0x1E)
    async with asyncio.TaskGroup() as group:
        bench = Bench(group)
        bench.desk.seat()
        bench.desk.connect()
        asked = MonitorAsked(lead, "Linh", AGENT, CALL, "LISTEN", True, desk_phone)  # noqa: FBT003 - visible
        bench.desk.tell(asked)
        await bench.errands.seat()
        assert bench.rig.carrier.seated == {AGENT, lead}
        assert (lead in bench.rig.carrier.desk_phones) is desk_phone
        bench.desk.tell(MonitorLeft(lead))
        await bench.errands.seat()
        assert bench.rig.carrier.seated == {AGENT}
