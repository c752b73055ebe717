"""What the telephone network takes from all campaigns together: calls in a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import service as audit
from app.campaigns import store
from app.campaigns.lawful import MOST_CALLS_PER_SECOND
from app.errors import Conflict, Invalid

if TYPE_CHECKING:
    from datetime import datetime

    from app.audit.service import Actor
    from app.db import WriteSession

FIELD = "carrier_calls_per_second"


async def set_carrier_pace(
    session: WriteSession, wanted: int | None, *, was: int | None, actor: Actor, now: datetime
) -> None:
    """Place no more calls than so many within any second, of all campaigns together; None: no cap.

    Tell the dialer after the commit: `CampaignChanged` of any campaign. Raises Invalid out of bounds or when
    nothing would change, Conflict when it is not `was` any more.
    """
    if wanted is not None and not 1 <= wanted <= MOST_CALLS_PER_SECOND:
        raise Invalid(
            f"Calls per second lie between 1 and {MOST_CALLS_PER_SECOND}; leave it empty for no cap.",
            code="CARRIER_PACE",
            field=FIELD,
        )
    if wanted == was:
        raise Invalid("Nothing is changed: set another number.", code="UNCHANGED", field=FIELD)
    if not await store.set_carrier_pace(session, wanted, was=was):
        raise Conflict("Somebody else has changed this meanwhile.", code="VERSION", field=FIELD)
    audit.record(
        session, actor, verb="changed", entity="organisation", entity_id="all", now=now,
        before={FIELD: was}, after={FIELD: wanted},
    )  # fmt: skip
