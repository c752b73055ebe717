"""Commands about a person who owes: what he agreed to, and that he is forgotten."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from app.command.frame import APP, Place, at_place, say

if TYPE_CHECKING:
    from app.erasure.service import Erased

ChannelName = Literal["call", "sms", "email"]

CUSTOMER = App(name="customer", help="Consent of a person, and erasing his data.")
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


@CUSTOMER.command(name="consent")
def note_consent(cif: str, *, given: bool, source: str, channel: ChannelName = "call") -> None:
    """Write down that a customer agreed to be contacted about what he owes, or does not any more.

    Parameters
    ----------
    cif: His number at the bank.
    given: `--given` that he agreed, `--no-given` that he took it back.
    source: How we know: the contract, a letter and its day.
    channel: By which means.
    """
    new = at_place(partial(_consent, cif=cif, given=given, source=source, channel=channel))
    say("Noted." if new else "That is what is noted already.")


async def _consent(place: Place, *, cif: str, given: bool, source: str, channel: str) -> int:
    from app.audit.service import SYSTEM
    from app.customers import consents, service
    from app.customers.rules import Channel, Word

    word = Word(given=given, source=source, channel=Channel(channel.upper()))
    async with place.database.writing() as session:
        person = await service.find_by_cif(session, cif)
        return await consents.note(session, {person.id: word}, SYSTEM, place.clock)


async def _erase(place: Place, *, cif: str, reason: str, force: bool) -> tuple[Erased, int]:
    from app.audit.service import SYSTEM
    from app.erasure import service as erasure
    from app.errors import Unavailable
    from realtime.broker import BrokerLost
    from realtime.broker_redis import RedisBroker
    from realtime.redis_client import connect

    # The cards before the commit: without them nothing is erased, and it can be asked for again.
    async with (
        connect(place.redis_url) as client,
        place.database.writing() as session,
    ):
        now = place.clock.now()
        erased = await erasure.erase_customer(session, cif, SYSTEM, now, reason=reason, force=force)
        try:
            cards = await erasure.forget_cards(RedisBroker(place.redis_url, client), erased)
        except BrokerLost as lost:
            raise Unavailable(f"Nothing was erased, Redis does not answer: {lost}") from lost
    return erased, cards
