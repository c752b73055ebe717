"""Who may dial: the lease over all campaigns, its fencing number, and the check that every write makes.

One dialer leads the room and with it every campaign, those made later too. Time is passed in; no server's
clock decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import WriteSession

# Writers share this lock for their transaction; who takes the lease holds it alone. So a takeover waits
# for writes under way, and each later write sees the new number.
_LOCK_KEY: Final = 0x7061_6365_0001
# A dialer that is stopped in the middle of a transaction must not keep the others waiting for ever: its
# session is ended and the transaction with it. This ends a connection, it decides about no lease.
_STALLED_MS: Final = 2_000
_PATIENCE_MS: Final = 5_000

_GUARD = text(
    "SELECT set_config('idle_in_transaction_session_timeout', :stalled, true),"
    " pg_advisory_xact_lock_shared(:key)"
)
_SEIZE = text(
    "SELECT set_config('idle_in_transaction_session_timeout', :stalled, true),"
    " set_config('lock_timeout', :patience, true)"
)
_IN_FORCE = text("SELECT coalesce(max(fence), 0) FROM dialer_leases")
_HOLDER = text("SELECT owner, expires_at FROM dialer_leases")
_TAKE = text(
    """
    INSERT INTO dialer_leases (room, owner, fence, expires_at) VALUES ('floor', :owner, :fence, :until)
    ON CONFLICT (room) DO UPDATE
    SET owner = excluded.owner, fence = excluded.fence, expires_at = excluded.expires_at
    """
)
_PROLONG = text(
    "UPDATE dialer_leases SET expires_at = :until WHERE owner = :owner AND fence = :fence RETURNING fence"
)
_RELEASE = text(
    "UPDATE dialer_leases SET expires_at = 'epoch', owner = '' WHERE owner = :owner AND fence = :fence"
)


async def take(session: WriteSession, owner: str, now: datetime, until: datetime) -> int | None:
    """Take the lease and return its new number; None while another's runs.

    Looked at once without the lock, so that whoever waits for the lease does not hold up who has it.
    """
    if await _is_held(session, owner, now):
        return None
    await session.execute(_SEIZE, {"stalled": str(_STALLED_MS), "patience": str(_PATIENCE_MS)})
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    if await _is_held(session, owner, now):
        return None
    fence = int((await session.execute(_IN_FORCE)).scalar_one()) + 1
    await session.execute(_TAKE, {"owner": owner, "fence": fence, "until": until})
    return fence


async def _is_held(session: WriteSession, owner: str, now: datetime) -> bool:
    holder = (await session.execute(_HOLDER)).first()
    return holder is not None and holder.owner not in {"", owner} and holder.expires_at > now


async def prolong(session: WriteSession, owner: str, fence: int, until: datetime) -> bool:
    """Keep the lease until then. False when it is not held any more."""
    if await guard(session) != fence:
        return False
    held = await session.execute(_PROLONG, {"owner": owner, "fence": fence, "until": until})
    return bool(held.all())


async def release(session: WriteSession, owner: str, fence: int) -> None:
    """Give it back; the number stays, so that the next one is higher. Nothing when it is not held."""
    await session.execute(_RELEASE, {"owner": owner, "fence": fence})


async def guard(session: WriteSession) -> int:
    """The number in force, which cannot change before this transaction ends. First call of a fenced write."""
    await session.execute(_GUARD, {"stalled": str(_STALLED_MS), "key": _LOCK_KEY})
    return int((await session.execute(_IN_FORCE)).scalar_one())
