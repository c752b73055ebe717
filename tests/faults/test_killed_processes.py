"""kill -9 of web, dialer and worker: what the agent, the customer and the supervisor go through."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.sitting import SOON, Seat, first_shown, open_wall, sit_down

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.faults.conftest import Measured
    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
pytestmark = pytest.mark.timeout(300)
NOTE = "khách hẹn trả cuối tuần"
DEBOUNCE = 1.4  # s; the page shows a gap after 1.5 s, measured from its own side
BOTS = 6
EXTENSION_MS = 30_000
WALL_STALE = 6.5  # s; figures are old after 5 s, looked at once a second


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(floor: Floor, chromium: Browser) -> Seat:
    """An agent with a campaign that calls for him."""
    floor.load_people(200)
    floor.start_campaign()
    desk = await sit_down(floor, chromium, floor.agent)
    await desk.ready()
    return desk


async def test_a_killed_web_process_costs_the_agent_nothing(
    floor: Floor, desk: Seat, measured: Measured
) -> None:
    call = await desk.in_call()
    customer = await desk.part("customer-name").first.inner_text()
    await desk.write_note(NOTE)

    killed = time.time()
    floor.house.stop("web", signal.SIGKILL)
    shown = await desk.first(lambda it: it.strip == "banner", after=killed)
    assert shown >= DEBOUNCE, "a short gap is not shown"
    assert await desk.part("note").input_value() == NOTE
    assert await desk.part("customer-name").first.inner_text() == customer
    await desk.page.keyboard.press("Alt+9")  # chosen without a server: waits to be sent

    started = time.time()
    floor.house.start("web")
    back = await desk.first(lambda it: it.state in {"IN_CALL", "WRAP_UP"}, after=started)
    measured("web", banner=shown, back=back)

    assert await desk.part("customer-name").first.inner_text() == customer
    assert await desk.part("note").input_value() == NOTE
    await desk.finish()
    (row,) = await floor.until(
        "SELECT a.leaf, a.note, c.cause FROM actions a JOIN calls c ON c.id = a.call_id"
        " WHERE a.call_id = :call",
        call=call,
    )
    assert row == {"leaf": "HUNG_UP_BEFORE_ID", "note": NOTE, "cause": "COMPLETED"}
    await floor.nothing_left()


async def test_a_killed_dialer_leaves_nothing_and_the_agent_works_on(
    floor: Floor, desk: Seat, measured: Measured
) -> None:
    call = await desk.in_call()
    await desk.write_note(NOTE)
    (old,) = await floor.all("SELECT max(fence) AS fence FROM dialer_leases")

    killed = time.time()
    floor.house.stop("dialer", signal.SIGKILL)
    floor.house.start("dialer")
    over = await desk.first(lambda it: it.state in {"WRAP_UP", "WRAP_OVER"}, after=killed)
    measured("dialer", wrap_up=over)

    await expect(desk.part("broken")).to_be_visible(timeout=SOON)  # and why it ended
    assert await desk.part("note").input_value() == NOTE
    (row,) = await floor.until(
        "SELECT cause, hangup_by, fence FROM calls WHERE id = :call AND ended_at IS NOT NULL",
        call=call,
    )
    assert (row["cause"], row["hangup_by"]) == ("CARRIER_ERROR", "CARRIER")
    assert row["fence"] == old["fence"], "opened by the dialer that died"
    await desk.finish()
    again = await desk.in_call()
    assert again != call
    (new,) = await floor.all("SELECT fence FROM calls WHERE id = :call", call=again)
    assert new["fence"] > old["fence"]
    await desk.finish()
    await floor.nothing_left()


async def test_a_dialer_killed_during_wrap_up_keeps_its_deadline(floor: Floor, desk: Seat) -> None:
    await desk.in_call()
    await desk.hang_up()
    await desk.reach("WRAP_UP")
    await desk.page.reload()  # his line's ups and downs are no part of the reckoning
    await desk.reach("WRAP_UP")
    await desk.watch()
    deadline = (await desk.card())["deadline"]
    (old,) = await floor.all("SELECT max(fence) AS fence FROM dialer_leases")

    floor.house.stop("dialer", signal.SIGKILL)
    floor.house.start("dialer")
    await floor.until("SELECT 1 FROM dialer_leases WHERE fence > :old", old=old["fence"])
    await desk.page.keyboard.press("Alt+W")  # thirty seconds more, granted by the new one
    async with asyncio.timeout(30):
        while (told := (await desk.card())["deadline"]) == deadline:  # noqa: ASYNC110 - the page tells nobody
            await asyncio.sleep(0.1)
    assert told == deadline + EXTENSION_MS
    await desk.finish()
    await floor.nothing_left()


async def test_a_killed_worker_makes_the_wall_say_that_it_is_old(
    floor: Floor, desk: Seat, chromium: Browser, measured: Measured
) -> None:
    wall = await open_wall(floor, chromium)
    await desk.in_call()

    killed = time.time()
    floor.house.stop("worker", signal.SIGKILL)
    stale = await first_shown(wall, lambda it: it.stale and it.strip == "stale", after=killed)
    assert stale <= WALL_STALE

    # The agent goes on working without a worker; his outcome is left to it when wrap-up runs out.
    await desk.choose("9")
    await desk.hang_up()
    await desk.reach("WRAP_UP")
    await desk.reach("READY", "RESERVED", "IN_CALL", within=90_000)
    left = await floor.all("SELECT call_id FROM drafts WHERE body ? 'outcome'")
    assert left, "nobody but the worker records what wrap-up's end left over"

    started = time.time()
    floor.house.start("worker")
    fresh = await first_shown(wall, lambda it: not it.stale, after=started)
    measured("worker", stale=stale, fresh=fresh)
    await floor.until(
        "SELECT 1 FROM actions WHERE call_id = :call AND leaf = 'HUNG_UP_BEFORE_ID'",
        call=left[0]["call_id"],
    )
    await wall.context.close()
    await desk.in_call()
    await desk.finish()
    await floor.nothing_left()


async def test_a_dialer_killed_three_times_among_many_calls_leaves_none_of_them(
    floor: Floor, desk: Seat
) -> None:
    await desk.page.context.close()
    await floor.open_crowd(BOTS)
    for _ in range(3):
        await floor.until(
            "SELECT 1 FROM calls WHERE ended_at IS NULL HAVING count(*) > :some"
            " AND count(connected_at) > 0",
            some=BOTS // 2,
        )
        (old,) = await floor.all("SELECT max(fence) AS fence FROM dialer_leases")
        floor.house.stop("dialer", signal.SIGKILL)
        floor.house.start("dialer")
        await floor.until(
            "SELECT 1 FROM dialer_leases WHERE fence > :old AND NOT EXISTS"
            " (SELECT FROM calls WHERE fence <= :old AND ended_at IS NULL)",
            old=old["fence"],
        )
        await floor.until(
            "SELECT 1 FROM calls WHERE fence > :old AND connected_at IS NOT NULL", old=old["fence"]
        )
    await floor.nothing_left()
    doubled = await floor.all(
        "SELECT customer_id FROM calls WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1"
    )
    assert doubled == [], "one customer was called twice at once"
