"""`dialer.journal.Journal` over PostgreSQL: who was in which call is written once, and on the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dialer.core.monitor import MonitorChanged
from tests.support.journal import AGENT
from tests.support.journal import OTHER as LEADER
from tests.support.rows import START_MS as NOW

if TYPE_CHECKING:
    from tests.support.journal import Room

SESSIONS = (
    "SELECT mode, extract(epoch FROM started_at)::bigint * 1000 - :now, visible_to_agent, reason,"
    " extract(epoch FROM ended_at - started_at)::int FROM monitor_sessions ORDER BY started_at"
).replace(":now", str(NOW))
TRAIL = (
    "SELECT verb, before ->> 'mode', after ->> 'mode', reason FROM audit_events"
    " WHERE entity = 'call' ORDER BY at, id"
)


def change(
    room: Room, after_ms: int, before: str | None, after: str | None, **more: Any
) -> MonitorChanged:
    """From one mode to another, so many ms after the call was opened."""
    since = more.pop("since", None)
    return MonitorChanged(
        by=LEADER, call=room.call, agent=AGENT, at_ms=NOW + after_ms, before=before,
        since_ms=None if since is None else NOW + since, after=after,
        visible=after != "LISTEN", why=more.pop("why", None),
    )  # fmt: skip


def visit(room: Room) -> list[MonitorChanged]:
    return [
        change(room, 1_000, None, "LISTEN"),
        change(room, 4_000, "LISTEN", "WHISPER", since=1_000),
        change(room, 9_000, "WHISPER", None, since=4_000, why="CALL_ENDED"),
    ]


@pytest.mark.req("P0-005")
@pytest.mark.parametrize("times", [1, 2])
async def test_mo2_each_change_of_mode_is_one_row_and_one_event(room: Room, times: int) -> None:
    for _ in range(times):
        await room.write(*visit(room))
    assert await room.rows(SESSIONS) == [
        ("LISTEN", 1_000, False, None, 3),
        ("WHISPER", 4_000, True, "CALL_ENDED", 5),
    ]
    assert await room.rows(TRAIL) == [
        ("entered", None, "LISTEN", None),
        ("changed_mode", "LISTEN", "WHISPER", None),
        ("left", "WHISPER", None, "CALL_ENDED"),
    ]


async def test_the_trail_names_who_since_when_and_at_whose_desk(room: Room) -> None:
    await room.write(*visit(room))
    actor, role, since, agent = await room.one(
        "SELECT actor_id, role, before ->> 'since', after ->> 'agent' FROM audit_events"
        " WHERE verb = 'changed_mode'"
    )
    assert (actor, role, UUID(agent)) == (LEADER, "AGENT", AGENT)
    assert since


async def test_what_an_earlier_dialer_left_open_is_ended(room: Room) -> None:
    await room.write(visit(room)[0])
    for _ in range(2):
        await room.journal.restore(NOW + 60_000, room.fence)
    assert await room.rows(SESSIONS) == [("LISTEN", 1_000, False, "RESTARTED", 59)]
    assert await room.rows(TRAIL) == [
        ("entered", None, "LISTEN", None),
        ("left", "LISTEN", None, "RESTARTED"),
    ]
