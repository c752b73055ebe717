"""What tests of the engine look at: ends of calls, their states, the agent's cards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from dialer.core.call import CallState
from dialer.core.records import CallEnded
from tests.support.dialer import uid
from tests.support.dialing import Rig, until

if TYPE_CHECKING:
    from uuid import UUID

AGENT = uid(0xA1)


def ends(rig: Rig) -> list[CallEnded]:
    """The ends of calls that were written."""
    return [r for r in rig.journal.records if isinstance(r, CallEnded)]


async def connected(rig: Rig) -> tuple[UUID, UUID]:
    """A floor of one agent with his first customer."""
    user = await rig.seat()
    await until(lambda: rig.leads.opened)
    call = rig.leads.opened[0]
    await until(lambda: state_of(rig, call) is CallState.BRIDGED)
    return user, call


async def shown(rig: Rig, key: str, state: str) -> Any:
    """The agent's card once it says so: cards leave at the end of the turn that changed them."""
    for _ in range(1_000):
        card = await rig.card(AGENT, key)
        if card is not None and card["state"] == state:
            return card
        await asyncio.sleep(0.005)
    raise TimeoutError(f"the card {key} never said {state}")


def state_of(rig: Rig, call: UUID) -> CallState | None:
    """What the floor knows of a call."""
    known = rig.engine.floor.call(call)
    return None if known is None else known.state
