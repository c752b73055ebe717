"""Addresses between an agent and those who lead him: help, breaks to be granted, messages, orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import msgspec

from app.breaks import service as breaks
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission
from app.supervision import rules, service
from app.supervision.rules import Kind, Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.supervision.rules import Shown


class Room(Protocol):
    """How those who lead reach an agent's desk; fulfilled by `app.desk.asking`."""

    async def call_of(self, user_id: UUID) -> UUID | None:
        """The call at this desk; None without one."""
        ...

    async def show(self, cards: Iterable[Shown]) -> None:
        """Publish cards."""
        ...

    async def grant_break(
        self, user_id: UUID, reason: str, limit_ms: int | None, at_ms: int
    ) -> None:
        """The break that an agent asked for begins, after wrap-up when he has a call."""
        ...

    async def order_break(
        self, user_id: UUID, reason: str, limit_ms: int | None, by: str, at_ms: int
    ) -> None:
        """An agent is sent on a break by somebody of this name."""
        ...

    async def order_out(self, user_id: UUID, by: str, at_ms: int) -> None:
        """An agent is signed out by somebody of this name."""
        ...


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


class Help(msgspec.Struct):
    """Why somebody is wanted, as far as there is time to say it."""

    reason: str = "UNSAID"
    note: str = ""


class Close(msgspec.Struct):
    """How a request ends."""

    result: Result


class Words(msgspec.Struct):
    """A message."""

    text: str


class Order(msgspec.Struct):
    """A break to be taken: a code of the break reasons."""

    reason: str


class Why(msgspec.Struct):
    """Why an agent is signed out, for the trail."""

    why: str


@dataclass(frozen=True, slots=True)
class SupervisionDoors:
    """The doors between agents and those who lead them."""

    database: Database
    clock: Clock
    room: Room

    def doors(self) -> list[Door | Deed]:
        """Every address of this slice."""
        desk, coach, order = Permission.DESK_USE, Permission.AGENT_COACH, Permission.AGENT_ORDER
        listed, user = Whom.LISTED, Whom.USER
        return [
            Deed("/desk/help", desk, self.ask_help, Help, self.tell_request),
            Deed("/desk/help/withdraw", desk, self.withdraw_help, Nothing, self.tell_withdrawn),
            Deed("/desk/break/withdraw", desk, self.withdraw_break, Nothing, self.tell_withdrawn),
            Deed("/desk/messages/{id}/seen", desk, self.see, Nothing, self.tell_message),
            Deed("/requests/{id}/take", coach, self.take, Nothing, self.tell_request, whom=listed),
            Deed("/requests/{id}/close", coach, self.close, Close, self.tell_closed, whom=listed),
            Deed("/agents/{user}/message", coach, self.send, Words, self.tell_message, whom=user),
            Deed(
                "/agents/{user}/break", order, self.order_break, Order, self.tell_break, whom=user
            ),
            Deed("/agents/{user}/sign-out", order, self.order_out, Why, self.tell_out, whom=user),
        ]

    async def ask_help(self, visit: Visit, body: Help, session: WriteSession) -> dict[str, Any]:
        """Somebody is wanted at this desk; asked twice it is one request."""
        call = await self.room.call_of(visit.user.id)
        wish = service.Wish(Kind.HELP, body.reason, body.note, call)
        request = await service.ask(session, wish, visit.user, self.clock)
        return {"request": request.id}

    async def withdraw_help(
        self, visit: Visit, _body: Nothing, session: WriteSession
    ) -> dict[str, Any]:
        """Nobody is wanted any more."""
        return await self._withdraw(visit, session, Kind.HELP)

    async def withdraw_break(
        self, visit: Visit, _body: Nothing, session: WriteSession
    ) -> dict[str, Any]:
        """No break after all."""
        return await self._withdraw(visit, session, Kind.BREAK)

    async def _withdraw(self, visit: Visit, session: WriteSession, kind: Kind) -> dict[str, Any]:
        request = await service.withdraw(session, visit.user, kind, visit.now)
        return {"request": None if request is None else request.id, "kind": kind}

    async def take(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """I am coming."""
        request = await service.take(session, _id_in(visit), visit.user, visit.now)
        return {"request": request.id}

    async def close(self, visit: Visit, body: Close, session: WriteSession) -> dict[str, Any]:
        """Help was given; or the break is granted, or not."""
        request = await service.close(session, _id_in(visit), visit.user, body.result, visit.now)
        limit = None
        if request.result is Result.APPROVED:
            limit = (await breaks.limits_ms(session)).get(request.reason)
        return {"request": request.id, "limit_ms": limit}

    async def send(self, visit: Visit, body: Words, session: WriteSession) -> dict[str, Any]:
        """A message to an agent at his desk."""
        agent, who = _id_in(visit, "user"), visit.user
        message = await service.send_message(session, agent, body.text, who, self.clock)
        return {"message": message.id}

    async def see(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """The agent has read it."""
        message = await service.see_message(session, _id_in(visit), visit.user, visit.now)
        return {"message": message.id}

    async def order_break(self, visit: Visit, body: Order, session: WriteSession) -> dict[str, Any]:
        """Send an agent on a break."""
        terms = await breaks.find_offered(session, body.reason)
        agent = _id_in(visit, "user")
        await service.order_break(session, agent, terms.code, visit.user, visit.now)
        return {"user": agent, "reason": terms.code, "limit_ms": breaks.limit_ms(terms)}

    async def order_out(self, visit: Visit, body: Why, session: WriteSession) -> dict[str, Any]:
        """Sign an agent out; with a customer on the line, when his call is over."""
        agent = _id_in(visit, "user")
        await service.order_out(session, agent, body.why, visit.user, visit.now)
        return {"user": agent}

    async def tell_request(self, _visit: Visit, answer: dict[str, Any]) -> None:
        """Agent and leads see the request as it stands."""
        async with self.database.reading() as session:
            request = await service.find_request(session, UUID(answer["request"]))
        await self.room.show(rules.request_cards(request))

    async def tell_withdrawn(self, visit: Visit, answer: dict[str, Any]) -> None:
        """It is gone; so is what was left of one that somebody denied."""
        await self.room.show([(f"agent:{visit.user.id}", answer["kind"].lower(), None)])
        if answer["request"] is not None:
            await self.tell_request(visit, answer)

    async def tell_closed(self, visit: Visit, answer: dict[str, Any]) -> None:
        """They see how it ended, and a break that was granted begins."""
        async with self.database.reading() as session:
            request = await service.find_request(session, UUID(answer["request"]))
        if request.result is Result.APPROVED:
            user, limit = request.agent_id, answer["limit_ms"]
            await self.room.grant_break(user, request.reason, limit, visit.now_ms)
        await self.room.show(rules.request_cards(request))

    async def tell_message(self, _visit: Visit, answer: dict[str, Any]) -> None:
        """Agent and leads see the message as it stands."""
        async with self.database.reading() as session:
            message = await service.find_message(session, UUID(answer["message"]))
        await self.room.show(rules.message_cards(message))

    async def tell_break(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The room sends him."""
        user, reason, limit = UUID(answer["user"]), answer["reason"], answer["limit_ms"]
        name = visit.user.person.short_name
        await self.room.order_break(user, reason, limit, name, visit.now_ms)

    async def tell_out(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The room signs him out; his sign-in ends when it has."""
        name = visit.user.person.short_name
        await self.room.order_out(UUID(answer["user"]), name, visit.now_ms)


def _id_in(visit: Visit, name: str = "id") -> UUID:
    return visit.id_in(name, "There is no such thing here.")
