"""Addresses of `/monitor`: the page, what it asks of live calls, and stepping in and out of them.

What happens in a call comes down by the socket, as cards of the dialer; nothing here decides it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.calls.rules import Cause, cause_label
from app.errors import Forbidden, Invalid
from app.history.dispositions import TREE
from app.monitor import notes, service
from app.monitor.rules import NEEDS, Criterion, Mode
from app.people.answers import NO_STORE, json_answer
from app.people.doors import Deed, Door, Needs, Visit, Whom
from app.people.rules import Permission
from app.people.shell import page_context

if TYPE_CHECKING:
    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.monitor.service import Room
    from app.render import Pages

PAGE = "/monitor"
PATHS = {
    Mode.LISTEN: "listen",
    Mode.WHISPER: "whisper",
    Mode.BARGE: "barge",
    Mode.TAKE_OVER: "take-over",
}


class InCall(msgspec.Struct):
    """Which call of the agent in the path."""

    call: UUID


class Policy(msgspec.Struct):
    """Whether an agent is told that he is listened to."""

    shown: bool


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


@dataclass(frozen=True, slots=True)
class MonitorDoors:
    """The doors of `/monitor`."""

    database: Database
    pages: Pages
    room: Room
    clock: Clock
    page_phones: bool = False  # pages are telephones here

    def doors(self) -> list[Door | Deed]:
        """Every address of this slice. Each mode is its own permission; the gate looks at whose agent it is."""
        listen, coach, own = Permission.MONITOR_LISTEN, Permission.AGENT_COACH, Needs.SIGN_IN
        return [
            Door("GET", PAGE, listen, self.show, Whom.LISTED),
            Door("GET", f"{PAGE}/calls", listen, self.show_calls, Whom.LISTED),
            Door("GET", f"{PAGE}/leads", listen, self.show_leads, Whom.LISTED),
            Door("GET", f"{PAGE}/{{user}}", listen, self.show_call, Whom.USER),
            *(
                Deed(
                    f"{PAGE}/{{user}}/{path}",
                    NEEDS[mode],
                    partial(self.step_in, mode),
                    InCall,
                    self.tell_step,
                    whom=Whom.USER,
                )
                for mode, path in PATHS.items()
            ),
            Door("GET", f"{PAGE}/{{user}}/notes", coach, self.show_notes, Whom.USER),
            Deed(f"{PAGE}/{{user}}/notes", coach, self.note, notes.Written, whom=Whom.USER),
            Deed(f"{PAGE}/stay", own, self.stay, Nothing, spoken=True),
            Deed(f"{PAGE}/leave", own, self.leave, Nothing, spoken=True),
            Deed(f"{PAGE}/policy", Permission.ROLES_EDIT, self.change_policy, Policy),
        ]

    async def show(self, visit: Visit) -> Response:
        """The page; its calls come by the socket."""
        who = visit.user
        async with self.database.reading() as session:
            context: dict[str, Any] = await page_context(session, visit)
            shown = await service.listening_shown(session)
        team = who.person.team_id
        context["boot"]["monitor"] = {
            "scopes": service.scopes(who),
            "team": None if team is None else str(team),
            "shown": shown,
            "criteria": list(Criterion),
            "sets_policy": who.may(Permission.ROLES_EDIT),
        }
        context["boot"]["softphone"] = self.page_phones and not who.person.desk_phone
        text = self.pages.page("monitor/monitor.html", visit.language, **context)
        return HTMLResponse(text, headers=NO_STORE)

    async def show_calls(self, visit: Visit) -> Response:
        """What is to be known of the live calls within reach."""
        async with self.database.reading() as session:
            found = await service.live_calls(session, visit.user, visit.now)
        return json_answer({"calls": msgspec.to_builtins(found)})

    async def show_leads(self, visit: Visit) -> Response:
        """What those who lead have done today."""
        async with self.database.reading() as session:
            found = await service.leads_of_today(session, visit.user, visit.now)
        return json_answer({"leads": msgspec.to_builtins(found)})

    async def show_call(self, visit: Visit) -> Response:
        """One call of an agent within reach: his present one, or (`call` in the query) one that is over."""
        agent = _agent_in(visit)
        cards = await self.room.desk_cards(agent)
        call = _call_in(visit) or _present(cards)
        if call is None:
            return json_answer({"call": None})
        async with self.database.reading() as session:
            shown = await service.show_call(session, agent, call, cards, visit.user)
        shown["outcome"] = _path_of(shown["draft"].get("leaf") or shown["leaf"], visit.language)
        if shown["cause"] is not None:
            shown["cause"] = cause_label(Cause(shown["cause"]), visit.language)
        return json_answer(msgspec.to_builtins(shown))

    async def step_in(
        self, mode: Mode, visit: Visit, body: InCall, session: WriteSession
    ) -> dict[str, Any]:
        """Listen, whisper, join in or take over. The same again changes nothing (check MO8)."""
        agent = _agent_in(visit)
        service.check_live(await self.room.desk_cards(agent), body.call)
        shown = await service.listening_shown(session)
        return {"agent": agent, "call": body.call, "mode": mode, "shown": shown}

    async def tell_step(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The room does it, writes it and shows it."""
        await self.room.step_in(
            visit.user,
            agent=UUID(answer["agent"]),
            call=UUID(answer["call"]),
            mode=answer["mode"],
            visible=answer["shown"],
            at_ms=visit.now_ms,
        )

    async def stay(self, visit: Visit, _body: Nothing, _session: None) -> dict[str, Any]:
        """The page is still there: it says so every few seconds, else the session ends (check MO9)."""
        if not service.scopes(visit.user):  # it was taken from him: his session runs out
            raise Forbidden("Your role does not step into calls.", code="FORBIDDEN")
        await self.room.stay_in(visit.user.id, visit.now_ms)
        return {}

    async def leave(self, visit: Visit, _body: Nothing, _session: None) -> dict[str, Any]:
        """Out of the call; one that was taken over ends."""
        await self.room.step_out(visit.user.id, visit.now_ms)
        return {}

    async def show_notes(self, visit: Visit) -> Response:
        """What was noted of an agent's work lately."""
        async with self.database.reading() as session:
            found = await notes.notes_of(session, _agent_in(visit))
        return json_answer({"notes": msgspec.to_builtins(found)})

    async def note(
        self, visit: Visit, body: notes.Written, session: WriteSession
    ) -> dict[str, Any]:
        """Score a call, or note something of an agent's work."""
        written = await notes.note(session, _agent_in(visit), body, visit.user, self.clock)
        return {"note": written}

    async def change_policy(
        self, visit: Visit, body: Policy, session: WriteSession
    ) -> dict[str, Any]:
        """Whether an agent is told that he is listened to, from the next time on."""
        await service.show_listening(session, visit.user, on=body.shown, now=visit.now)
        return {"shown": body.shown, "next": PAGE}


def _agent_in(visit: Visit) -> UUID:
    return visit.id_in("user", "There is no such agent.")


def _call_in(visit: Visit) -> UUID | None:
    named = visit.request.query_params.get("call")
    try:
        return UUID(named) if named else None
    except ValueError:
        raise Invalid("That is no call.", field="call") from None


def _path_of(leaf: str | None, language: str) -> list[str]:
    """An outcome in words, from the widest to the leaf; empty for none."""
    found = TREE.leaf(leaf) if leaf else None
    return [] if found is None else list(TREE.path(found, language))


def _present(cards: Any) -> UUID | None:
    call = (cards.get("agent") or {}).get("call")
    return UUID(call) if call else None
