"""Addresses of the agent's telephone: its credentials, which one he speaks by, how it sounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import msgspec

from app.errors import Refused
from app.people import service as people
from app.people.answers import NotPermitted, json_answer
from app.people.doors import Deed, Door, Needs, Visit, Whom
from app.people.rules import Permission
from app.phone.rules import REGISTRATION_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from starlette.responses import Response

    from app.db import WriteSession
    from app.observe import Metrics
    from app.people.service import Person
    from app.phone.registrar import Registrar

VOICE = "voice"  # the card of how an agent's telephone sounds, on his own channel
STALE_MS = 60_000  # figures older than that are of a telephone that is gone

Share = Annotated[float, msgspec.Meta(ge=0, le=100)]
Millis = Annotated[float, msgspec.Meta(ge=0, le=60_000)]


class Nothing(msgspec.Struct):
    """A deed that needs no words."""


class Choice(msgspec.Struct):
    """Whether he speaks by the telephone on his desk, and not by his page."""

    desk_phone: bool


class Quality(msgspec.Struct):
    """The last ten seconds of the voice that came to the page: share lost, jitter and round trip."""

    loss_pct: Share
    jitter_ms: Millis
    rtt_ms: Millis


class Room(Protocol):
    """What is asked of the floor."""

    async def signed_in(self, person: Person) -> None:
        """Tell the dialer what changed about an agent who is on the floor."""

    async def is_busy(self, user_id: UUID) -> bool:
        """Whether he has a customer."""

    async def show(self, cards: Iterable[tuple[str, str, Mapping[str, Any] | None]]) -> None:
        """Publish cards, by channel and key."""

    async def card(self, user_id: UUID, key: str) -> dict[str, Any]:
        """A card of an agent's channel; empty without."""


@dataclass(frozen=True, slots=True)
class PhoneDoors:
    """The doors of this slice. Without a `registrar` nobody speaks by his page."""

    room: Room
    metrics: Metrics
    registrar: Registrar | None = None

    def doors(self) -> list[Door | Deed]:
        """Every address of the telephone."""
        needs, coach = Permission.DESK_USE, Permission.AGENT_COACH
        return [
            # Spoken: an answer that holds a secret must not be stored.
            Deed("/desk/phone", needs, self.issue, Nothing, spoken=True),
            Deed("/monitor/phone", Needs.SIGN_IN, self.issue_to_lead, Nothing, spoken=True),
            Deed("/desk/phone/choice", needs, self.choose, Choice, self.tell_choice),
            Deed("/desk/phone/quality", needs, self.note, Quality, self.tell_note, spoken=True),
            Door("GET", "/agents/{user}/voice", coach, self.show_voice, Whom.USER),
        ]

    async def issue(self, visit: Visit, _body: Nothing, _session: None) -> dict[str, Any]:
        """Credentials for the page that asks; those before them are worth nothing any more."""
        if self.registrar is None or visit.user.person.desk_phone:
            raise Refused("You speak by a telephone on your desk.", code="NO_PAGE_PHONE")
        issued = await self.registrar.issue(visit.user.id)
        return {
            "address": self.registrar.address,
            "user": issued.user,
            "secret": issued.secret,
            "token": issued.token,
            "lives_ms": issued.lives_ms,
            "registration_s": REGISTRATION_S,
        }

    async def issue_to_lead(self, visit: Visit, body: Nothing, session: None) -> dict[str, Any]:
        """The same for somebody who steps into calls from his page of them, and may sit at no desk."""
        needed = Permission.MONITOR_LISTEN
        if not visit.user.may(needed):
            raise NotPermitted(needed, visit.user.rights.who_may(needed))
        return await self.issue(visit, body, session)

    async def choose(self, visit: Visit, body: Choice, session: WriteSession) -> dict[str, Any]:
        """By which telephone he speaks from now on; not while a customer is on one of them."""
        if self.registrar is None:
            raise Refused("You speak by a telephone on your desk.", code="NO_PAGE_PHONE")
        if await self.room.is_busy(visit.user.id):
            raise Refused("Finish the call first.", code="PHONE_IN_USE")
        await people.choose_phone(
            session, visit.user.person, visit.user.actor, desk_phone=body.desk_phone, now=visit.now
        )
        return {"desk_phone": body.desk_phone}

    async def tell_choice(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer rings where he wants to be rung."""
        person = replace(visit.user.person, desk_phone=answer["desk_phone"])
        await self.room.signed_in(person)

    async def note(self, visit: Visit, body: Quality, _session: None) -> dict[str, Any]:
        """How it sounds: for the figures, and for whoever leads him."""
        self.metrics.voice_loss_ratio.observe(body.loss_pct / 100)
        self.metrics.voice_jitter_seconds.observe(body.jitter_ms / 1000)
        self.metrics.voice_round_trip_seconds.observe(body.rtt_ms / 1000)
        return {"voice": {**msgspec.structs.asdict(body), "at": visit.now_ms}}

    async def tell_note(self, visit: Visit, answer: dict[str, Any]) -> None:
        """Keep the last word on his own channel."""
        await self.room.show([(f"agent:{visit.user.id}", VOICE, answer["voice"])])

    async def show_voice(self, visit: Visit) -> Response:
        """How an agent's telephone sounded last; null when it has not been heard of for a minute."""
        agent = visit.id_in("user", "There is no such user.", "USER_UNKNOWN")
        voice = await self.room.card(agent, VOICE)
        fresh = bool(voice) and visit.now_ms - voice["at"] <= STALE_MS
        return json_answer({"ok": True, "voice": voice if fresh else None})
