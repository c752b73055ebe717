"""Addresses of training: to begin and end it, a call to practise on, and what an outcome of it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.breaks.rules import TRAINING
from app.desk import training
from app.desk.intents import Pause
from app.desk.outcomes import Form
from app.desk.pop import Speaker
from app.errors import NotFound
from app.people.answers import json_answer
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission

if TYPE_CHECKING:
    from starlette.responses import Response

    from app.db import Database, WriteSession
    from app.desk.asking import Asking

MOST_CALLS = 1_000_000


class Switch(msgspec.Struct):
    """On or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class TrainingDoors:
    """The doors of training."""

    database: Database
    asking: Asking

    def doors(self) -> list[Door | Deed]:
        """Every address of training."""
        desk, order = Permission.DESK_USE, Permission.AGENT_ORDER
        return [
            Deed("/desk/training", desk, self.turn_own, Switch, self.tell),
            Deed("/agents/{user}/training", order, self.turn, Switch, self.tell, whom=Whom.USER),
            Door("GET", "/desk/practice/{id}", desk, self.show_lesson),
            Deed("/desk/practice/judge", desk, self.judge, Form),
        ]

    async def turn_own(self, visit: Visit, body: Switch, session: WriteSession) -> dict[str, Any]:
        """One's own desk into training, or out of it; in a call it begins after it."""
        return await self._turn(visit, visit.user.id, body, session)

    async def turn(self, visit: Visit, body: Switch, session: WriteSession) -> dict[str, Any]:
        """The desk of an agent within reach."""
        return await self._turn(visit, UUID(visit.request.path_params["user"]), body, session)

    async def _turn(
        self, visit: Visit, user: UUID, body: Switch, session: WriteSession
    ) -> dict[str, Any]:
        change = training.begin if body.on else training.end
        await change(session, user, visit.user.actor, visit.now)
        return {"user": user, "on": body.on}

    async def tell(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The room gives him no calls; his page begins to practise, or is done with it."""
        user = UUID(answer["user"])
        if answer["on"]:
            await self.asking.send(Pause(user=user, reason=TRAINING, at_ms=visit.now_ms))
        card = training.CARD if answer["on"] else None
        await self.asking.show([(f"agent:{user}", training.KEY, card)])

    async def show_lesson(self, visit: Visit) -> Response:
        """The screen of a call of practice, and what its customer says."""
        number, who = visit.request.path_params["id"], visit.user.person
        if not (number.isascii() and number.isdigit() and int(number) < MOST_CALLS):
            raise NotFound("There is no such call of practice.")
        speaker = Speaker(who.id, who.short_name, visit.language)
        async with self.database.reading() as session:
            found = await training.lesson(session, int(number), speaker, visit.now)
        return json_answer({"ok": True, **found})

    async def judge(self, visit: Visit, body: Form, session: WriteSession) -> dict[str, Any]:
        """What an outcome that was practised is worth; it is not recorded."""
        judged = await training.judge(session, body, visit.language, visit.now)
        return {"call": body.call, "fits": judged.fits, "why": judged.why}
