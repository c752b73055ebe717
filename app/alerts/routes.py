"""Addresses of alerts: acknowledge, put aside, and the numbers from where on they are raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from app.alerts import service
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import WriteSession


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


class Aside(msgspec.Struct):
    """For how many minutes."""

    minutes: int


class Numbers(msgspec.Struct):
    """Which threshold, and its numbers; None has the default again."""

    name: str
    numbers: dict[str, float | None] | None = None


@dataclass(frozen=True, slots=True)
class AlertDoors:
    """The doors of alerts."""

    def doors(self) -> list[Door | Deed]:
        """Every address of alerts."""
        handle = Permission.ALERT_HANDLE
        return [
            Deed("/alerts/{id}/ack", handle, self.acknowledge, Nothing, whom=Whom.LISTED),
            Deed("/alerts/{id}/shelve", handle, self.shelve, Aside, whom=Whom.LISTED),
            Deed("/alerts/numbers", Permission.ALERT_EDIT, self.change_numbers, Numbers),
        ]

    async def acknowledge(
        self, visit: Visit, _body: Nothing, session: WriteSession
    ) -> dict[str, Any]:
        """Somebody has seen it."""
        alert = _alert_in(visit)
        await service.acknowledge(session, alert, visit.user, now=visit.now)
        return {"alert": alert}

    async def shelve(self, visit: Visit, body: Aside, session: WriteSession) -> dict[str, Any]:
        """Put it aside for a while."""
        alert = _alert_in(visit)
        await service.shelve(session, alert, body.minutes, visit.user, now=visit.now)
        return {"alert": alert, "minutes": body.minutes}

    async def change_numbers(
        self, visit: Visit, body: Numbers, session: WriteSession
    ) -> dict[str, Any]:
        """Other numbers, for the whole organisation."""
        await service.change_numbers(session, body.name, body.numbers, visit.user, now=visit.now)
        return {"name": body.name}


def _alert_in(visit: Visit) -> UUID:
    return visit.id_in("id", "There is no such alert.")
