"""Commands about a person who owes: so far, that he is forgotten."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cyclopts import App

from app.command.frame import APP, Place, at_place, say

if TYPE_CHECKING:
    from app.erasure.service import Erased

CUSTOMER = App(name="customer", help="Erase a person's data.")
APP.command(CUSTOMER)


@CUSTOMER.command(name="erase")
def erase_customer(cif: str, *, reason: str, force: bool = False) -> None:
    """Take away whatever tells who a customer was; amounts, outcomes and the trail stay. For good.

    Parameters
    ----------
    cif: His number at the bank.
    reason: Why, for the trail. It is kept, so it must not name him.
    force: Even while he owes: only where the law wants it.
    """
    erased, cards = at_place(partial(_erase, cif=cif, reason=reason, force=force))
    told = ", ".join(f"{count} {name}" for name, count in erased.counts.items() if count)
    say(f"Erased: {told or 'the customer'}; {cards} cards of desks.")
    say("Backups made before hold him until they are thrown away (docs/operations.md).")


async def _erase(place: Place, *, cif: str, reason: str, force: bool) -> tuple[Erased, int]:
    import redis.asyncio as redis

    from app.audit.service import SYSTEM
    from app.erasure import service as erasure
    from app.errors import Unavailable
    from realtime.broker import BrokerLost
    from realtime.broker_redis import RedisBroker

    # The cards before the commit: without them nothing is erased, and it can be asked for again.
    async with (
        redis.Redis.from_url(place.redis_url) as client,
        place.database.writing() as session,
    ):
        now = place.clock.now()
        erased = await erasure.erase_customer(session, cif, SYSTEM, now, reason=reason, force=force)
        try:
            cards = await erasure.forget_cards(RedisBroker(place.redis_url, client), erased)
        except BrokerLost as lost:
            raise Unavailable(f"Nothing was erased, Redis does not answer: {lost}") from lost
    return erased, cards
