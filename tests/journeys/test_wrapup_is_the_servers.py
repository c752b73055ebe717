"""The time after a call belongs to the server: neither a page nor a lost line bends it (decisions.md 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.sitting import CALL, SOON, Seat, sit_down
from tests.support.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from playwright.async_api import Browser

    from tests.support.floor import Floor

WRAP_UP_SECONDS = 30
WRAP_UP_MS = WRAP_UP_SECONDS * 1_000
NOTE = "nói chuyện với mẹ của khách"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(floor: Floor) -> Floor:
    """A floor with one campaign that always has somebody to call."""
    floor.load_people(300)
    await floor.open_campaign(wrapup_s=WRAP_UP_SECONDS)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wire(busy: Floor) -> AsyncIterator[Wire]:
    """The line between the agent and the house."""
    async with Wire(busy.house.port) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seat(busy: Floor, wire: Wire, chromium: Browser) -> AsyncIterator[Seat]:
    """The agent of the floor, ready, at one page for all tests."""
    seat = await sit_down(busy, chromium, busy.agent, over=wire.address)
    await seat.ready()
    yield seat
    await seat.page.context.close()


def keeps(card: dict[str, Any], deadline: int) -> bool:
    """Whether the deadline stands; on a slow machine it may have passed, and then exactly there."""
    if card["state"] == "WRAP_OVER":
        return 0 <= int(card["since"]) - deadline < 2_000
    return bool(card["deadline"] == deadline)


async def cut(seat: Seat, wire: Wire) -> datetime:
    """Break the line and wait until the house has noticed; when that was."""
    floor, before = seat.floor, seat.floor.clock.now()
    wire.cut()
    await floor.until(
        "SELECT 1 FROM agent_state_changes WHERE agent_id = :agent AND link = 'LOST' AND at > :before",
        agent=floor.users[seat.username],
        before=before,
    )
    return before


async def test_a_reload_keeps_the_deadline_and_what_was_typed(busy: Floor, seat: Seat) -> None:
    call = await seat.in_call()
    await seat.reach("WRAP_UP", within=CALL)
    await seat.write_note(NOTE)
    deadline = (await seat.card())["deadline"]

    await seat.page.reload()
    await seat.reach("WRAP_UP")
    assert (await seat.card())["deadline"] == deadline
    assert await seat.part("note").input_value() == NOTE
    await seat.finish()
    row = await busy.one("SELECT note FROM actions WHERE call_id = CAST(:call AS uuid)", call=call)
    assert row["note"] == NOTE
    await busy.nothing_left()


async def test_without_an_outcome_wrap_up_ends_in_no_further_call(
    busy: Floor, seat: Seat, chromium: Browser
) -> None:
    call = await seat.in_call()
    await seat.reach("WRAP_UP", within=CALL)
    deadline = (await seat.card())["deadline"]
    await seat.reach("WRAP_OVER", within=CALL)
    over = await seat.card()
    assert 0 <= over["since"] - deadline < 2_000
    assert over["status"] == "READY", "he asked for calls and gets none all the same"
    await expect(seat.part("wrap-over")).to_be_visible(timeout=SOON)

    since = busy.clock.now()
    colleague = await sit_down(busy, chromium, busy.colleague)
    await colleague.ready()
    await colleague.in_call()
    await colleague.finish()
    assert not await busy.all(
        "SELECT 1 FROM calls WHERE agent_id = :agent AND assigned_at > :since",
        agent=busy.users[busy.agent],
        since=since,
    )
    await colleague.page.context.close()

    await seat.finish()
    assert await seat.in_call() != call
    await seat.finish()
    await busy.nothing_left()


async def test_a_line_lost_during_wrap_up_gives_no_second_more(
    busy: Floor, seat: Seat, wire: Wire
) -> None:
    await seat.in_call()
    await seat.reach("WRAP_UP", within=CALL)
    deadline = (await seat.card())["deadline"]
    await cut(seat, wire)
    await seat.reach("DISCONNECTED")
    wire.mend()
    await seat.reach("WRAP_UP", "WRAP_OVER")
    assert keeps(await seat.card(), deadline)
    await seat.finish()
    await busy.nothing_left()


async def test_a_call_that_ended_behind_a_lost_line_is_wrapped_up_from_the_return_on_once(
    busy: Floor, seat: Seat, wire: Wire
) -> None:
    call = await seat.in_call()
    await cut(seat, wire)
    await busy.until(
        "SELECT 1 FROM calls WHERE id = CAST(:call AS uuid) AND ended_at IS NOT NULL", call=call
    )
    returned_ms = busy.clock.now_ms()
    wire.mend()
    await seat.reach("WRAP_UP")
    deadline = (await seat.card())["deadline"]
    assert deadline >= returned_ms + WRAP_UP_MS, "a whole wrap-up, from the return on"

    await cut(seat, wire)
    await seat.reach("DISCONNECTED")
    wire.mend()
    await seat.reach("WRAP_UP", "WRAP_OVER")
    assert keeps(await seat.card(), deadline), "once for each call"
    await seat.finish()
    await busy.nothing_left()
