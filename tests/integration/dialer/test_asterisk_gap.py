"""The socket is cut, the dialer goes, another one comes: nobody is lost, nothing is left behind."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import structlog

from app.clock import Clock
from app.errors import Unavailable
from dialer.carrier_ari import AriCarrier, Replaced
from dialer.carrier_ari_link import Link
from dialer.carrier_ari_words import Ask
from dialer.core.call import Cause
from dialer.core.events import CarrierBack, CarrierLost, HungUp, Ringing
from tests.support.asterisk import dialled_by, running
from tests.support.calling import WAIT_S, Caller, Wire, heard_by, loudness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.settings import AriServer
    from tests.support.asterisk import Lab

AGENT = UUID(int=0xA1)


@asynccontextmanager
async def over_a_wire(lab: Lab) -> AsyncIterator[tuple[Caller, Wire, AriServer]]:
    straight = lab.server(f"test-{uuid4().hex[:12]}")
    async with Wire(urlsplit(straight.url).port or 0) as wire:
        server = replace(straight, url=f"http://127.0.0.1:{wire.port}/ari")
        async with asyncio.TaskGroup() as group:
            carrier = AriCarrier(server, Clock(), group, structlog.get_logger())
            await carrier.alive()
            async with heard_by(carrier) as caller:
                yield caller, wire, straight
            await carrier.aclose()


def kinds(caller: Caller) -> list[type]:
    return [type(event) for event in caller.told]


async def back(caller: Caller) -> CarrierBack:
    await caller.until(lambda: CarrierBack in kinds(caller))
    return next(event for event in caller.told if isinstance(event, CarrierBack))


async def test_a_cut_socket_loses_no_voice_and_is_told_who_ended_meanwhile(lab: Lab) -> None:
    async with over_a_wire(lab) as (caller, wire, straight):
        await caller.carrier.seat(frozenset({AGENT}))
        talks = await caller.answered("29001")
        await caller.joined(talks, AGENT)
        leaves = await caller.answered("31000002")  # hangs up after two seconds
        wire.cut()
        await caller.until(lambda: CarrierLost in kinds(caller))
        with pytest.raises(Unavailable):
            await caller.place("29003")
        other = Link(straight)  # somebody makes a channel under our name: nobody's call
        orphan = f"/channels/{caller.carrier.board.names.call(uuid4())}"
        asked = Ask(
            AGENT, "", AGENT, "POST", orphan, {"endpoint": "PJSIP/13@carrier", "app": straight.app}
        )
        assert await other.send(asked) == 200
        assert await lab.until_quiet(caller.carrier.board.names.call(leaves)) == []
        wire.mend()
        assert (await back(caller)).alive == {talks}
        await caller.carrier.unbridge(talks, AGENT)
        await caller.joined(talks, AGENT)  # his leg and his bridge are as they were
        await caller.carrier.hang_up(talks, Cause.COMPLETED)
        await caller.ended(talks)
        assert caller.story(leaves).count("HungUp") == 0  # the room was told by `alive`
        assert await other.send(Ask(AGENT, "", AGENT, "GET", orphan)) == 404
        await caller.carrier.seat(frozenset())
        await other.aclose()
        assert await lab.until_quiet() == []


async def test_who_picks_up_while_we_are_away_hears_who_called(lab: Lab) -> None:
    """33: rings for a second, picks up, keeps what he hears."""
    number = f"330000{uuid4().int % 10**8:08d}"
    async with over_a_wire(lab) as (caller, wire, _):
        call = await caller.place(number)
        await caller.until(lambda: bool(caller.of(call, Ringing)))
        wire.cut()
        assert await lab.until_quiet() == []  # it ends by itself when all is said
        assert loudness(lab.heard(f"30{number[2:]}")) > 0.02
        wire.mend()
        assert (await back(caller)).alive == frozenset()


async def test_the_next_dialer_takes_over_who_speaks(lab: Lab) -> None:
    async with dialled_by(lab) as first:
        async with heard_by(first) as caller:
            await first.seat(frozenset({AGENT}))
            call = await caller.answered("29001")
            await caller.joined(call, AGENT)
        await first.aclose()
        app = first.board.names.app
        async with dialled_by(lab, app=app) as second, heard_by(second) as caller:
            assert await second.alive() == {call}
            await second.seat(frozenset({AGENT}))
            await second.unbridge(call, AGENT)
            await caller.joined(call, AGENT)  # the leg and the bridge of before
            await second.hang_up(call, Cause.COMPLETED)
            (end,) = await caller.ended(call)
            assert end == HungUp(call, Cause.COMPLETED, "SYSTEM", end.at_ms)


async def test_a_dialer_whose_name_was_taken_ends(lab: Lab) -> None:
    """It would hear nothing any more: better none than a deaf one."""
    async with dialled_by(lab) as first, dialled_by(lab, app=first.board.names.app):
        with pytest.raises(Replaced):
            await asyncio.wait_for(anext(first.events()), WAIT_S)
        with pytest.raises(Unavailable):
            await first.hang_up(AGENT, Cause.COMPLETED)


@pytest.mark.usefixtures("lab")  # it is built
async def test_a_killed_asterisk_costs_its_calls_and_nothing_else() -> None:
    with running() as own:
        async with dialled_by(own) as carrier, heard_by(carrier) as caller:
            await carrier.seat(frozenset({AGENT}))
            call = await caller.answered("29001")
            await caller.joined(call, AGENT)
            own.kill("pbx")
            await caller.until(lambda: CarrierLost in kinds(caller))
            await asyncio.to_thread(own.start)
            assert (await back(caller)).alive == frozenset()
            await caller.seated(AGENT)  # his leg is raised again by itself
            call = await caller.answered("29002")
            await caller.joined(call, AGENT)
