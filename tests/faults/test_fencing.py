"""A dialer that stood still past its lease can do nothing any more (decisions.md 10)."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.floor import Floor

LATER = """
SELECT a.id FROM attempts a, dialer_leases l
WHERE a.fence < l.fence AND a.at > CAST(:taken AS timestamptz)
"""


@pytest.mark.timeout(240)
async def test_a_dialer_that_was_stopped_past_its_lease_writes_dials_and_reserves_nothing(
    floor: Floor,
) -> None:
    house = floor.house
    floor.load_people(400)
    floor.start_campaign()
    await floor.open_crowd(4)
    await floor.until("SELECT 1 FROM calls WHERE connected_at IS NOT NULL")
    (old,) = await floor.all("SELECT max(fence) AS fence FROM dialer_leases")

    house.running["dialer"].send_signal(signal.SIGSTOP)
    house.start("dialer", called="successor")
    (new,) = await floor.until(
        "SELECT max(fence) AS fence FROM dialer_leases HAVING max(fence) > :old",
        seconds=120.0,
        old=old["fence"],
    )
    await floor.until(
        "SELECT 1 FROM calls WHERE fence = :new AND connected_at IS NOT NULL", new=new["fence"]
    )
    taken = floor.clock.now()
    house.running["dialer"].send_signal(signal.SIGCONT)
    ended = await asyncio.to_thread(house.running["dialer"].wait, 30)

    assert ended == 3, house.log("dialer").read_text()[-2000:]
    assert await floor.all(LATER, taken=taken) == []
    await floor.until(
        "SELECT 1 FROM calls WHERE fence = :new AND created_at > CAST(:taken AS timestamptz)"
        " AND connected_at IS NOT NULL",
        new=new["fence"],
        taken=taken,
    )
    doubled = await floor.all(
        "SELECT a.agent_id FROM calls a JOIN calls b ON a.agent_id = b.agent_id AND a.id < b.id"
        " AND tstzrange(a.assigned_at, coalesce(a.ended_at, 'infinity'))"
        " && tstzrange(b.assigned_at, coalesce(b.ended_at, 'infinity'))"
        " WHERE a.connected_at IS NOT NULL AND b.connected_at IS NOT NULL"
    )
    assert doubled == [], "one agent had two calls at once"
    await floor.nothing_left()
