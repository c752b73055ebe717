"""What each agent sees of his own day: figures against targets, calls that he agreed, those he missed.

The cards `day`, `reminder:{callback}`, `announcement:{id}` and `training` of his desk, published by
whichever worker draws the walls.
Reminders are looked at in every round; figures, which cost more, a share of the floor at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.customers.rules import PersonName, spoken_address
from app.desk import store, training
from app.people import service as people
from app.supervision import announcements
from app.targets import service as targets
from realtime.broker import Card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import Database, ReadSession
    from app.desk.store import Agreed, Figures, Seated
    from app.targets.rules import Target
    from realtime.broker import Broker
    from realtime.frames import Position

REMIND_BEFORE: Final = timedelta(minutes=5)
AHEAD: Final = timedelta(days=1)  # how far the next agreed call is looked for
AT_ONCE: Final = 100  # agents whose figures are read in one round
DAY: Final = "day"
REMINDER: Final = "reminder:"

Cards = dict[str, bytes]


@dataclass(slots=True)
class _Desk:
    """What one desk shows of its day, and the figures that were read last."""

    shown: Cards = field(default_factory=dict)
    place: Position | None = None
    figures: Figures | None = None


class OwnDay:
    """Publishes own days while `tick` is called, every few seconds, by one process."""

    def __init__(self, *, database: Database, broker: Broker, clock: Clock) -> None:
        self._database = database
        self._broker = broker
        self._clock = clock
        self._desks: dict[UUID, _Desk] = {}
        self._turn = 0

    async def tick(self, day_began: datetime) -> int:
        """One round: returns how many cards were published."""
        now = self._clock.now()
        async with self._database.reading() as session:
            seated = await store.seated(session)
            agreed = await store.agreed(
                session, [each.user for each in seated], now=now, until=now + AHEAD
            )
            set_targets = await targets.list_targets(session)
            unread = await announcements.unread(session, [each.user for each in seated], now)
            organisation = await people.find_organisation(session)
            await self._read_figures(session, seated, day_began, now)
        await self._catch_up(seated)
        currency = organisation.base_currency if organisation else "VND"
        wanted = {
            each.user: self._cards(each, agreed.get(each.user, ()), set_targets, currency, now)
            for each in seated
        }
        for user, found in unread.items():
            told = {f"{announcements.KEY}{each.id}": announcements.card(each) for each in found}
            wanted[user] |= {key: msgspec.msgpack.encode(card) for key, card in told.items()}
        return await self._publish(wanted)

    async def _read_figures(
        self, session: ReadSession, seated: Sequence[Seated], since: datetime, now: datetime
    ) -> None:
        """Read those of the next share of the floor, and of whoever is new."""
        self._desks = {each.user: self._desks.get(each.user, _Desk()) for each in seated}
        users = sorted(self._desks)
        share = users[self._turn : self._turn + AT_ONCE]
        self._turn = self._turn + AT_ONCE if self._turn + AT_ONCE < len(users) else 0
        for user, figures in (await store.figures(session, share, since=since, now=now)).items():
            self._desks[user].figures = figures

    async def _catch_up(self, seated: Sequence[Seated]) -> None:
        """What the desks show now, as the broker has it: another process may have published, or it forgot."""
        asked = [(_channel(each.user), self._desks[each.user].place) for each in seated]
        replies = await self._broker.catch_up(asked) if asked else []
        for each, reply in zip(seated, replies, strict=True):
            desk = self._desks[each.user]
            if desk.place is None or desk.place.epoch != reply.position.epoch:
                desk.shown = {}
            desk.place = reply.position
            for _, key, value in reply.cards:
                if key in {DAY, training.KEY} or key.startswith((REMINDER, announcements.KEY)):
                    desk.shown.pop(key, None)
                    if value is not None:
                        desk.shown[key] = value

    def _cards(
        self,
        seated: Seated,
        agreed: Sequence[Agreed],
        set_targets: Sequence[Target],
        currency: str,
        now: datetime,
    ) -> Cards:
        wanted = targets.targets_for(set_targets, seated.user, seated.team)
        near = [each for each in agreed if is_near(each, now)]
        ahead = next((each for each in agreed if each.state == "SCHEDULED"), None)
        figures = self._desks[seated.user].figures
        cards: dict[str, Any] = {DAY: day_card(figures, ahead, wanted, currency)}
        cards |= {f"{REMINDER}{each.id}": reminder_card(each) for each in near}
        if seated.training:
            cards[training.KEY] = training.CARD
        return {key: msgspec.msgpack.encode(card) for key, card in cards.items()}

    async def _publish(self, wanted: Mapping[UUID, Cards]) -> int:
        batch: list[tuple[str, list[Card]]] = []
        for user, cards in wanted.items():
            shown = self._desks[user].shown
            changed = [Card(key, card) for key, card in cards.items() if shown.get(key) != card]
            changed += [Card(key, None) for key in shown if key not in cards]
            if changed:
                batch.append((_channel(user), changed))
        if batch:
            await self._broker.publish_many(batch)
        return sum(len(cards) for _, cards in batch)


def is_near(agreed: Agreed, now: datetime) -> bool:
    """Whether an agreed call is to be spoken of: soon, now, missed, or put off."""
    return (
        agreed.snoozed_until is not None
        or agreed.state != "SCHEDULED"
        or agreed.at <= now + REMIND_BEFORE
    )


def reminder_card(agreed: Agreed) -> dict[str, Any]:
    """The card `reminder:{callback}`: whom, when (ms), until when it counts as kept or is put off."""
    at = _ms(agreed.at)
    return {
        "id": str(agreed.id),
        "at": at,
        "until": at + agreed.window_minutes * 60_000,
        "state": agreed.state,
        "name": _spoken(agreed),
        "snoozed": None if agreed.snoozed_until is None else _ms(agreed.snoozed_until),
    }


def day_card(
    figures: Figures | None,
    ahead: Agreed | None,
    wanted: Mapping[targets.Metric, int],
    currency: str,
) -> dict[str, Any]:
    """The card `day`: figures that the card `stats` does not have, targets, the next agreed call."""
    known = figures or store.NO_FIGURES
    return {
        "wrap_up_s": known.wrap_up_s,
        "occupancy_pct": known.occupancy_pct,
        "collected_minor": known.collected.get(currency, 0),
        "currency": currency,
        "targets": {metric.lower(): value for metric, value in wanted.items()},
        "next": {"at": _ms(ahead.at), "name": _spoken(ahead)} if ahead else None,
    }


def _spoken(agreed: Agreed) -> str:
    """How the agent calls him; a company by its name."""
    if agreed.kind != "INDIVIDUAL" or not agreed.given:
        return agreed.display
    name = PersonName(agreed.family, agreed.middle, agreed.given, agreed.display)
    return spoken_address(agreed.salutation, name, agreed.language)


def _channel(user: UUID) -> str:
    return f"agent:{user}"


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
