"""The written record of who was in which call, and what a page shows of a call.

The dialer writes each change as it happens, in its own transaction: a row for each mode and an event of the
trail for each change. The pages read here; orders go to the dialer by `Room`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from app.accounts.rules import bucket_of
from app.audit import service as audit
from app.errors import NotFound, Refused
from app.monitor import rules, store
from app.monitor.rules import Change, End, Mode
from app.people import service as people
from app.people.rules import Permission, Scope
from app.values.ids import RANDOM_BYTES, new_id
from app.values.phone import masked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.people.service import Identity

LIVES_AT_MOST: Final = timedelta(hours=24)
SPEAKING: Final = frozenset({"IN_CALL", "HELD"})
MOMENTS: Final = (
    "dialing_at",
    "ringing_at",
    "answered_at",
    "assigned_at",
    "painted_at",
    "connected_at",
    "ended_at",
    "wrapped_at",
)
TYPED: Final = ("leaf", "note", "ticked", "promise", "callback")


class Room(Protocol):
    """How those who lead reach the room of calls; fulfilled by `app.desk.asking`."""

    async def desk_cards(self, user_id: UUID) -> Mapping[str, Any]:
        """What an agent's desk shows now, by key."""
        ...

    async def step_in(
        self, who: Identity, *, agent: UUID, call: UUID, mode: str, visible: bool, at_ms: int
    ) -> None:
        """Let somebody be in this agent's call in this mode."""
        ...

    async def stay_in(self, by: UUID, at_ms: int) -> None:
        """The page of somebody who is in a call is still there."""
        ...

    async def step_out(self, by: UUID, at_ms: int) -> None:
        """Leave the call."""
        ...


# --- the record ---------------------------------------------------------------------------------


async def note_change(session: WriteSession, change: Change, clock: Clock) -> None:
    """Write a change of mode, and have it on the trail. Written again it changes nothing."""
    news = False
    if change.since is not None:
        news |= await store.end(
            session,
            by=change.by,
            call=change.call,
            since=change.since,
            at=change.at,
            why=change.why,
        )
    if change.after is not None:
        row = {
            "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
            "supervisor_id": change.by,
            "call_id": change.call,
            "agent_id": change.agent,
            "mode": change.after,
            "started_at": change.at,
            "visible_to_agent": change.visible,
        }
        news |= await store.begin(session, row)
    if news:
        await _trace(session, change)


async def _trace(session: WriteSession, change: Change) -> None:
    """One event for each change: from which mode since when, to which, at whose desk."""
    person = await people.find_person(session, change.by)
    role = person.roles[0] if person is not None and person.roles else None
    since = None if change.since is None else change.since.isoformat()
    verb = "changed_mode" if change.before and change.after else "entered"
    audit.record(
        session,
        audit.Actor(id=change.by, role=role),
        verb=verb if change.after else "left",
        entity="call",
        entity_id=change.call,
        now=change.at,
        before=None if change.before is None else {"mode": change.before, "since": since},
        after={"mode": change.after, "agent": str(change.agent), "shown": change.visible},
        reason=change.why,
    )


async def close_left(session: WriteSession, now: datetime) -> None:
    """End the sessions that an earlier dialer left open: nobody is in any call any more."""
    for left in await store.lock_open(session):
        change = Change(
            by=left.by,
            call=left.call,
            agent=left.agent,
            at=now,
            before=left.mode,
            since=left.since,
            after=None,
            visible=left.visible,
            why=End.RESTARTED.value,
        )
        await store.end(
            session, by=left.by, call=left.call, since=left.since, at=now, why=change.why
        )
        await _trace(session, change)


# --- what the page shows ------------------------------------------------------------------------


def scopes(who: Identity) -> dict[str, str]:
    """How far each mode reaches for somebody; what he may not do is left out."""
    found = {mode.value: who.scope(rules.NEEDS[mode]) for mode in Mode}
    return {mode: scope.value for mode, scope in found.items() if scope is not Scope.NOBODY}


async def live_calls(session: ReadSession, who: Identity, now: datetime) -> list[dict[str, Any]]:
    """What is to be known of the live calls within reach, beside what the wall tells of their agents."""
    zone = (await people.organisation(session)).timezone
    found = await store.live_calls(
        session,
        team=who.only_team(Permission.MONITOR_LISTEN),
        since=now - LIVES_AT_MOST,
        today=now.astimezone(ZoneInfo(zone)).date(),
    )
    return [
        {
            "call": live.call,
            "agent": live.agent,
            "bucket": None if live.dpd is None else bucket_of(live.dpd).code,
            "dpd": live.dpd,
            "flags": live.flags,
            "reasons": rules.reasons(live, now),
        }
        for live in found
    ]


async def leads_of_today(session: ReadSession, who: Identity, now: datetime) -> list[store.Led]:
    """What those who lead did today: whoever sees every team sees all of them, the others themselves."""
    zone = (await people.organisation(session)).timezone
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    only = None if who.scope(Permission.MONITOR_LISTEN) is Scope.ALL else who.id
    return await store.leads(session, who=who.id, only=only, since=midnight, now=now)


async def show_call(
    session: ReadSession, agent: UUID, call: UUID, cards: Mapping[str, Any], who: Identity
) -> dict[str, Any]:
    """One call as whoever listens sees it. Raises `NotFound` for one that was never at this agent's desk."""
    found = await store.find_call(session, call)
    if found is None or found["agent_id"] != agent:
        raise NotFound("There is no such call at this desk.", code="CALL_NOT_THERE")
    screen = cards.get(f"screen:{call}")
    draft = await store.read_draft(session, call, agent)
    draft = {**(draft.get("outcome") or {}), **draft}
    return {
        "call": call,
        "agent": agent,
        "campaign": found["campaign"],
        "moments": {name: found[name] for name in MOMENTS if found[name] is not None},
        "held_ms": found["held_ms"],
        "cause": found["cause"],
        "leaf": found["leaf"],
        "screen": _veiled(screen) if who.may(Permission.CUSTOMER_VIEW) else None,
        "draft": {name: draft[name] for name in TYPED if draft.get(name)},
        "sessions": await store.sessions_of(session, call),
    }


def _veiled(screen: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The screen without whole numbers: whoever listens needs none of them."""
    if screen is None:
        return None
    call = {**screen["call"], "number": masked(screen["call"]["number"])}
    cards = {name: card for name, card in screen["cards"].items() if name != "phones"}
    return {**screen, "call": call, "cards": cards}


def check_live(cards: Mapping[str, Any], call: UUID) -> None:
    """Raises `Refused` unless the agent speaks in this call just now, by his own desk's card."""
    agent = cards.get("agent") or {}
    if agent.get("call") != str(call) or agent.get("state") not in SPEAKING:
        raise Refused("This call is over.", code="CALL_OVER")


async def listening_shown(session: ReadSession) -> bool:
    """Whether an agent is told that he is listened to: the organisation's policy."""
    return await store.listening_shown(session)


async def show_listening(session: WriteSession, who: Identity, *, on: bool, now: datetime) -> None:
    """Change that policy."""
    before = await store.listening_shown(session)
    await store.show_listening(session, on=on)
    house = await people.organisation(session)
    audit.record(
        session,
        who.actor,
        verb="changed",
        entity="organisation",
        entity_id=house.id,
        now=now,
        before={"listening_shown": before},
        after={"listening_shown": on},
    )
